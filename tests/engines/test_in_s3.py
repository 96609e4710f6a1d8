"""The recipes of docs/engines.md, run as they stand: what engines read in S3 is what was stored."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pyarrow as pa
import pytest
from engines.questions import POSTS, QUESTIONS, Post, expected, ordered, post
from engines.recipes import ENVIRONMENTS, AskedEngine, running_recipe
from support.sail_server import running_sail, s3_environment

from dataset_store import Below, DatasetSpec, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@pytest.fixture(scope="session", params=[*ENVIRONMENTS, "sail in a local cluster"])
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
