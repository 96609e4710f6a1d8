"""`dataset sql --engine sail`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pytest
from support.dataset_command import failed, succeeded

from dataset_store import DatasetSpec, StoreError, open_store, sail_queries

if TYPE_CHECKING:
    from support.s3_server import S3Server

NOBODY = "sc://127.0.0.1:9"
"""No server has this port."""


@pytest.fixture(autouse=True)
def _no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    # in a worker of pytest-xdist there is no such file, which Spark's client takes for doctests
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers soon."""
    monkeypatch.setattr(sail_queries, "_CONNECT_SECONDS", 0.1)


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ((), "--engine sail and --address sc://127.0.0.1:50051 go together", 2),
        (("--address", "http://127.0.0.1"), "it is not the address of a server", 1),
        (("--address", "sc://;token=hidden"), "it is not the address of a server", 1),
        (("--address", f"{NOBODY};token=hidden"), "it is not the address of a server", 1),
        (("--address", f"{NOBODY}/;token=hidden"), "server answers at 127.0.0.1:9", 1),
    ],
    ids=["none", "no address", "no host", "no slash", "no server"],
)
def test_an_unusable_address_is_told_without_its_token(
    words: tuple[str, ...], said: str, code: int, posts: str, hasty: None
) -> None:
    told = failed("sql", "select 1", "--engine", "sail", *words, code=code)

    assert said in told
    assert "hidden" not in told
    assert code == 2 or told.count("\n") == 1


def test_an_address_requires_the_engine(posts: str) -> None:
    told = failed("sql", "select 1", "--address", NOBODY, code=2)
    assert "go together; give both" in told


def test_the_variable_of_spark_does_not_change_other_engines(
    posts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_REMOTE", NOBODY)
    assert json.loads(succeeded("sql", "select 1 as n", "--json")) == [{"n": 1}]


@pytest.mark.parametrize(
    "query",
    [
        "delete from t",
        "with a as (select 1) delete from t",
        "with a as (select 1) insert /* */ into t select * from a",
        "with a as (select 1) INSERT  OVERWRITE t select * from a",
        "with a as (select 1) update `a t` set n = 1",
        "with a as (select 1) merge into t using a on true when matched then delete",
    ],
)
def test_only_queries_are_sent(query: str, posts: str) -> None:
    told = failed("sql", query, "--engine", "sail", "--address", NOBODY)
    assert told.startswith("Error: SQL: it is not a query; ")


def test_text_that_reads_like_a_change_is_sent(posts: str, hasty: None) -> None:
    query = """select 'it''s "delete from"', "delete from", `merge into` -- insert into"""
    told = failed("sql", query, "--engine", "sail", "--address", NOBODY)
    assert "server answers" in told


def test_without_the_client_the_extra_is_named(posts: str) -> None:
    code = (
        "import sys; sys.modules['pyspark'] = None; from dataset_store.cli import main; "
        f"main(['sql', '--engine', 'sail', '--address', '{NOBODY}', 'select 1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: The client of Spark Connect is not installed, which --engine sail needs; "
        "pip install 'opendataset-target-dataset[sail]' [docs/errors.md#datasets]\n"
    )


def test_datasets_in_domo_are_refused() -> None:
    store = open_store("domo://api.domo.com", {"client_id": "a", "client_secret": "b"})
    with pytest.raises(StoreError, match="reads datasets in folders and in S3"):
        sail_queries.answer("select 1", store, NOBODY)


def asked(address: str, query: str, *words: str) -> str:
    return succeeded("sql", query, "--engine", "sail", "--address", address, *words)


def refused(address: str, query: str) -> str:
    return failed("sql", query, "--engine", "sail", "--address", address)


@pytest.mark.engines
class TestLocalStore:
    def test_datasets_are_known_by_name_and_guid(self, posts: str, sail_server: str) -> None:
        query = (
            f"select count(*) as n, max(likes) as top from `my posts` join `{posts}` using (likes)"
        )

        assert json.loads(asked(sail_server, query, "--json")) == [{"n": 1, "top": 2**53 + 1}]
        assert asked(sail_server, query, "--csv") == '"n","top"\n1,9007199254740993\n'
        assert "9007199254740993" in asked(sail_server, query)

    def test_the_variable_names_the_server(
        self, posts: str, sail_server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SPARK_REMOTE", sail_server)
        told = succeeded("sql", "select count(*) as n from `my posts`", "--engine", "sail", "--csv")
        assert told == '"n"\n2\n'

    def test_values_keep_their_types(self, posts: str, sail_server: str) -> None:
        query = """select likes, sum(likes) as total, created_at, day, tags,
            date_trunc('day', created_at) as d, get_json_object(entities, '$.urls') as urls
            from `my posts` where id = '1' group by likes, created_at, day, tags, entities"""

        assert json.loads(asked(sail_server, query, "--json")) == [
            {
                "likes": 2**53 + 1,
                "total": 2**53 + 1,
                "created_at": "2024-02-29T23:59:59.123456Z",
                "day": "2024-02-29",
                "tags": ["a", "ü"],
                "d": "2024-02-29T00:00:00Z",
                "urls": "[]",
            }
        ]

    @pytest.mark.parametrize("name", ['A "b" c.d', "a`b", "twitter.tweet", "größe"])
    def test_odd_names_are_quoted_by_backticks(self, name: str, sail_server: str) -> None:
        succeeded("import", "ids.csv", "--name", name)
        query = "select name from `" + name.replace("`", "``") + "`"
        assert asked(sail_server, query, "--csv").count("\n") == 3

    def test_no_rows_are_an_empty_array(self, posts: str, sail_server: str) -> None:
        assert (
            json.loads(asked(sail_server, "select * from `my posts` where false", "--json")) == []
        )

    def test_columns_of_one_name_are_all_shown(self, posts: str, sail_server: str) -> None:
        query = f"select a.likes, b.likes from `my posts` a join `{posts}` b on a.likes = b.likes"
        printed = asked(sail_server, query, "--csv")
        assert printed == '"likes","likes_2"\n9007199254740993,9007199254740993\n'

    def test_a_plan_is_shown_whole(self, posts: str, sail_server: str) -> None:
        shown = asked(sail_server, "explain select likes from `my posts` where likes > 1")
        assert shown.startswith("== Physical Plan ==")
        assert "…" not in shown

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("select * from my posts", "Write the dataset as `my posts`"),
            ('select * from "my posts"', "Write the dataset as `my posts`"),
            ("select * from `my pots`", "Did you mean `my posts`?"),
            ("select * from nowhere", "`dataset list` shows"),
            ("select nope from `my posts`", "nope"),
            ("select nope(1)", "unknown function: nope"),
            ("select 1; select 2", "expected one statement"),
            ("select 1/0", "divide by zero"),
            ("select * from delta.`s3://datasets/nothing`", "SQL: "),
            ("select * from delta.`s3://no-such-bucket/x`", "the server failed"),
            ("select interval 1 day", "convert it to text"),
            ("select cast(entities as int) from `my posts`", "a value may not suit the query"),
        ],
    )
    def test_a_refused_query_is_told_in_one_line_without_values(
        self, query: str, said: str, posts: str, sail_server: str
    ) -> None:
        told = refused(sail_server, query)

        assert said in told
        assert told.startswith("Error: ")
        assert told.count("\n") == 1
        assert not [word for word in ("urls", "http://", "<?xml") if word in told]

    def test_a_server_that_cannot_read_the_store_is_told(
        self, posts: str, sail_server: str
    ) -> None:
        succeeded("import", "ids.csv", "--name", "ids", "--store", "my data/ü")
        told = failed(
            "sql", "select * from ids", "--engine", "sail", "--address", sail_server,
            "--store", "my data/ü",
        )  # fmt: skip
        assert "the server of --address cannot read" in told
        assert told.count("\n") == 1


@pytest.mark.engines
@pytest.mark.parametrize("vectors", [False, True], ids=["rewritten", "vectors"])
def test_datasets_in_s3_are_read(
    vectors: bool, s3_server: S3Server, sail_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"s3://{s3_server.bucket}/{uuid4().hex[:12]}"
    store = open_store(address, s3_server.options(deletion_vectors=vectors))
    rows = pa.table({"id": list(map(str, range(1000))), "n": list(range(1000))})
    dataset = store.create(DatasetSpec("twitter.tweet", rows.schema, keys=("id",)))
    dataset.append(rows)
    dataset.upsert(pa.table({"id": ["7", "new"], "n": [0, 0]}), ["id"])

    monkeypatch.setenv("DATASET_STORE", address)
    monkeypatch.setenv("DATASET_STORE_OPTIONS", json.dumps(s3_server.options()))
    printed = asked(sail_server, "select count(*) as n, sum(n) as s from `twitter.tweet`", "--csv")
    assert printed == f'"n","s"\n1001,{sum(range(1000)) - 7}\n'
