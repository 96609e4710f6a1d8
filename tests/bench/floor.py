"""What an append takes beside the least: a pass over the JSON, and writing Parquet."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa

from bench.contestants import TargetDataset, load
from bench.measure import Figure, middle
from bench.posts import SCHEMA, STREAM, Stored, messages, write
from bench.processes import CommandError, run
from dataset_store import DatasetSpec, open_store
from target_dataset.decode import RecordDecoder
from target_dataset.input_source import InputSource
from target_dataset.line_buffer import LineBuffer
from target_dataset.record_lines import LineGroups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.workshop import Workshop
    from target_dataset.record_lines import Lines

JSON_PASS: Final = "JSON pass alone: each line checked, no value made (`msgspec.Raw`)"
READ: Final = "lines read and grouped by stream"
DECODED: Final = "records checked and decoded into Arrow"
WRITTEN: Final = "Parquet write and commit alone"
PARTS: Final = (READ, JSON_PASS, DECODED, WRITTEN)
FLOOR: Final = (JSON_PASS, WRITTEN)
BATCH_BYTES: Final = 64_000_000
"""The default of `batch_memory_mb`."""


def over_floor(shop: Workshop) -> Figure:
    """CPU of a whole run without workers, over that of the floor."""
    count = shop.scale.posts
    alone = TargetDataset("alone", workers=0)
    runs = []
    with shop.scratch() as folder:
        source = write(folder / "input.jsonl", messages(range(count)))
        for _ in range(shop.scale.repeats):
            with shop.scratch() as place:
                parts = _parts(source, place)
            with shop.scratch() as place:
                whole = load(alone, place, source, Stored(count, 0)).cpu_seconds
            seen = {**parts, "whole run, start included": whole}
            runs.append({name: seconds / count * 1e6 for name, seconds in seen.items()})
    ratios = [each["whole run, start included"] / sum(each[p] for p in FLOOR) for each in runs]
    least = {name: min(each[name] for each in runs) for name in runs[0]}
    return middle(ratios, runs, microseconds_per_record=least)


def _parts(source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of each part, in a process of its own, in which nothing else runs."""
    found: list[bytes] = []
    run([sys.executable, "-m", "bench.floor", source, folder], watch=found.append)
    parts: dict[str, float] = json.loads(b"".join(found))
    if parts.keys() != set(PARTS):
        msg = f"bench.floor has measured {', '.join(parts)}"
        raise CommandError(msg)
    return parts


class Stopwatch:
    """CPU time of this process, by part."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def running(self, part: str) -> Iterator[None]:
        """Count the time of the block."""
        begun = time.process_time()
        yield
        self.seconds[part] += time.process_time() - begun


def measured(source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of each part for the posts of a file, committed as the target commits them."""
    watch = Stopwatch()
    decoder = RecordDecoder(STREAM, SCHEMA)
    raw = msgspec.json.Decoder(msgspec.Raw)
    dataset = open_store(str(folder)).create(DatasetSpec(STREAM, decoder.schema))
    waiting: list[pa.RecordBatch] = []

    def commit() -> None:
        with watch.running(WRITTEN):
            dataset.append(pa.Table.from_batches(waiting, decoder.schema))
        waiting.clear()

    groups, size = _groups(source), 0
    while True:
        with watch.running(READ):
            lines = next(groups, None)
        if lines is None:
            break
        if not lines.head:
            continue
        with watch.running(JSON_PASS):
            raw.decode_lines(lines.text)
        with watch.running(DECODED):
            waiting.append(decoder.decode_lines([lines]))
        size += lines.record_bytes
        if size >= BATCH_BYTES:
            commit()
            size = 0
    commit()
    return watch.seconds


def _groups(source: Path) -> Iterator[Lines]:
    """The lines of the file as the target's reader passes them on."""
    found, buffer, number = LineGroups(), LineBuffer(BATCH_BYTES), 1
    with source.open("rb") as file:
        chunks = InputSource(file)
        while chunk := chunks.next():
            for text in buffer.push(chunk):
                yield from found.of(text, number)
                number += text.count(b"\n") + 1
        chunks.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(Path(sys.argv[1]), Path(sys.argv[2]))))
