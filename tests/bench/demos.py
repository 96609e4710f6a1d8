"""The demo beside that of an earlier commit, and the jobs of the earlier one with both."""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bench.measure import Figure, middle
from bench.processes import CommandError, Taken, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bench.builds import Command
    from bench.workshop import Workshop

_Run = tuple[list[str], dict[str, str]]

_PATIENCE: Final = 20.0
"""Seconds until a sandbox counts as broken."""

_ACCOUNTS: Final = json.dumps([{"username": "NorthwindTea"}, {"username": "PlatformNews"}])
_MONTH_AGO: Final = str(datetime.now(UTC).date() - timedelta(30))
_DAYS: Final = {
    "ENGAGEMENT_DAYS_BACK_TO_START_FROM": "10",
    "ENGAGEMENT_DAYS_BACK_TO_END_AT": "5",
}
_THEIRS: Final[tuple[_Run, ...]] = (
    (["lookup"], {}),
    (
        ["messages", "lookup"],
        {
            "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": json.dumps(
                ["direct_messages", "direct_messages_sent"]
            )
        },
    ),
    (
        ["insights"],
        {"TAP_TWITTER_ACCOUNTS": _ACCOUNTS, "TAP_TWITTER_START_DATE": _MONTH_AGO},
    ),
    (["engagement"], {f"TAP_TWITTER_{name}": days for name, days in _DAYS.items()}),
)
"""What the earlier demo runs, one `meltano run` after the other: jobs, and variables."""

_OURS: Final[tuple[_Run, ...]] = (
    (
        ["messages", "lookup"],
        {
            "TWITTER_LOOKUP_USERS_LOOKUP_INPUT_DATASET_ID": json.dumps(
                ["Demo people", "direct_messages", "direct_messages_sent"]
            )
        },
    ),
    (
        ["insights", "engagement"],
        {
            "TWITTER_INSIGHTS_ACCOUNTS": _ACCOUNTS,
            "TWITTER_INSIGHTS_START_DATE": _MONTH_AGO,
            **{f"TWITTER_ENGAGEMENT_{name}": days for name, days in _DAYS.items()},
        },
    ),
)
"""The same jobs in two runs beside each other, as today's demo runs its own."""


def vs_before(shop: Workshop) -> Figure:
    """The time of `make demo` over that of the earlier commit, both run before."""
    return _compare(shop, lambda folder: run([*_clean(), "make", "-C", folder, "demo"]))


def jobs_vs_before(shop: Workshop) -> Figure:
    """The time of the earlier demo's jobs, run as today's does, over what they took as it ran them."""
    return _compare(
        shop, lambda folder: _jobs(folder, _OURS, 2), lambda folder: _jobs(folder, _THEIRS, 1)
    )


def _compare(
    shop: Workshop, our: Callable[[Path], Taken], their: Callable[[Path], Taken] | None = None
) -> Figure:
    timed = {shop.project(): our, shop.project_before(): their or our}
    for folder, once in timed.items():
        once(folder)
    runs = []
    for pair in range(shop.scale.pairs):
        order = list(timed)[:: 1 if pair % 2 else -1]
        taken = {folder: timed[folder](folder) for folder in order}
        ours, theirs = map(taken.__getitem__, timed)
        runs.append(
            {
                "our_seconds": ours.seconds,
                "their_seconds": theirs.seconds,
                "our_cpu_seconds": ours.cpu_seconds,
                "their_cpu_seconds": theirs.cpu_seconds,
            }
        )
    return middle([each["our_seconds"] / each["their_seconds"] for each in runs], runs)


def _jobs(folder: Path, runs: Sequence[_Run], at_once: int) -> Taken:
    """Run Meltano so often, and that many times at once, against the project's sandbox."""
    programs = folder / ".venv" / "bin"
    importing: Command = [programs / "dataset", "import", "demo/people.csv"]
    importing += ["--name", "Demo people", "--replace"]
    subprocess.run(importing, cwd=folder, check=True, capture_output=True)
    meltano: Command = [programs / "meltano", "--cwd", folder, "--environment=sandbox", "run"]
    with _sandbox(folder) as url, ThreadPoolExecutor(at_once) as pool:
        addresses = {"TAP_TWITTER_API_BASE_URL": url, "TAP_TWITTER_API_ENGAGEMENT_URL": url}
        commands = [[*_clean(addresses | more), *meltano, *jobs] for jobs, more in runs]
        begun = time.monotonic()
        taken = list(pool.map(run, commands))
    ended = max(each.ended for each in taken)
    return Taken(ended - begun, ended, sum(each.cpu_seconds for each in taken))


def _clean(variables: dict[str, str] | None = None) -> list[str]:
    """The beginning of a command that sees no variables but these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    return ["env", "-i", *(f"{name}={text}" for name, text in (kept | (variables or {})).items())]


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
