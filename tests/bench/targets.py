"""How fast targets store posts, and how much memory that takes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Protocol

from pipeline.peers import SERVER_PROGRAMS, postgresql
from support.s3_server import is_available, running_s3

from bench.contestants import Contestant, TargetDataset, load
from bench.measure import Figure, middle, ratio
from bench.peers import Dlt, TargetCsv, TargetDuckdb, TargetJsonl, TargetPostgres
from bench.posts import Stored, messages, write
from bench.processes import UnavailableError

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


def append_vs_target_jsonl(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes lines to a file."""
    return _append(shop, TargetJsonl(shop.peer("target-jsonl")), shop.scale.pairs)


def append_vs_target_duckdb(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes a DuckDB database."""
    return _append(shop, TargetDuckdb(shop.peer("target-duckdb")), shop.scale.pairs)


def append_vs_target_csv(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes a CSV file."""
    return _append_few(shop, TargetCsv(shop.peer("meltanolabs-target-csv")))


def append_vs_dlt(shop: Workshop) -> Figure:
    """Records into nothing, against dlt, which writes a Delta table."""
    return _append_few(shop, Dlt(shop.peer("dlt")))


def append_vs_target_postgres(shop: Workshop) -> Figure:
    """Records into nothing, against a target that writes to PostgreSQL.

    Raises:
        UnavailableError: The machine has no PostgreSQL.
    """
    if not SERVER_PROGRAMS:
        msg = "there is no PostgreSQL in /usr/lib/postgresql"
        raise UnavailableError(msg)
    with postgresql() as server:
        programs = shop.peer("meltanolabs-target-postgres")
        return _append_few(shop, TargetPostgres(programs, server))


def append_with_workers(shop: Workshop) -> Figure:
    """Records into nothing, against the same target without workers."""
    return _append(shop, TargetDataset("alone", workers=0), shop.scale.pairs)


def append_on_one_core(shop: Workshop) -> Figure:
    """The same where there is one core: with `auto`, no worker takes it away."""
    core = str(min(os.sched_getaffinity(0)))
    ours = TargetDataset("one-core", cores=core)
    theirs = TargetDataset("one-core-alone", cores=core, workers=0)
    return _append(shop, theirs, shop.scale.pairs, ours)


def append_with_a_worker_on_one_core(shop: Workshop) -> Figure:
    """The same with a worker although there is one core."""
    core = str(min(os.sched_getaffinity(0)))
    ours = TargetDataset("one-core-worker", cores=core, workers=1)
    theirs = TargetDataset("one-core-alone", cores=core, workers=0)
    return _append(shop, theirs, shop.scale.pairs, ours)


def append_vs_before(shop: Workshop) -> Figure:
    """Records into nothing, against an earlier build of this project."""
    return _append(shop, before(shop), shop.scale.build_pairs)


def append_to_s3(shop: Workshop) -> Figure:
    """Records into nothing, in an S3 server on this machine, against the same on its disk.

    Raises:
        UnavailableError: There is no server.
    """
    if not is_available():
        msg = "there is no S3 server; `make engines` installs one"
        raise UnavailableError(msg)
    with shop.scratch() as folder, running_s3(folder) as server:
        options = json.dumps(server.options())
        ours = TargetDataset("s3", store_options=options, place=f"s3://{server.bucket}")
        return _append(shop, OURS, shop.scale.pairs, ours)


def peak_append(shop: Workshop) -> Figure:
    """Peak memory of an append."""
    return peak(shop, lambda folder: _appending(shop, folder, shop.scale.posts))


def peak_append_many(shop: Workshop) -> Figure:
    """Peak memory of an append that is several times larger."""
    return peak(shop, lambda folder: _appending(shop, folder, shop.scale.many_posts))


def before(shop: Workshop) -> Contestant:
    """An earlier build of this project."""
    return TargetDataset("before", shop.before())


def _append(
    shop: Workshop, theirs: Contestant, pairs: int, ours: Contestant = OURS, count: int = 0
) -> Figure:
    count = count or shop.scale.posts
    with shop.scratch() as folder:
        return versus(_appending(shop, folder, count), theirs, pairs, count, ours)


def _append_few(shop: Workshop, theirs: Contestant) -> Figure:
    """With as many records as slow targets take in a minute."""
    return _append(shop, theirs, shop.scale.pairs, count=shop.scale.changed_posts)


def versus(
    trial: Trial, theirs: Contestant, pairs: int, records: int, ours: Contestant = OURS
) -> Figure:
    """Paired runs, in turns as to who begins."""
    taken: dict[Contestant, list[Taken]] = {ours: [], theirs: []}
    order = [ours, theirs]
    for _ in range(pairs):
        for contestant in order:
            taken[contestant].append(trial(contestant))
        order.reverse()
    return ratio(taken[ours], taken[theirs], records=records)


def peak(shop: Workshop, prepare: Callable[[Path], Trial], contestant: Contestant = OURS) -> Figure:
    """The peak memory of some runs of ours."""
    with shop.scratch() as folder:
        trial = prepare(folder)
        taken = [trial(contestant, weigh=True) for _ in range(shop.scale.repeats)]
    runs = [{"peak_mb": each.peak_mb, "seconds": each.seconds} for each in taken]
    return middle([each.peak_mb for each in taken], runs)


def _appending(shop: Workshop, folder: Path, count: int) -> Trial:
    source = write(folder / "input.jsonl", messages(range(count)))

    def trial(contestant: Contestant, *, weigh: bool = False) -> Taken:
        with shop.scratch() as place:
            return load(contestant, place, source, Stored(count, 0), weigh=weigh)

    return trial
