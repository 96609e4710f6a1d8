"""Several programs at one dataset: nothing is lost, and no reader sees half a commit."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest
from support.commands import BIN, run
from support.forking import Popen

from dataset_store import open_store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pipeline

BATCH = 200
SCHEMA = {
    "type": "SCHEMA",
    "stream": "people",
    "schema": {
        "properties": {
            "id": {"type": "string"},
            "writer": {"type": "integer"},
            "turn": {"type": "integer"},
        }
    },
    "key_properties": ["id"],
}


def messages(writer: int, batches: int) -> str:
    """A writer's input: in each batch half new rows and half that it has written before.

    Every tenth row is one that all writers write.
    """
    lines: list[dict[str, Any]] = [SCHEMA]
    for turn in range(batches):
        for number in range(BATCH):
            position = turn * BATCH // 2 + number
            owner = "all" if position % 10 == 0 else str(writer)
            record = {"id": f"{owner}-{position}", "writer": writer, "turn": turn}
            lines.append({"type": "RECORD", "stream": "people", "record": record})
        lines.append({"type": "STATE", "value": {"bookmarks": {"people": {"turn": turn}}}})
    return "\n".join(map(json.dumps, lines)) + "\n"


def start_target(folder: Path, writer: int, batches: int) -> Popen:
    config = folder / f"config-{writer}.json"
    config.write_text(json.dumps({"store": str(folder / "datasets"), "batch_size_rows": BATCH}))
    path = folder / f"input-{writer}.jsonl"
    path.write_text(messages(writer, batches))
    command = [str(BIN / "target-dataset"), "--config", str(config), "--input", str(path)]
    return Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Reader(threading.Thread):
    """Reads the dataset over and over; every look must show whole commits, and never fewer rows."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.store = open_store(str(store))
        self.counts: list[int] = []
        self.problems: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            try:
                dataset = self.store.open("people")
                self.counts.append(sum(batch.num_rows for batch in dataset.read(["id"])))
            except Exception as error:  # noqa: BLE001 - whatever a reader meets is a failure
                self.problems.append(repr(error))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()


@pytest.mark.parametrize(
    "batches", [8, pytest.param(60, marks=[pytest.mark.torture, pytest.mark.timeout(600)])]
)
def test_two_targets_a_reader_and_a_compaction_at_one_dataset(tmp_path: Path, batches: int) -> None:
    with start_target(tmp_path, 0, 1) as first:
        outputs = [first.communicate()]
    compact: list[str | Path] = [
        BIN / "dataset",
        "compact",
        "people",
        "--vacuum",
        "--store",
        tmp_path / "datasets",
    ]
    with (
        Reader(tmp_path / "datasets") as reader,
        start_target(tmp_path, 1, batches) as second,
        start_target(tmp_path, 2, batches) as third,
    ):
        while second.poll() is None or third.poll() is None:
            done = run(*compact)
            assert done.returncode == 0, done.stderr
        outputs += [second.communicate(), third.communicate()]
    for writer, (output, errors) in zip((first, second, third), outputs, strict=True):
        assert writer.returncode == 0, errors.decode()
        last = json.loads(output.splitlines()[-1])
        assert last["bookmarks"]["people"]["turn"] == (0 if writer is first else batches - 1)
    stored = {
        row["id"]: row
        for batch in open_store(str(tmp_path / "datasets")).open("people").read()
        for row in batch.to_pylist()
    }
    expected = {
        message["record"]["id"]: message["record"]
        for writer, turns in ((0, 1), (1, batches), (2, batches))
        for message in map(json.loads, messages(writer, turns).splitlines())
        if message["type"] == "RECORD"
    }
    assert stored.keys() == expected.keys()
    for key, row in stored.items():
        assert row["turn"] == expected[key]["turn"]
        assert key.startswith("all-") or row == expected[key]
    assert reader.problems == []
    assert len(reader.counts) > 3
    assert reader.counts == sorted(reader.counts)
