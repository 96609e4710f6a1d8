"""What the start of a command costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from support.commands import BIN

from bench.measure import Figure, middle
from bench.processes import run

if TYPE_CHECKING:
    from pathlib import Path

    from bench.workshop import Workshop


def of_tap(shop: Workshop) -> Figure:
    """CPU of `tap-twitter --about` over that of a tap with nothing in it."""
    return _ratio(BIN / "tap-twitter", "bench.plain_tap", shop.scale.build_pairs)


def of_target(shop: Workshop) -> Figure:
    """CPU of `target-dataset --about` over that of a target with nothing in it."""
    return _ratio(BIN / "target-dataset", "bench.plain_target", shop.scale.build_pairs)


def _ratio(ours: Path, theirs: str, pairs: int) -> Figure:
    commands: list[list[str | Path]] = [
        [ours, "--about"],
        [sys.executable, "-m", theirs, "--about"],
    ]
    runs = []
    for _ in range(pairs):
        our, their = (run(command).cpu_seconds for command in commands)
        runs.append({"our_cpu_seconds": our, "their_cpu_seconds": their})
    return middle([each["our_cpu_seconds"] / each["their_cpu_seconds"] for each in runs], runs)
