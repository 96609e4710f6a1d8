from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa
import pytest
from support.processes import Popen

from dataset_store import Dataset, DatasetSpec, dataset_id, open_store, writeback_id
from dataset_store.delta.local_folder import LocalFolder
from dataset_store.delta.store import DeltaStore
from dataset_store.delta.upkeep import Upkeep
from tap_twitter.streams.stored_rows import MAX_WAIT_SECONDS, StoredRows, Writeback

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = pa.table({"requested_id": ["1"]})


class BusyClock:
    """Real time and a count of waits; after a number of them something happens."""

    def __init__(self) -> None:
        self.waits = 0
        self.ahead = timedelta()
        self.then: tuple[int, Callable[[], Any]] | None = None

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.waits += 1
        self.ahead += timedelta(seconds=seconds)
        if self.then and self.waits == self.then[0]:
            self.ahead = timedelta()
            self.then[1]()


@pytest.fixture
def clock() -> BusyClock:
    return BusyClock()


@pytest.fixture
def written(tmp_path: Path) -> Dataset:
    spec = DatasetSpec("writeback", ROWS.schema, id=writeback_id("users_lookup", "a"))
    return open_store(str(tmp_path)).create(spec)


@pytest.fixture
def writeback(tmp_path: Path, written: Dataset, clock: BusyClock) -> Writeback:
    return Writeback(open_store(str(tmp_path)), "users_lookup", ["a", "b"], clock)


def test_nothing_is_waited_for_where_no_rows_arrive(writeback: Writeback, clock: BusyClock) -> None:
    writeback.await_rows([0, 1])
    assert clock.waits == 0


def test_rows_are_waited_for_once_the_dataset_takes_some(
    writeback: Writeback, written: Dataset, clock: BusyClock
) -> None:
    written.append(ROWS)
    clock.then = (3, lambda: written.append(ROWS))
    writeback.await_rows([0])
    assert clock.waits == 3


def test_a_target_that_holds_rows_back_is_waited_for_only_once(
    writeback: Writeback, written: Dataset, clock: BusyClock
) -> None:
    written.append(ROWS)
    begun = clock.now()
    writeback.await_rows([0])
    assert (clock.now() - begun).total_seconds() == pytest.approx(MAX_WAIT_SECONDS, abs=1)
    waits = clock.waits
    writeback.await_rows([0])
    assert clock.waits == waits


def test_a_store_without_datasets_is_not_waited_for(tmp_path: Path, clock: BusyClock) -> None:
    writeback = Writeback(open_store(str(tmp_path / "none")), "users_lookup", ["a"], clock)
    writeback.await_rows([0])
    assert clock.waits == 0


class Unwatched(DeltaStore):
    """A store that is asked by HTTP."""

    capabilities = replace(DeltaStore.capabilities, cheap_watch=False)

    def find(self, dataset_id: str) -> NoReturn:
        raise AssertionError(dataset_id)


def test_a_store_that_is_not_cheap_to_watch_is_not_asked(tmp_path: Path) -> None:
    clock = BusyClock()
    rows = StoredRows(Unwatched(LocalFolder(tmp_path), Upkeep()), clock, first_wait_seconds=1)
    rows.await_rows([dataset_id("posts")])
    assert clock.waits == 0


@pytest.mark.parametrize(("closed", "code"), [(True, 0), (False, 1)], ids=["closed", "open"])
def test_a_closed_output_is_noticed_without_writing(closed: bool, code: int) -> None:
    reading, writing = os.pipe()
    program = "import sys; from tap_twitter.singer.receiver import reader_is_gone; sys.exit(not reader_is_gone())"
    if closed:
        os.close(reading)
    done = subprocess.run([sys.executable, "-c", program], stdout=writing, check=False)
    os.close(writing)
    if not closed:
        os.close(reading)
    assert done.returncode == code


WAITING = """
import sys
from dataset_store import open_store
from tap_twitter.clock import SystemClock
from tap_twitter.streams.stored_rows import StoredRows
rows = StoredRows(open_store(sys.argv[1]), SystemClock(), first_wait_seconds=0.2)
print("a row", flush=True)
rows.await_rows(["1"])
print("done", file=sys.stderr, flush=True)
rows.await_rows(["1"])
"""


def test_a_target_that_starts_late_is_waited_for_and_one_that_stores_elsewhere_once(
    tmp_path: Path,
) -> None:
    reading, writing = os.pipe()
    program = [sys.executable, "-c", WAITING, str(tmp_path)]
    with (
        os.fdopen(reading, "rb") as rows,
        Popen(program, stdout=writing, stderr=subprocess.PIPE, text=True) as tap,
    ):
        os.close(writing)
        assert tap.stderr is not None
        with pytest.raises(subprocess.TimeoutExpired):
            tap.wait(2)  # nothing has read the row
        assert rows.readline() == b"a row\n"
        assert tap.stderr.read() == "done\n"
    assert tap.returncode == 0
