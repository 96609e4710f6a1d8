"""Domo's own Python client against the sandbox's Domo: what it accepts does not depend on ours."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
from pydomo import Domo

from sandbox.domo.clients import CLIENT, WITHOUT_DATA

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

COLUMNS = [{"type": "STRING", "name": "id"}, {"type": "LONG", "name": "likes"}]
HOSTILE = ['a "quoted" word', "one\ntwo\r\nthree", "a,b", "back\\slash", "'", "é😀", " x "]
pytestmark = pytest.mark.tells_secrets("pydomo logs the body of every request at DEBUG")


def pydomo(sandbox: Sandbox, **settings: Any) -> Domo:
    given = {"client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret, **settings}
    return Domo(**given, api_host=urlsplit(sandbox.url).netloc, use_https=False)


def made(domo: Domo, name: str = "posts", columns: list[dict[str, str]] = COLUMNS) -> str:
    return str(domo.datasets.create({"name": name, "schema": {"columns": columns}})["id"])


def test_a_dataset_is_made_found_changed_and_deleted(sandbox: Sandbox) -> None:
    domo = pydomo(sandbox)
    guid = made(domo)
    assert domo.ds_meta(guid)["schema"]["columns"] == COLUMNS
    domo.datasets.update(guid, {"name": "Renamed", "description": "What was said"})
    (found,) = domo.ds_list(df_output=False, name_like="renam")
    assert (found["id"], found["rows"], found["columns"]) == (guid, 0, 2)
    assert "schema" not in found
    domo.ds_delete(guid, prompt_before_delete=False)
    assert list(domo.ds_list(df_output=False)) == []
    with pytest.raises(Exception, match="Dataset not found"):
        domo.ds_meta(guid)


def test_listings_come_in_pages_of_fifty(sandbox: Sandbox) -> None:
    domo = pydomo(sandbox)
    for number in range(51):
        made(domo, f"{number:03}")
    assert [each["name"] for each in domo.ds_list(df_output=False)] == [
        f"{n:03}" for n in range(51)
    ]
    asked = [
        each for each in sandbox.requests if each.path == "/v1/datasets" and each.method == "GET"
    ]
    assert len(asked) == 3


def test_imports_replace_and_append(sandbox: Sandbox) -> None:
    domo = pydomo(sandbox)
    guid = made(domo)
    domo.datasets.data_import(guid, "1,10\n2,\n")
    domo.datasets.data_import(guid, '"",3\n', "APPEND")
    assert domo.datasets.data_export(guid, include_csv_header=True) == 'id,likes\n1,10\n2,\n"",3\n'
    # Domo takes an unknown method for REPLACE
    domo.datasets.data_import(guid, "4,4", "append")
    assert domo.datasets.data_export(guid, include_csv_header=False) == "4,4\n"


@pytest.mark.parametrize("status", [200, 201])
def test_a_frame_goes_through_a_stream_and_comes_back(status: int, sandbox: Sandbox) -> None:
    sandbox.domo.set(created_status=status)
    domo = pydomo(sandbox)
    sent = pd.DataFrame({"id": HOSTILE, "likes": range(len(HOSTILE))})
    guid = domo.ds_create(sent, "hostile", "texts")
    (stream,) = domo.streams.search(f"dataSource.id:{guid}")
    assert stream["dataSet"]["rows"] == 0
    execution = domo.streams.get_execution(stream["id"], 1)
    assert (execution["currentState"], "endedAt" in execution) == ("ACTIVE", False)
    execution = domo.streams.get_execution(stream["id"], 1)
    assert (execution["currentState"], execution["rows"]) == ("SUCCESS", len(HOSTILE))
    back = domo.ds_get(guid)
    assert list(back["id"]) == HOSTILE
    assert list(back["likes"]) == list(range(len(HOSTILE)))


def test_upserts_replace_rows_by_key(sandbox: Sandbox) -> None:
    sandbox.domo.set(commit_interval_seconds=0, processing_seconds=0)
    domo = pydomo(sandbox)
    first = pd.DataFrame({"id": ["a", "b"], "likes": [1, 2]})
    guid = domo.ds_create(first, "keyed", update_method="UPSERT", key_column_names=["id"])
    domo.ds_update(guid, pd.DataFrame({"id": ["b", "c"], "likes": [20, 30]}))
    assert domo.ds_get(guid).values.tolist() == [["a", 1], ["b", 20], ["c", 30]]


def test_parts_are_taken_in_any_order_and_compressed(sandbox: Sandbox, tmp_path: Path) -> None:
    domo = pydomo(sandbox)
    dataset = {"name": "parts", "schema": {"columns": COLUMNS}}
    stream = domo.streams.create({"dataSet": dataset, "updateMethod": "REPLACE"})
    execution = domo.streams.create_execution(stream["id"])
    path = tmp_path / "part.csv"
    path.write_text("c,3\n")
    domo.streams.upload_gzip_part_from_file(
        stream["id"], execution["id"], 3, path, stream_file=False, chunk_size=0
    )
    domo.streams.upload_part(stream["id"], execution["id"], 1, "a,1\n")
    with pytest.raises(Exception, match="Too many non-consecutive part ids"):
        domo.streams.commit_execution(stream["id"], execution["id"])
    with gzip.open(tmp_path / "part.csv.gz", "wt") as part:
        part.write("b,2\n")
    domo.streams.upload_csv_part_from_file(
        stream["id"], execution["id"], 2, str(tmp_path / "part.csv.gz"), "gzip"
    )
    domo.streams.commit_execution(stream["id"], execution["id"])
    for _ in range(2):
        domo.streams.get_execution(stream["id"], execution["id"])
    exported = domo.datasets.data_export(stream["dataSet"]["id"], include_csv_header=False)
    assert exported == "a,1\nb,2\nc,3\n"


def test_aborting_discards_the_parts(sandbox: Sandbox) -> None:
    domo = pydomo(sandbox)
    guid = made(domo)
    assert domo.streams.search(f"dataSource.id:{guid}") == []
    dataset = {"name": "aborted", "schema": {"columns": COLUMNS}}
    stream = domo.streams.create({"dataSet": dataset, "updateMethod": "APPEND"})["id"]
    for _ in range(2):
        execution = domo.streams.create_execution(stream)["id"]
        domo.streams.upload_part(stream, execution, 1, "a,1\n")
    states = [each["currentState"] for each in domo.streams.list_executions(stream, 50, 0)]
    assert states == ["ABORTED", "ACTIVE"]
    domo.streams.abort_current_execution(stream)
    with pytest.raises(Exception, match="takes no more parts"):
        domo.streams.upload_part(stream, execution, 2, "b,2\n")


def test_queries_answer_as_documented(sandbox: Sandbox) -> None:
    domo = pydomo(sandbox)
    guid = made(domo)
    domo.datasets.data_import(guid, "b,2\na,9007199254740993\nc,\n")
    answer = domo.ds_query(
        guid, "SELECT `id`, likes FROM table ORDER BY id LIMIT 2", return_data=False
    )
    assert answer["rows"] == [["a", 9007199254740993], ["b", 2]]
    assert (answer["columns"], answer["numRows"], answer["fromcache"]) == (
        ["id", "likes"],
        2,
        False,
    )
    with pytest.raises(Exception, match=r"Invalid column\(s\) referenced"):
        domo.ds_query(guid, "SELECT nope FROM table")
    with pytest.raises(Exception, match="Unable to parse SQL"):
        domo.ds_query(guid, "SELEC id FROM table")


def test_a_token_that_is_no_jwt_is_renewed_before_every_request(sandbox: Sandbox) -> None:
    for opaque, tokens in ((False, 1), (True, 4)):
        sandbox.reset()
        sandbox.domo.set(opaque_tokens=opaque)
        domo = pydomo(sandbox)
        for _ in range(3):
            list(domo.ds_list(df_output=False))
        assert [each.path for each in sandbox.requests].count("/oauth/token") == tokens


def test_ids_become_floats_where_one_is_blank(sandbox: Sandbox) -> None:
    """What the docs warn of: a column of integers with a blank among them is one of floats."""
    frame = pd.DataFrame({"id": [2244994945, None], "name": ["a", "b"]})
    domo = pydomo(sandbox)
    guid = domo.ds_create(frame, "people")
    assert domo.ds_meta(guid)["schema"]["columns"][0] == {"type": "DOUBLE", "name": "id"}
    for _ in range(2):
        domo.streams.get_execution(1, 1)
    assert domo.datasets.data_export(guid, include_csv_header=False).startswith("2244994945.0,a\n")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"client_secret": "wrong"}, "Bad credentials"),
        ({"scope": ["buzz"]}, "Invalid scope"),
    ],
    ids=["secret", "scope"],
)
def test_a_client_that_may_not_ask_is_refused(
    settings: dict[str, Any], said: str, sandbox: Sandbox
) -> None:
    with pytest.raises(Exception, match=said):
        pydomo(sandbox, **settings)


def test_a_client_without_the_scope_data_sees_nothing(sandbox: Sandbox) -> None:
    domo = pydomo(
        sandbox,
        client_id=WITHOUT_DATA.client_id,
        client_secret=WITHOUT_DATA.client_secret,
    )
    with pytest.raises(Exception, match='"status":403'):
        list(domo.ds_list(df_output=False))
