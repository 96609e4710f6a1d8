"""Faults of a server at each request of a load: rows once, or an error and a second run."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pytest
from support.s3_proxy import Plan

from dataset_store import Commit, DatasetError, DatasetSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.s3_proxy import FaultKind, Proxy

    from dataset_store import DatasetStore

pytestmark = pytest.mark.engines

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])
LOADED = {"1": 1, "2": 20, "3": 30}
REPLACED = {"8": 8, "9": 9}


def rows(**numbers: int) -> pa.Table:
    ids = [name.removeprefix("r") for name in numbers]
    return pa.table({"id": ids, "n": list(numbers.values())}, SCHEMA)


def load(store: DatasetStore, first: str, second: str) -> None:
    """What a run does; each commit has its number, so that a second run repeats none."""
    dataset = store.find(first) or store.create(DatasetSpec(first, SCHEMA, ("id",), id=first))
    dataset.append(rows(r1=1, r2=2), Commit(writer="run", sequence=1))
    dataset.upsert(rows(r2=20, r3=30), ("id",), Commit(writer="run", sequence=2))
    dataset = store.find(second) or store.create(DatasetSpec(second, SCHEMA, id=second))
    dataset.append(rows(r1=1), Commit(writer="run", sequence=1))
    dataset.overwrite(rows(r8=8, r9=9).to_reader(), Commit(writer="run", sequence=2))


def ids() -> tuple[str, str]:
    return str(uuid4()), str(uuid4())


def failure(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except DatasetError as error:
        return str(error)
    return None


def stored(store: DatasetStore, name: str) -> list[tuple[str, int]]:
    found = [row for batch in store.open(name).read() for row in batch.to_pylist()]
    return sorted((row["id"], row["n"]) for row in found)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("500 before", 3),
        ("500 after", 1),
        ("reset after", 1),
        ("half a body", 1),
        ("slow", 1),
        ("503 storm", 5),
    ],
    ids=["500-before", "500-after", "reset-after", "half-a-body", "slow", "503-storm"],
)
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(13, id="some requests"),
        pytest.param(1, id="each request", marks=[pytest.mark.torture, pytest.mark.timeout(1200)]),
    ],
)
def test_a_fault_at_any_request_loses_and_doubles_nothing(
    opened: Callable[..., DatasetStore], proxy: Proxy, kind: FaultKind, count: int, step: int
) -> None:
    load(opened(proxy), *ids())
    total = proxy.plan(Plan())
    assert total > 15
    failed = 0
    for number in range(step // 2, total, step):
        first, second = ids()
        proxy.fail(kind, number, count)
        if reason := failure(partial(load, opened(proxy), first, second)):
            failed += 1
            assert "http" not in reason
            load(opened(), first, second)
        assert stored(opened(), first) == sorted(LOADED.items()), number
        assert stored(opened(), second) == sorted(REPLACED.items()), number
    assert failed < total / 2


def test_a_server_that_is_gone_is_named_as_that(
    opened: Callable[..., DatasetStore], proxy: Proxy
) -> None:
    first, second = ids()
    load(opened(), first, second)
    proxy.fail("503 storm", 0, 1_000_000)
    began = time.monotonic()
    with pytest.raises(DatasetError, match="the server fails again and again; run again later"):
        load(opened(proxy, retry_seconds=1), first, second)
    assert time.monotonic() - began < 60
