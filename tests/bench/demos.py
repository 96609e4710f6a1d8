"""The demo beside that of an earlier commit, and the jobs of the earlier one with both."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bench.measure import Figure, middle
from bench.processes import CommandError, Taken, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.builds import Command
    from bench.workshop import Workshop

_PATIENCE: Final = 20.0
"""Seconds until a sandbox counts as broken."""

_JOBS: Final[tuple[tuple[list[str], dict[str, str]], ...]] = (
    (["lookup"], {}),
    (
        ["messages", "lookup"],
        {"USERS_LOOKUP_INPUT_DATASET_ID": json.dumps(["direct_messages", "direct_messages_sent"])},
    ),
    (
        ["insights"],
        {
            "ACCOUNTS": json.dumps([{"username": "NorthwindTea"}, {"username": "PlatformNews"}]),
            "START_DATE": str(datetime.now(UTC).date() - timedelta(30)),
        },
    ),
    (
        ["engagement"],
        {"ENGAGEMENT_DAYS_BACK_TO_START_FROM": "10", "ENGAGEMENT_DAYS_BACK_TO_END_AT": "5"},
    ),
)
"""What the earlier demo runs: the jobs of each `meltano run`, and settings of the tap."""


def vs_before(shop: Workshop) -> Figure:
    """The time of `make demo` over that of the earlier commit, both run before."""
    return _compare(shop, lambda folder: run([*_clean(), "make", "-C", folder, "demo"]))


def jobs_vs_before(shop: Workshop) -> Figure:
    """The time of the earlier demo's jobs over what they take with the earlier commit."""
    return _compare(shop, _jobs)


def _compare(shop: Workshop, timed: Callable[[Path], Taken]) -> Figure:
    ours, theirs = shop.project(), shop.project_before()
    for folder in (ours, theirs):
        timed(folder)
    runs = []
    for pair in range(shop.scale.pairs):
        order = (ours, theirs) if pair % 2 else (theirs, ours)
        taken = {folder: timed(folder) for folder in order}
        runs.append(
            {
                "our_seconds": taken[ours].seconds,
                "their_seconds": taken[theirs].seconds,
                "our_cpu_seconds": taken[ours].cpu_seconds,
                "their_cpu_seconds": taken[theirs].cpu_seconds,
            }
        )
    return middle([each["our_seconds"] / each["their_seconds"] for each in runs], runs)


def _jobs(folder: Path) -> Taken:
    programs = folder / ".venv" / "bin"
    importing: Command = [
        programs / "dataset",
        "import",
        "demo/people.csv",
        "--name",
        "Demo people",
    ]
    subprocess.run([*importing, "--replace"], cwd=folder, check=True, capture_output=True)
    meltano: Command = [programs / "meltano", "--cwd", folder, "--environment=sandbox", "run"]
    with _sandbox(folder) as url:
        addresses = {"API_BASE_URL": url, "API_ENGAGEMENT_URL": url}
        taken = [run([*_clean(addresses | more), *meltano, *jobs]) for jobs, more in _JOBS]
    seconds = sum(each.seconds for each in taken)
    return Taken(seconds, taken[-1].ended, sum(each.cpu_seconds for each in taken))


def _clean(settings: dict[str, str] | None = None) -> list[str]:
    """The beginning of a command that sees no variables but these settings of the tap."""
    kept = [f"{name}={os.environ[name]}" for name in ("PATH", "HOME")]
    return [
        "env",
        "-i",
        *kept,
        *(f"TAP_TWITTER_{name}={text}" for name, text in (settings or {}).items()),
    ]


@contextmanager
def _sandbox(folder: Path) -> Iterator[str]:
    """The sandbox of a project; gives its address."""
    ready = folder / ".sandbox" / "bench.json"
    ready.parent.mkdir(exist_ok=True)
    ready.unlink(missing_ok=True)
    command: Command = [folder / ".venv" / "bin" / "python", "-m", "sandbox", "--ready-file", ready]
    environment = {**os.environ, "PYTHONPATH": "tests"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                msg = f"The sandbox of {folder} did not start."
                raise CommandError(msg)
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        process.terminate()
        process.wait()
