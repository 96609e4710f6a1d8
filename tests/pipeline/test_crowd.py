"""A crowd at one dataset in S3: four targets, two compactions, a vacuum and a reader."""

from __future__ import annotations

import fcntl
import json
import logging
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from support.commands import BIN, run
from support.forking import Popen

from dataset_store import DatasetSpec, open_store
from dataset_store.delta import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.s3_server import S3Server

    from dataset_store import Dataset

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.pipeline, pytest.mark.engines]

WRITERS = range(4)
ROWS = 50
"""Rows of each kind in a batch."""

NAMES = ("id", "writer", "turn", "is_rewritten")
SCHEMA = {
    "type": "SCHEMA",
    "stream": "crowd",
    "schema": {
        "properties": {
            "id": {"type": "string"},
            "writer": {"type": "integer"},
            "turn": {"type": "integer"},
            "is_rewritten": {"type": "boolean"},
        }
    },
    "key_properties": ["id"],
}
HOURS_AGO = 3


def batch(writer: int, turn: int) -> Iterator[dict[str, Any]]:
    """One commit of a writer: rows that each of its commits rewrites, and as many new ones."""
    for number in range(ROWS):
        for row_id in (f"{writer}-{number}", f"{writer}-{number}-{turn}"):
            values = (row_id, writer, turn, row_id.count("-") == 1)
            record = dict(zip(NAMES, values, strict=True))
            yield {"type": "RECORD", "stream": "crowd", "record": record}
    yield {"type": "STATE", "value": {"turn": turn}}


@dataclass
class Crowd:
    """One dataset and those who use it."""

    address: str
    options: dict[str, Any]
    folder: Path
    seconds: float
    looks: list[dict[int, int]] = field(default_factory=list)
    """The last turn of each writer that the reader saw, look by look."""

    compactions: int = 0
    deleted: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def open(self) -> Dataset:
        return open_store(self.address, self.options).open("crowd")

    def write(self, writer: int) -> int:
        """Feed a target until the time is over; the number of its batches."""
        config = self.folder / f"target-{writer}.json"
        config.write_text(
            json.dumps(
                {
                    "store": self.address,
                    "store_options": self.options,
                    "batch_size_rows": 2 * ROWS,
                    "workers": 0,
                }
            )
        )
        end = time.monotonic() + self.seconds
        states = self.folder / f"states-{writer}.jsonl"
        errors = self.folder / f"errors-{writer}.log"
        command = [str(BIN / "target-dataset"), "--config", str(config)]
        with (
            states.open("wb") as out,
            errors.open("wb") as log,
            Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=log) as target,
        ):
            assert target.stdin
            # so that it has little left to write once the time is over
            fcntl.fcntl(target.stdin, fcntl.F_SETPIPE_SZ, 4096)
            with target.stdin as lines:
                _say(lines.write, SCHEMA)
                for turn in count():
                    if time.monotonic() > end:
                        break
                    for message in batch(writer, turn):
                        _say(lines.write, message)
                    lines.flush()
        assert target.returncode == 0, errors.read_text()
        assert json.loads(states.read_text().splitlines()[-1]) == {"turn": turn - 1}
        return turn

    def compact(self) -> None:
        """Run one compaction after the other."""
        variables = {"DATASET_STORE_OPTIONS": json.dumps(self.options)}
        while not self.over.is_set():
            words = (BIN / "dataset", "compact", "crowd", "--store", self.address)
            done = run(*words, cwd=self.folder, **variables)
            assert done.returncode == 0, done.stderr
            self.compactions += 1

    def vacuum(self) -> None:
        """Delete old files, one time after the other."""
        while not self.over.wait(0.5):
            self.deleted += self.open().vacuum(1)

    def read(self) -> None:
        """Look one time after the other: each look shows whole commits, and no fewer than before."""
        while not self.over.is_set():
            self.looks.append(last_turns(self.open()))


def _say(write: Callable[[bytes], object], message: dict[str, Any]) -> None:
    write(json.dumps(message).encode() + b"\n")


def last_turns(dataset: Dataset) -> dict[int, int]:
    """The last turn of each writer, whose rows must all be there, once."""
    rows = pa.Table.from_batches(dataset.read(NAMES))
    assert pc.count_distinct(rows["id"]).as_py() == len(rows)
    found = {}
    for writer in WRITERS:
        own = rows.filter(pc.equal(rows["writer"], writer))
        if not len(own):
            continue
        rewritten = own.filter(own["is_rewritten"])
        last = pc.max(own["turn"]).as_py()
        assert len(rewritten) == ROWS
        assert pc.unique(rewritten["turn"]).to_pylist() == [last]
        assert len(own) == ROWS + ROWS * (last + 1)
        found[writer] = last
    return found


def with_old_files(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create the dataset, with files that were replaced hours ago."""
    kinds = (pa.string(), pa.int64(), pa.int64(), pa.bool_())
    columns = pa.schema(zip(NAMES, kinds, strict=True))
    store = open_store(crowd.address, crowd.options)
    dataset = store.create(DatasetSpec("crowd", columns, ("id",)))
    row = pa.Table.from_pylist([{"id": "old", "writer": -1, "turn": 0, "is_rewritten": False}])
    with monkeypatch.context() as patch:
        then = actions.milliseconds() - HOURS_AGO * 3_600_000
        patch.setattr(actions, "milliseconds", lambda: then)
        for _ in range(4):
            dataset.upsert(row.select(NAMES).cast(columns), ("id",))


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(10, id="10 seconds"),
        pytest.param(120, id="2 minutes", marks=[pytest.mark.torture, pytest.mark.timeout(900)]),
    ],
)
@pytest.mark.parametrize("has_vectors", [False, True], ids=["rewriting", "deletion vectors"])
def test_a_crowd_loses_and_doubles_nothing(
    s3_server: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    *,
    has_vectors: bool,
) -> None:
    options = s3_server.options(compact_after_commits=16, deletion_vectors=has_vectors)
    crowd = Crowd(f"s3://{s3_server.bucket}/{uuid4().hex[:12]}", options, tmp_path, seconds)
    with_old_files(crowd, monkeypatch)
    with ThreadPoolExecutor() as pool:
        others = [
            pool.submit(do) for do in (crowd.compact, crowd.compact, crowd.vacuum, crowd.read)
        ]
        try:
            turns = list(pool.map(crowd.write, WRITERS))
        finally:
            crowd.over.set()
        for other in others:
            other.result()
    logger.info("batches %s, compactions %d, looks %d", turns, crowd.compactions, len(crowd.looks))
    assert last_turns(crowd.open()) == {writer: turns[writer] - 1 for writer in WRITERS}
    for earlier, later in zip(crowd.looks, crowd.looks[1:], strict=False):
        assert all(later[writer] >= turn for writer, turn in earlier.items())
    assert crowd.deleted == 3
    assert min(turns) > 3
    assert crowd.compactions > 1
