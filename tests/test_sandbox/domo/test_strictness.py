"""Where Domo is strict, so is the sandbox's: tokens, CSV, types, limits, executions."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.domo.clients import CLIENT, COLLEAGUE, WITHOUT_DATA
from sandbox.domo.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from sandbox import Sandbox

    Ask = Callable[..., requests.Response]

WIDTH = "Invalid CSV provided during upload. msg=There are too "


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (b'a,1\r\n"b",2\r\n', "a,1\nb,2\n"),
        (b',\n"",1', ',\n"",1\n'),
        (b'"a ""b"" \\","3"\n', '"a ""b"" \\",3\n'),
        (b'"one\ntwo",-9223372036854775808\n', '"one\ntwo",-9223372036854775808\n'),
        ("é😀,".encode(), "é😀,\n"),
        (b"", ""),
        (gzip.compress(b"a,1\n"), "a,1\n"),
    ],
    ids=["row ends", "null and empty", "quotes", "line in text", "unicode", "nothing", "gzip"],
)
def test_csv_is_kept(sent: bytes, stored: str, upload: Callable[..., requests.Response]) -> None:
    assert upload(sent, "STRING", "LONG").text == stored


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"a,1,2\n", f"{WIDTH}many columns. Expected 2. Row 1, column 3."),
        (b"a,1\nb\n", f"{WIDTH}few columns. Expected 2. Row 2, column 1."),
        (b"a,1\n\nb,2\n", "Row 2 is empty"),
        (b'a"b,1\n', "Unexpected character"),
        (b'"a"b,1\n', "Unexpected character"),
        (b'"a,1\n', "Unexpected character"),
        (b"a\rb,1\n", "Unexpected character"),
        (b"\xff,1\n", "not UTF-8"),
        (gzip.compress(b"a,1\n")[:-9], "damaged"),
        (b"id,likes\na,1\n", "Data import failed"),
    ],
    ids=[
        *("many", "few", "blank line", "bare quote", "after quote", "open quote", "lone CR"),
        *("bytes", "cut gzip", "header"),
    ],
)
def test_other_csv_is_refused(
    sent: bytes, said: str, upload: Callable[..., requests.Response]
) -> None:
    answer = upload(sent, "STRING", "LONG")
    assert (answer.status_code, said in answer.json()["message"]) == (400, True), answer.text
    assert answer.json()["toe"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("LONG", "-12", "1.0"),
        ("LONG", "9223372036854775807", "9223372036854775808"),
        ("DOUBLE", "0.00000015", "1.5e-7"),
        ("DECIMAL", "-1.50", "NaN"),
        ("DATE", "2024-02-29", "2023-02-29"),
        ("DATETIME", "2024-02-29T23:59:59", "2024-02-29T23:59:59Z"),
        ("DATETIME", "2024-02-29 23:59:59", "2024-02-29T23:59:59.5"),
        ("LONG", "1", '""'),
    ],
)
def test_values_have_their_columns_type(
    kind: str, good: str, bad: str, upload: Callable[..., requests.Response]
) -> None:
    assert upload(f"x,{good}\n".encode(), "STRING", kind).text == f"x,{good}\n"
    assert upload(f"x,{bad}\n".encode(), "STRING", kind).status_code == 400


def test_text_is_cut_silently(sandbox: Sandbox, upload: Callable[..., requests.Response]) -> None:
    assert len(upload(b"x" * 1025, "STRING").text) == 1025  # and the end of the line
    sandbox.domo.set(cut_strings_at=None)
    assert len(upload(b"x" * 4000, "STRING").text) == 4001


@pytest.mark.parametrize(
    ("method", "path", "accept", "status"),
    [
        ("GET", "/v1/datasets", "application/json", 401),
        ("GET", "/v1/datasets/x/data", "text/csv", 406),
    ],
    ids=["json", "csv"],
)
def test_an_expired_token_is_refused(
    method: str, path: str, accept: str, status: int, sandbox: Sandbox, ask: Ask
) -> None:
    sandbox.domo.set(token_seconds=20)
    assert ask("GET", "/v1/datasets").ok
    sandbox.clock.advance(21)
    answer = ask(method, path, accept=accept)
    assert answer.status_code == status
    if status == 401:
        assert "Jwt expired" in answer.headers["WWW-Authenticate"]
    else:
        assert "Full authentication is required" in answer.text


def test_other_peoples_datasets_are_denied_with_400(sandbox: Sandbox, ask: Ask) -> None:
    theirs = sandbox.domo.add("theirs", [Column("STRING", "id")], COLLEAGUE)
    answer = ask("GET", f"/v1/datasets/{theirs.id}")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Infrastructure problem (403): Access is denied",
    )
    assert ask("GET", f"/v1/datasets/{theirs.id}", client=COLLEAGUE).ok
    assert set(ask("GET", "/v1/datasets", client=WITHOUT_DATA).json()) == {"status", "toe"}


def test_a_connectors_dataset_takes_no_rows(sandbox: Sandbox, ask: Ask) -> None:
    made = sandbox.domo.add(
        "connected", [Column("STRING", "id")], CLIENT, rows=[("1",)], is_api_made=False
    )
    assert ask("GET", f"/v1/datasets/{made.id}/data", accept="text/csv").text == "1\n"
    headers = {"Content-Type": "text/csv"}
    assert (
        ask("PUT", f"/v1/datasets/{made.id}/data", data=b"2\n", headers=headers).status_code == 400
    )
    assert ask("GET", f"/v1/streams/search?q=dataSource.id:{made.id}").json() == []


@pytest.mark.parametrize("answer", ["429", "403"])
def test_commits_are_limited(
    answer: Any, sandbox: Sandbox, ask: Ask, stream: Callable[..., int], load: Callable[..., Any]
) -> None:
    sandbox.domo.set(limit_answer=answer)
    number = stream()
    assert load(number, b"a,1\n")["currentState"] == "ACTIVE"
    assert load(number, b"b,1\n")["status"] == int(answer)
    refused = ask("PUT", f"/v1/streams/{number}/executions/2/commit")
    assert refused.status_code == int(answer)
    if answer == "429":
        assert 0 < int(refused.headers["Retry-After"]) <= 901
    sandbox.clock.advance(900)
    assert ask("PUT", f"/v1/streams/{number}/executions/2/commit").ok


def test_nothing_is_seen_before_success(
    ask: Ask, stream: Callable[..., int], load: Callable[..., Any]
) -> None:
    number = stream()
    execution = load(number, b"a,1\n")
    assert (execution["currentState"], "endedAt" in execution) == ("ACTIVE", False)
    (found,) = ask("GET", "/v1/datasets").json()
    assert found["rows"] == 0
    assert ask("GET", f"/v1/streams/{number}/executions/1").json()["currentState"] == "SUCCESS"
    (found,) = ask("GET", "/v1/datasets").json()
    assert found["rows"] == 1


@pytest.mark.parametrize(
    ("switches", "csv", "state"),
    [
        ({"bad_values": "index"}, b"a,x\n", "INVALID"),
        ({}, b"a,1\na,2\n", "INVALID"),
        ({}, b",1\n", "INVALID"),
        ({}, b"a,1\n", "SUCCESS"),
    ],
    ids=["bad value", "repeated key", "null key", "good"],
)
def test_processing_may_fail(
    switches: dict[str, Any],
    csv: bytes,
    state: str,
    sandbox: Sandbox,
    stream: Callable[..., int],
    load: Callable[..., Any],
) -> None:
    sandbox.domo.set(processing_seconds=0, **switches)
    assert load(stream(keyColumnNames=["id"]), csv)["currentState"] == state


@pytest.mark.parametrize(("repeated", "rows"), [("overwrite", 1), ("append", 2)])
def test_a_repeated_part(
    repeated: Any, rows: int, sandbox: Sandbox, ask: Ask, stream: Callable[..., int]
) -> None:
    sandbox.domo.set(repeated_parts=repeated, processing_seconds=0)
    base = f"/v1/streams/{stream()}/executions"
    ask("POST", base)
    for _ in range(2):
        headers = {"Content-Type": "text/csv"}
        assert ask("PUT", f"{base}/1/part/1", data=b"a,1\n", headers=headers).ok
    ask("PUT", f"{base}/1/commit")
    assert ask("GET", f"{base}/1").json()["rows"] == rows


def test_spellings_of_key_columns_may_be_unknown(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.domo.set(key_properties=["keyColumnName"])
    columns = [{"type": "STRING", "name": "id"}]
    body = {"dataSet": {"name": "keyed", "schema": {"columns": columns}}, "updateMethod": "APPEND"}
    answer = ask("POST", "/v1/streams", json={**body, "keyColumnNames": ["id"]})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        'Unrecognized field "keyColumnNames"',
    )
    made = ask("POST", "/v1/streams", json={**body, "keyColumnName": "id"}).json()
    assert made["keyColumnName"] == "id"


def test_a_changed_schema_moves_values_by_name(
    sandbox: Sandbox, ask: Ask, upload: Callable[..., requests.Response]
) -> None:
    upload(b"a,1\n", "STRING", "LONG")
    (guid,) = sandbox.domo.datasets
    columns = [
        {"type": "LONG", "name": "c1"},
        {"type": "LONG", "name": "c0"},
        {"type": "DATE", "name": "new"},
    ]
    ask("PUT", f"/v1/datasets/{guid}", json={"schema": {"columns": columns}})
    assert ask("GET", f"/v1/datasets/{guid}/data").text == "1,,\n"


def test_switches_are_set_from_outside(sandbox: Sandbox, session: requests.Session) -> None:
    set_to = {"token_seconds": 20}
    assert session.post(f"{sandbox.url}/sandbox/domo", json=set_to).ok
    assert sandbox.domo.switches.token_seconds == 20
    answer = session.post(f"{sandbox.url}/sandbox/domo", json={"colour": "red"})
    assert (answer.status_code, "colour" in answer.json()["error"]) == (400, True)
    body = {"name": "people", "columns": {"id": "STRING"}, "csv": "1\n"}
    made = session.post(f"{sandbox.url}/sandbox/domo/datasets", json=body).json()
    (shown,) = session.get(f"{sandbox.url}/sandbox/domo").json()["datasets"]
    assert (shown["id"], shown["rows"]) == (made["id"], 1)


def test_requests_are_limited(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.domo.set(requests_per_minute=2)
    answers = [ask("GET", "/v1/datasets").status_code for _ in range(3)]
    sandbox.clock.advance(60)
    assert [*answers, ask("GET", "/v1/datasets").status_code] == [200, 200, 429, 200]
