"""How fast targets replace stored posts, and how much memory that takes."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from bench.contestants import Contestant, TargetDataset, load
from bench.measure import Figure, middle
from bench.peers import TargetDuckdb
from bench.posts import ID_STEP, STREAM, Stored, half_known, messages, write
from bench.targets import OURS, Trial, before, peak, versus
from dataset_store import dataset_id, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.processes import Taken
    from bench.workshop import Workshop

VECTORS = TargetDataset("vectors", store_options=json.dumps({"deletion_vectors": True}))
KEYS = ("id",)
_BATCH: Final = 125_000
"""Rows of a commit while a dataset is made to grow: about those of the target's own batches."""


def vs_target_duckdb(shop: Workshop) -> Figure:
    """New and known records into rows that are there."""
    return _versus(shop, TargetDuckdb(shop.peer("target-duckdb")), shop.scale.pairs)


def vs_before(shop: Workshop) -> Figure:
    """New and known records into rows that are there, against an earlier build of this project."""
    return _versus(shop, before(shop), shop.scale.build_pairs)


def vs_before_with_vectors(shop: Workshop) -> Figure:
    """The same with deletion vectors."""
    return _versus(shop, before(shop), shop.scale.build_pairs, VECTORS)


def scattered_4m(shop: Workshop) -> Figure:
    """CPU of a few keys all over a dataset, over that of an earlier build."""
    return _scattered(shop, 4, OURS)


def scattered_12m(shop: Workshop) -> Figure:
    """The same with more rows."""
    return _scattered(shop, 12, OURS)


def scattered_4m_with_vectors(shop: Workshop) -> Figure:
    """The same with deletion vectors."""
    return _scattered(shop, 4, VECTORS)


def scattered_12m_with_vectors(shop: Workshop) -> Figure:
    """The same with more rows and deletion vectors."""
    return _scattered(shop, 12, VECTORS)


def peak_many(shop: Workshop) -> Figure:
    """Peak memory of an upsert of as many records as there are rows."""
    return peak(shop, lambda folder: _into_loaded(shop, folder, shop.scale.posts, (OURS,)))


def peak_few(shop: Workshop) -> Figure:
    """Peak memory of an upsert of a tenth as many records as there are rows."""
    return peak(shop, lambda folder: _into_loaded(shop, folder, shop.scale.changed_posts, (OURS,)))


def peak_few_with_vectors(shop: Workshop) -> Figure:
    """The same with deletion vectors."""
    count = shop.scale.changed_posts
    return peak(shop, lambda folder: _into_loaded(shop, folder, count, (VECTORS,)), VECTORS)


def peak_12m(shop: Workshop) -> Figure:
    """Peak memory of that upsert into twelve times as many rows."""
    return _peak_12m(shop, OURS)


def peak_12m_with_vectors(shop: Workshop) -> Figure:
    """The same with deletion vectors."""
    return _peak_12m(shop, VECTORS)


def _peak_12m(shop: Workshop, contestant: Contestant) -> Figure:
    rows = 12 * shop.scale.posts
    numbers = half_known(rows, shop.scale.changed_posts)
    return peak(shop, lambda folder: _into_grown(shop, folder, 12, numbers), contestant)


def _versus(shop: Workshop, theirs: Contestant, pairs: int, ours: TargetDataset = OURS) -> Figure:
    count = shop.scale.changed_posts
    with shop.scratch() as folder:
        trial = _into_loaded(shop, folder, count, (ours, theirs))
        return versus(trial, theirs, pairs, count, ours)


def _scattered(shop: Workshop, times: int, ours: Contestant) -> Figure:
    """Paired runs of few keys all over a dataset that is several times as large."""
    rows = times * shop.scale.posts
    numbers = random.Random(times).sample(range(rows), shop.scale.scattered_posts)
    theirs = before(shop)
    runs = []
    with shop.scratch() as folder:
        trial = _into_grown(shop, folder, times, numbers)
        for _ in range(shop.scale.repeats):
            mine, other = trial(ours), trial(theirs)
            runs.append(
                {
                    "our_cpu_seconds": mine.cpu_seconds,
                    "their_cpu_seconds": other.cpu_seconds,
                    "our_seconds": mine.seconds,
                    "their_seconds": other.seconds,
                }
            )
    ratios = [each["our_cpu_seconds"] / each["their_cpu_seconds"] for each in runs]
    return middle(ratios, runs, records=len(numbers), rows=rows)


def _into_loaded(
    shop: Workshop, folder: Path, count: int, contestants: tuple[Contestant, ...]
) -> Trial:
    """Upserts into copies of what each target has stored before."""
    rows = shop.scale.posts
    known = write(folder / "before.jsonl", messages(range(rows), KEYS))
    for contestant in contestants:
        place = folder / contestant.name
        place.mkdir()
        load(contestant, place, known, Stored(rows, 0))
    changes = write(folder / "changes.jsonl", messages(half_known(rows, count), KEYS, edits=1))
    expected = Stored(rows + count - count // 2, count)

    def trial(contestant: Contestant, *, weigh: bool = False) -> Taken:
        with shop.scratch() as place:
            shutil.copytree(folder / contestant.name, place, dirs_exist_ok=True)
            return load(contestant, place, changes, expected, weigh=weigh)

    return trial


def _into_grown(shop: Workshop, folder: Path, times: int, numbers: list[int]) -> Trial:
    """Upserts into copies of one dataset, which all builds of this project can read."""
    rows = times * shop.scale.posts
    grown = _grown(shop, times)
    changes = write(folder / "changes.jsonl", messages(numbers, KEYS, edits=1))
    new = sum(number >= rows for number in numbers)

    def trial(contestant: Contestant, *, weigh: bool = False) -> Taken:
        with shop.scratch() as place:
            shutil.copytree(grown, place, dirs_exist_ok=True)
            expected = Stored(rows + new, len(numbers))
            return load(contestant, place, changes, expected, weigh=weigh)

    return trial


def _grown(shop: Workshop, times: int) -> Path:
    """A dataset several times as large as one that was loaded, made when first asked for.

    The rows after the first ones repeat them with later ids: decoding millions of records would
    take longer than all measures.
    """
    place = shop.kept(f"grown-{times}")
    if place.exists():
        return place
    rows = shop.scale.posts
    with shop.scratch() as folder:
        source = write(folder / "input.jsonl", messages(range(rows), KEYS))
        load(OURS, folder, source, Stored(rows, 0))
        dataset = open_store(str(folder / "datasets")).open(dataset_id(STREAM))
        first = pa.Table.from_batches(dataset.read(), dataset.schema)
        for each in range(1, times):
            for batch in _later(first, each * rows):
                dataset.append(batch)
        shutil.move(folder / "datasets", place / "datasets")
    return place


def _later(rows: pa.Table, numbers: int) -> Iterable[pa.Table]:
    """The rows with the ids that posts have so many numbers later, in batches."""
    ids = pc.add(rows.column("id").cast(pa.int64()), numbers * ID_STEP).cast(pa.string())
    moved = rows.set_column(rows.column_names.index("id"), rows.schema.field("id"), ids)
    for start in range(0, rows.num_rows, _BATCH):
        yield moved.slice(start, _BATCH)
