"""How fast targets store posts, and how much memory that takes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Protocol

from bench.contestants import Contestant, TargetDataset, TargetDuckdb, TargetJsonl, load
from bench.measure import Figure, middle, ratio
from bench.posts import Stored, half_known, messages, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.processes import Taken
    from bench.workshop import Workshop


class Trial(Protocol):
    """Lets a target store an input in a place of its own."""

    def __call__(self, contestant: Contestant, *, weigh: bool = False) -> Taken:
        """Run it once; `weigh` samples its memory."""


OURS = TargetDataset()
KEYS = ("id",)


def append_vs_target_jsonl(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes lines to a file."""
    return _append(shop, TargetJsonl(shop.peer("target-jsonl")), shop.scale.pairs)


def append_vs_target_duckdb(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes a DuckDB database."""
    return _append(shop, TargetDuckdb(shop.peer("target-duckdb")), shop.scale.pairs)


def append_vs_before(shop: Workshop) -> Figure:
    """Records into nothing, against an earlier build of this project."""
    return _append(shop, _before(shop), shop.scale.build_pairs)


def upsert_vs_target_duckdb(shop: Workshop) -> Figure:
    """New and known records into rows that are there."""
    return _upsert(shop, TargetDuckdb(shop.peer("target-duckdb")), shop.scale.pairs)


def upsert_vs_before(shop: Workshop) -> Figure:
    """New and known records into rows that are there, against an earlier build of this project."""
    return _upsert(shop, _before(shop), shop.scale.build_pairs)


def peak_append(shop: Workshop) -> Figure:
    """Peak memory of an append."""
    return _peak(shop, lambda folder: _appending(shop, folder, shop.scale.posts))


def peak_append_many(shop: Workshop) -> Figure:
    """Peak memory of an append that is several times larger."""
    return _peak(shop, lambda folder: _appending(shop, folder, shop.scale.many_posts))


def peak_upsert(shop: Workshop) -> Figure:
    """Peak memory of an upsert of as many records as there are rows."""
    return _peak(shop, lambda folder: _upserting(shop, folder, shop.scale.posts, (OURS,)))


def peak_upsert_few(shop: Workshop) -> Figure:
    """Peak memory of an upsert of a tenth as many records as there are rows."""
    return _peak(shop, lambda folder: _upserting(shop, folder, shop.scale.changed_posts, (OURS,)))


def _before(shop: Workshop) -> Contestant:
    return TargetDataset("before", shop.before())


def _append(shop: Workshop, theirs: Contestant, pairs: int) -> Figure:
    count = shop.scale.posts
    with shop.scratch() as folder:
        return _versus(_appending(shop, folder, count), theirs, pairs, count)


def _upsert(shop: Workshop, theirs: Contestant, pairs: int) -> Figure:
    count = shop.scale.changed_posts
    with shop.scratch() as folder:
        trial = _upserting(shop, folder, count, (OURS, theirs))
        return _versus(trial, theirs, pairs, count)


def _versus(trial: Trial, theirs: Contestant, pairs: int, records: int) -> Figure:
    """Paired runs, in turns as to who begins."""
    taken: dict[Contestant, list[Taken]] = {OURS: [], theirs: []}
    order = [OURS, theirs]
    for _ in range(pairs):
        for contestant in order:
            taken[contestant].append(trial(contestant))
        order.reverse()
    return ratio(taken[OURS], taken[theirs], records=records)


def _peak(shop: Workshop, prepare: Callable[[Path], Trial]) -> Figure:
    with shop.scratch() as folder:
        trial = prepare(folder)
        taken = [trial(OURS, weigh=True) for _ in range(shop.scale.repeats)]
    runs = [{"peak_mb": each.peak_mb, "seconds": each.seconds} for each in taken]
    return middle([each.peak_mb for each in taken], runs)


def _appending(shop: Workshop, folder: Path, count: int) -> Trial:
    source = write(folder / "input.jsonl", messages(range(count)))

    def trial(contestant: Contestant, *, weigh: bool = False) -> Taken:
        with shop.scratch() as place:
            return load(contestant, place, source, Stored(count, 0), weigh=weigh)

    return trial


def _upserting(
    shop: Workshop, folder: Path, count: int, contestants: tuple[Contestant, ...]
) -> Trial:
    """Upserts into copies of what each target has stored before."""
    rows = shop.scale.posts
    before = write(folder / "before.jsonl", messages(range(rows), KEYS))
    for contestant in contestants:
        place = folder / contestant.name
        place.mkdir()
        load(contestant, place, before, Stored(rows, 0))
    changes = write(folder / "changes.jsonl", messages(half_known(rows, count), KEYS, edits=1))
    expected = Stored(rows + count - count // 2, count)

    def trial(contestant: Contestant, *, weigh: bool = False) -> Taken:
        with shop.scratch() as place:
            shutil.copytree(folder / contestant.name, place, dirs_exist_ok=True)
            return load(contestant, place, changes, expected, weigh=weigh)

    return trial
