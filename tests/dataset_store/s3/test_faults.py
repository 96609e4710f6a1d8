"""Faults of a server at each request of a load: rows once, or an error and a second run."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pytest
from support.s3_proxy import Plan

from dataset_store import Below, Commit, DatasetError, DatasetSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.s3_proxy import FaultKind, Proxy

    from dataset_store import Dataset, DatasetStore

pytestmark = pytest.mark.engines

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])
WIDER = SCHEMA.append(pa.field("more", pa.string()))
FOREVER = 1_000_000


def rows(schema: pa.Schema = SCHEMA, **numbers: int) -> pa.Table:
    ids = [name.removeprefix("r") for name in numbers]
    return pa.table({"id": ids, "n": list(numbers.values()), "more": ids}).select(schema.names)


def sequence(number: int) -> Commit:
    return Commit(writer="run", sequence=number)


def appended(dataset: Dataset) -> None:
    dataset.append(rows(r1=1, r2=2), sequence(1))
    dataset.evolve(WIDER)
    dataset.append(rows(WIDER, r3=3), sequence(2))


def upserted(dataset: Dataset) -> None:
    dataset.append(rows(r1=1, r2=2), sequence(1))
    dataset.evolve(WIDER)
    dataset.upsert(rows(WIDER, r2=20, r3=3), ("id",), sequence(2))


def overwritten(dataset: Dataset) -> None:
    dataset.append(rows(r1=1, r2=2), sequence(1))
    dataset.overwrite(rows(WIDER, r8=8, r9=9).to_reader(), sequence(2))


def looked_after(dataset: Dataset) -> None:
    for number in range(1, 4):
        dataset.append(rows(**{f"r{number}": number}), sequence(number))


@dataclass(frozen=True)
class Load:
    """What a run does with a dataset; each commit has its number, so that a second run repeats none."""

    write: Callable[[Dataset], None]
    expected: dict[str, int]
    options: dict[str, Any]

    def run(self, store: DatasetStore, name: str) -> None:
        self.write(
            store.find(name) or store.create(DatasetSpec(name, SCHEMA, ("id",), id=name)),
        )


OFTEN = {"compact_after_commits": 2, "checkpoint_after_commits": 2}
LOADS = {
    "append": Load(appended, {"1": 1, "2": 2, "3": 3}, {}),
    "upsert": Load(upserted, {"1": 1, "2": 20, "3": 3}, {}),
    "upsert-vectors": Load(upserted, {"1": 1, "2": 20, "3": 3}, {"deletion_vectors": True}),
    "overwrite": Load(overwritten, {"8": 8, "9": 9}, {}),
    "compaction": Load(looked_after, {str(number): number for number in range(1, 4)}, OFTEN),
}


@dataclass(frozen=True)
class Fault:
    kind: FaultKind
    requests: int = 1
    retry_seconds: int = 10
    is_survived: bool = False
    """Whether no load may fail because of it."""


FAULTS = {
    "500-before": Fault("500 before", 3, is_survived=True),
    "500-after": Fault("500 after", is_survived=True),
    "reset-after": Fault("reset after"),
    "half-a-body": Fault("half a body"),
    "slow": Fault("slow", is_survived=True),
    "503-storm": Fault("503 storm", 5, is_survived=True),
    "503-storm-without-end": Fault("503 storm", FOREVER, 1),
    "500-after-without-end": Fault("500 after", FOREVER, 1),
}


def failure(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except DatasetError as error:
        return str(error)
    return None


def stored(store: DatasetStore, name: str) -> list[tuple[str, int]]:
    found = [row for batch in store.open(name).read() for row in batch.to_pylist()]
    return sorted((row["id"], row["n"]) for row in found)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS.keys())
@pytest.mark.parametrize(
    "tries",
    [
        pytest.param(3, id="some requests"),
        pytest.param(
            FOREVER, id="each request", marks=[pytest.mark.torture, pytest.mark.timeout(2400)]
        ),
    ],
)
def test_a_fault_at_any_request_loses_and_doubles_nothing(
    opened: Callable[..., DatasetStore], proxy: Proxy, load: Load, fault: Fault, tries: int
) -> None:
    load.run(opened(proxy, **load.options), str(uuid4()))
    total = proxy.plan(Plan())
    assert total > 15
    step = max(1, total // tries)
    for number in range(step // 2, total, step):
        name = str(uuid4())
        faulty = opened(proxy, retry_seconds=fault.retry_seconds, **load.options)
        proxy.fail(fault.kind, number, fault.requests)
        reason = failure(partial(load.run, faulty, name))
        proxy.fail()
        if reason:
            assert not fault.is_survived, reason
            assert "http" not in reason
            assert "again" in reason
        # the second run repeats what the first one may have done
        load.run(opened(**load.options), name)
        assert stored(opened(), name) == sorted(load.expected.items()), number


def test_a_server_that_is_gone_is_named_as_that(
    opened: Callable[..., DatasetStore], proxy: Proxy
) -> None:
    name = str(uuid4())
    LOADS["upsert"].run(opened(), name)
    proxy.fail("503 storm", 0, FOREVER)
    began = time.monotonic()
    with pytest.raises(DatasetError, match="the server fails again and again; run again later"):
        LOADS["upsert"].run(opened(proxy, retry_seconds=1), name)
    assert time.monotonic() - began < 60


def test_a_data_file_that_cannot_be_opened_leaves_no_traceback(
    opened: Callable[..., DatasetStore], proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(uuid4())
    LOADS["append"].run(opened(), name)
    left: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: left.append(unraisable.exc_value))
    opened(proxy).open(name).delete(Below("n", 0))
    for number in range(proxy.plan(Plan())):
        proxy.fail("503 storm", number, FOREVER)
        faulty = opened(proxy, retry_seconds=0)
        assert failure(lambda store=faulty: store.open(name).delete(Below("n", 2)))  # type: ignore[misc]
    assert left == []
