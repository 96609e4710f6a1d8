"""What a small commit costs once there have been many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from support.commands import BIN

from bench.measure import Figure, middle
from bench.posts import messages, write
from bench.processes import run

if TYPE_CHECKING:
    from pathlib import Path

    from bench.workshop import Workshop

ROWS: Final = 100


def later_over_first(shop: Workshop) -> Figure:
    """CPU of commits after many, over that of the first ones; starts of the command do not count."""
    counted, between = shop.scale.small_commits, shop.scale.commits_between
    runs = []
    for _ in range(shop.scale.repeats):
        with shop.scratch() as folder:
            first = _cpu_of_commits(folder, counted)
            _cpu(folder, between)
            later = _cpu_of_commits(folder, counted)
        runs.append({"first_cpu_seconds": first, "later_cpu_seconds": later})
    ratios = [each["later_cpu_seconds"] / each["first_cpu_seconds"] for each in runs]
    return middle(ratios, runs, commits=counted, commits_between=between)


def _cpu_of_commits(folder: Path, count: int) -> float:
    """What more commits cost than one."""
    one = _cpu(folder, 1)
    return (_cpu(folder, count) - one) / (count - 1)


def _cpu(folder: Path, commits: int) -> float:
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"store": str(folder / "datasets"), "batch_size_rows": ROWS}))
    source = write(folder / "input.jsonl", messages(range(commits * ROWS)))
    return run([BIN / "target-dataset", "--config", settings], source).cpu_seconds
