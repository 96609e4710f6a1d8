"""Twenty million posts in S3: every engine gives the same answers, and two upserts the same table.

`pytest -s` shows how long each step takes.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import obstore
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from engines.questions import POSTS, QUESTIONS, ordered, post
from engines.recipes import READERS, running_recipe
from obstore.store import S3Store
from support.sail_server import running_sail, s3_environment

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.s3_server import S3Server

    from dataset_store import Dataset

pytestmark = [pytest.mark.engines, pytest.mark.torture, pytest.mark.timeout(7200)]

COUNT: Final = 20_000_000
BATCH: Final = 1_000_000
CHANGED: Final = 50_000
"""So many posts have other likes, and as many are new."""

ASKED: Final = {name: each.sql for name, each in QUESTIONS.items() if name != "distinct"}
FINGERPRINT: Final = "select count(*) as n, sum(hash(id, author, lang, text, likes, created_at, day, entities)) as h from posts"
"""In DuckDB's SQL: equal for tables of the same rows in any order."""


@cache
def sample() -> tuple[pa.Table, int]:
    """Columns of the first posts, which come again and again, and their first moment."""
    first = [post(number, 0) for number in range(4 * 97 * 3 * 5 * 7)]
    moment = pa.scalar(first[0]["created_at"], TIMESTAMP).cast(pa.int64()).as_py()
    repeated = [name for name in POSTS.names if name not in {"id", "likes", "created_at", "day"}]
    return pa.Table.from_pylist(first, POSTS).select(repeated), moment


def posts(numbers: pa.Array, likes: pa.Array) -> pa.Table:
    """Posts like those of `questions.post`, many at a time."""
    first, start = sample()
    cycles = pc.multiply(pc.divide(numbers, first.num_rows), first.num_rows)
    repeated = first.take(pc.subtract(numbers, cycles))
    seconds = pc.add(pc.multiply(numbers, 1_000_000), start)
    moments = seconds.cast(TIMESTAMP)
    columns = {
        "id": pc.add(numbers, 1_780_000_000_000_000_000).cast(pa.string()),
        "likes": likes,
        "created_at": moments,
        "day": moments.cast(pa.date32()),
        **dict(zip(repeated.column_names, repeated.columns, strict=True)),
    }
    return pa.table([columns[name] for name in POSTS.names], schema=POSTS)


def numbers_from(start: int, count: int) -> pa.Array:
    return pa.array(range(start, start + count), pa.int64())


@contextmanager
def timed(what: str, times: dict[str, float]) -> Iterator[None]:
    start = time.monotonic()
    yield
    times[what] = round(time.monotonic() - start, 1)
    print(f"{what}: {times[what]} s", flush=True)  # noqa: T201 - shown by pytest -s


def bucket(server: S3Server) -> S3Store:
    return S3Store(
        server.bucket,
        endpoint=server.endpoint,
        access_key_id=server.key,
        secret_access_key=server.secret,
        region="us-east-1",
        client_options={"allow_http": True},
    )


def copied(server: S3Server, location: str) -> str:
    """A table's objects under another prefix: a table of its own."""
    objects, prefix = bucket(server), location.removeprefix(f"s3://{server.bucket}/")
    other = f"{uuid4().hex[:12]}/{prefix.rpartition('/')[2]}"
    for chunk in obstore.list(objects, f"{prefix}/"):
        for each in chunk:
            obstore.copy(objects, each["path"], other + each["path"].removeprefix(prefix))
    return f"s3://{server.bucket}/{other}"


def stored(server: S3Server) -> Dataset:
    options = server.options(compact_after_commits=0, timeout_seconds=120)
    store = open_store(f"s3://{server.bucket}/{uuid4().hex[:12]}", options)
    dataset = store.create(DatasetSpec("posts", POSTS, keys=("id",)))
    for start in range(0, COUNT, BATCH):
        numbers = numbers_from(start, BATCH)
        dataset.append(posts(numbers, numbers))
    return dataset


def changes() -> pa.Table:
    """Likes of posts all over the newer quarter, and new posts."""
    step = COUNT // 4 // CHANGED
    old = pa.array(range(COUNT - COUNT // 4, COUNT, step), pa.int64())
    new = numbers_from(COUNT, CHANGED)
    numbers = pa.concat_arrays([old, new])
    return posts(numbers, pc.add(numbers, 1000))


def put_parquet(server: S3Server, rows: pa.Table) -> str:
    """A stored table of new rows, for a merge."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    path = f"{uuid4().hex[:12]}/new.parquet"
    obstore.put(bucket(server), path, bytes(sink.getvalue()))
    return f"s3://{server.bucket}/{path}"


def test_all_engines_agree_on_twenty_million_rows_and_two_upserts(s3_server: S3Server) -> None:
    times: dict[str, float] = {}
    with timed(f"{COUNT:,} rows appended", times):
        dataset = stored(s3_server)
    ours, new = dataset.info().location, changes()
    theirs = copied(s3_server, ours)
    with timed("our upsert", times):
        dataset.upsert(new, ["id"])
    answers: dict[str, Mapping[str, Any]] = {}
    with ExitStack() as stack:
        sail = stack.enter_context(running_sail(s3_environment(s3_server)))
        variables = {"SPARK_REMOTE": sail, "NEW_POSTS": put_parquet(s3_server, new)}
        with timed("Sail's MERGE, with its start", times):
            merge = running_recipe("merge-with-sail", theirs, s3_server, **variables)
            with merge:
                pass
        asked_sql = list(ASKED.values())
        for engine in READERS:
            with running_recipe(engine, ours, s3_server, **variables) as asked:
                for name, location in (("ours", ours), ("Sail's", theirs)):
                    with timed(f"{engine} asked about {name}", times):
                        rows = asked.ask(location, asked_sql)
                    answers[f"{engine}, {name}"] = dict(zip(ASKED, map(ordered, rows), strict=True))
                if engine == "duckdb":
                    fingerprints = [asked.ask(at, [FINGERPRINT]) for at in (ours, theirs)]
    first = answers[f"{READERS[0]}, ours"]
    assert first["count"] == [[COUNT + CHANGED]]
    likes = sum(range(COUNT + CHANGED)) + 1000 * 2 * CHANGED
    assert first["sum"] == [[likes, 0, COUNT + CHANGED - 1 + 1000]]
    assert {name: each for name, each in answers.items() if each != first} == {}
    assert fingerprints[0] == fingerprints[1]
