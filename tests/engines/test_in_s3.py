"""The recipes of docs/engines.md, run as they stand: what engines read in S3 is what was stored."""

from __future__ import annotations

import io
from contextlib import ExitStack, redirect_stdout
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines.questions import POSTS, QUESTIONS, Post, expected, ordered, post
from engines.recipes import PAGE, READERS, AskedEngine, running_recipe
from support.sail_server import running_sail, s3_environment
from support.singer_messages import lines, read, record, schema

from dataset_store import Below, DatasetSpec, open_store
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.s3_server import S3Server

    from dataset_store import Dataset

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]

COUNT: Final = 10_000
Stored = tuple["Dataset", list[Post]]


def rows(posts: list[Post]) -> pa.Table:
    return pa.Table.from_pylist(posts, POSTS)


class Stages:
    """A dataset, write by write; each gives the posts that it then holds."""

    def __init__(self, server: S3Server, *, vectors: bool = False) -> None:
        options = server.options(deletion_vectors=vectors, compact_after_commits=0)
        store = open_store(f"s3://{server.bucket}/{uuid4().hex[:12]}", options)
        self.store = store
        self.dataset: Dataset = store.create(DatasetSpec("posts", POSTS, keys=("id",)))
        self.posts: dict[int, int] = {}

    def append(self) -> None:
        for start in range(0, COUNT, COUNT // 4):
            numbers = dict.fromkeys(range(start, start + COUNT // 4))
            self._write({number: number for number in numbers}, keys=())

    def upsert(self) -> None:
        """A tenth of the posts has a thousand more likes, and as many are new."""
        changed = range(COUNT - COUNT // 10, COUNT + COUNT // 10)
        self._write({number: number + 1000 for number in changed}, keys=("id",))

    def delete(self) -> None:
        self.dataset.delete(Below("likes", 100))
        self.posts = {number: likes for number, likes in self.posts.items() if likes >= 100}

    def compact(self) -> None:
        self.dataset.compact()

    def _write(self, likes: dict[int, int], keys: tuple[str, ...]) -> None:
        self.dataset.load(_Source(rows([post(*each) for each in likes.items()])), keys)
        self.posts |= likes

    def stored(self) -> Stored:
        return self.dataset, [post(*each) for each in self.posts.items()]


class _Source:
    def __init__(self, table: pa.Table) -> None:
        self.schema = table.schema
        self.batches = table.to_batches


WRITES: Final = {
    "appended": ("append",),
    "upserted": ("append", "upsert"),
    "deleted": ("append", "upsert", "delete"),
    "compacted": ("append", "upsert", "delete", "compact"),
}
TABLES: Final = (*WRITES, "with vectors")


@pytest.fixture(scope="session")
def stored(s3_server: S3Server) -> Callable[[str], Stored]:
    """Makes each table once for all engines."""

    @cache
    def made(name: str) -> Stored:
        stages = Stages(s3_server, vectors=name == "with vectors")
        for write in WRITES.get(name, WRITES["deleted"]):
            getattr(stages, write)()
        return stages.stored()

    return made


@pytest.fixture(scope="session", params=[*READERS, "sail in a local cluster"])
def asked(
    request: pytest.FixtureRequest, s3_server: S3Server, stored: Callable[[str], Stored]
) -> Iterator[AskedEngine]:
    """Each engine, started by its recipe with the table of all writes."""
    anchor = request.param.partition(" ")[0]
    location = stored("compacted")[0].info().location
    with ExitStack() as stack:
        variables = {}
        if anchor == "sail":
            mode = {"SAIL_MODE": "local-cluster"} if anchor != request.param else {}
            server = running_sail(s3_environment(s3_server) | mode)
            variables = {"SPARK_REMOTE": stack.enter_context(server)}
        yield stack.enter_context(running_recipe(anchor, location, s3_server, **variables))


@pytest.mark.parametrize("name", TABLES)
def test_every_engine_gives_the_same_answers(
    asked: AskedEngine, name: str, stored: Callable[[str], Stored]
) -> None:
    dataset, posts = stored(name)
    location = dataset.info().location
    sql = [each.sql for each in QUESTIONS.values()]
    if (asked.name, name) == ("daft-on-ray", "with vectors"):
        with pytest.raises(RuntimeError, match="deletion vectors are not yet supported"):
            asked.ask(location, sql)
        return
    answers = asked.ask(location, sql)
    assert dict(zip(QUESTIONS, map(ordered, answers), strict=True)) == expected(posts)


def held(dataset: Dataset) -> list[Post]:
    return sorted(read(dataset), key=lambda found: found["id"])


def test_a_merge_by_sail_gives_the_table_of_an_upsert(
    s3_server: S3Server, sail_server: str, tmp_path: Path
) -> None:
    ours, theirs = Stages(s3_server), Stages(s3_server)
    for each in (ours, theirs):
        each.append()
    ours.upsert()
    changed = {number: likes for number, likes in ours.posts.items() if number != likes}
    new = tmp_path / "new posts.parquet"
    pq.write_table(rows([post(*each) for each in changed.items()]), new)
    location = theirs.dataset.info().location
    variables = {"SPARK_REMOTE": sail_server, "NEW_POSTS": str(new)}

    with running_recipe("merge-with-sail", location, s3_server, **variables):
        pass
    merged = theirs.store.open(theirs.dataset.id)
    assert held(merged) == held(ours.dataset) == sorted(ours.stored()[1], key=lambda p: p["id"])
    assert merged.info().keys == ("id",)

    # and it goes on: by the target's upsert, and by one of the store that marks rows
    last = {number: -number for number in range(0, COUNT, 100)}
    merged.upsert(rows([post(*each) for each in last.items()]), ["id"])
    ours.posts |= last
    assert held(merged) == sorted(ours.stored()[1], key=lambda p: p["id"])
    assert merged.compact() >= 0
    assert held(theirs.store.open(merged.id)) == held(merged)


def test_the_target_loads_a_dataset_that_sail_has_merged_into(
    s3_server: S3Server, sail_server: str, tmp_path: Path
) -> None:
    address = f"s3://{s3_server.bucket}/{uuid4().hex[:12]}"
    config = {"store": address, "store_options": s3_server.options()}
    properties = {"id": {"type": "string"}, "likes": {"type": ["integer", "null"]}}

    def load(likes: dict[str, int]) -> Dataset:
        records = [record("posts", id=id_, likes=count) for id_, count in likes.items()]
        messages = lines([schema("posts", properties, ["id"]), *records])
        with redirect_stdout(io.StringIO()):
            TargetDataset(config=config).listen(io.StringIO(messages))
        return open_store(address, s3_server.options()).open("posts")

    first = load({"1": 1, "2": 2})
    new = tmp_path / "new.parquet"
    pq.write_table(pa.table({"id": ["2", "3"], "likes": [20, 30]}), new)
    with running_recipe(
        "merge-with-sail", first.info().location, s3_server,
        SPARK_REMOTE=sail_server, NEW_POSTS=str(new),
    ):  # fmt: skip
        pass
    loaded = load({"3": 300, "4": 400})
    assert {row["id"]: row["likes"] for row in read(loaded)} == {
        "1": 1,
        "2": 20,
        "3": 300,
        "4": 400,
    }


BARE: Final = {
    "duckdb": "read_parquet('{}/*.parquet')",
    "polars": "read_parquet('{}/*.parquet')",
    "sail": "parquet.`{}`",
}


@pytest.mark.parametrize("engine", BARE)
def test_bare_files_hold_more_than_the_table(
    engine: str, s3_server: S3Server, sail_server: str, stored: Callable[[str], Stored]
) -> None:
    """As the page says, which names both figures."""
    dataset, posts = stored("deleted")
    location = dataset.info().location
    with running_recipe(engine, location, s3_server, SPARK_REMOTE=sail_server) as asked:
        sql = f"select count(*) as n from {BARE[engine].format(location)}"
        ((bare,),) = asked.ask(location, [sql])[0]
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"a table of {len(posts):,} rows gave {bare:,}" in text
