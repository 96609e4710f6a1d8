#!/usr/bin/env python3
"""Run one shard of a job of this Meltano project; several shards may run at once on one machine.

    python3 examples/run_shard.py lookup 0 4

runs shard 0 of 4 of the job `lookup`, with the state suffix `shard-0-of-4`. More options go to
`meltano run`. The exit code is Meltano's, or 128 and the signal that killed it. A SIGTERM or SIGINT
lets the tap finish its page and the target commit it; a second one stops both at once. It needs
nothing but Python; only on Linux does it find the tap to let it finish.

Environment variables:
    MELTANO: The program; `.venv/bin/meltano` of the project if unset.
    MELTANO_ENVIRONMENT: The environment, as for any run.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT / ".meltano"
BORROWED = ("extractors", "loaders", "utilities", "meltano.db")
GRACE_SECONDS = 30
"""How long tap and target may take to end after Meltano was killed."""


def main() -> int:
    """Run the shard that the command line names; gives the exit code."""
    parser = argparse.ArgumentParser(description="Run one shard of a job of this Meltano project.")
    parser.add_argument("job", help="a job of meltano.yml, such as lookup")
    parser.add_argument("index", type=int, help="the shard, from 0")
    parser.add_argument("count", type=int, help="the number of shards")
    arguments, options = parser.parse_known_args()
    meltano = os.environ.get("MELTANO", str(PROJECT / ".venv/bin/meltano"))
    prepare_database(meltano)
    shard = f"shard-{arguments.index}-of-{arguments.count}"
    environment = {
        **os.environ,
        "MELTANO_SYS_DIR_ROOT": str(own_folder(arguments.job, shard)),
        "TAP_TWITTER_SHARD_INDEX": str(arguments.index),
        "TAP_TWITTER_SHARD_COUNT": str(arguments.count),
    }
    command = [meltano, "run", f"--state-id-suffix={shard}", *options, arguments.job]
    return supervise(command, environment)


def prepare_database(meltano: str) -> None:
    """Let one process create or upgrade Meltano's database; several at once fail on its tables."""
    SHARED.mkdir(exist_ok=True)
    with (SHARED / "shards.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepared = SHARED / "shards.ready"
        if prepared.exists() and prepared.stat().st_mtime >= Path(meltano).stat().st_mtime:
            return
        command = [meltano, "--log-level=warning", "state", "list"]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        prepared.touch()


def own_folder(job: str, shard: str) -> Path:
    """Meltano's folder for one shard.

    Meltano keeps the catalog and the state of a run in a folder per plugin, whatever the suffix of
    the state, so runs of one plugin at once read each other's. The installed plugins and the
    database are those of the project.
    """
    folder = SHARED / "shards" / job / shard
    folder.mkdir(parents=True, exist_ok=True)
    for name in BORROWED:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(SHARED / name)
    return folder


def supervise(command: list[str], environment: dict[str, str]) -> int:
    """Run Meltano to its end, whatever ends it; gives the exit code.

    It has a process group of its own: an orchestrator that signals whole groups would stop the
    target before the tap has written its page.
    """
    meltano = subprocess.Popen(command, cwd=PROJECT, env=environment, start_new_session=True)
    signals = 0

    def stop(_number: int, _frame: object) -> None:
        nonlocal signals
        signals += 1
        for process in (signals == 1 and taps_of(meltano.pid)) or [meltano.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    code = meltano.wait()
    end_group(meltano.pid)
    if code < 0:
        # a killed Meltano leaves the plugins' settings there, secrets included
        shutil.rmtree(Path(environment["MELTANO_SYS_DIR_ROOT"]) / "run", ignore_errors=True)
    return code if code >= 0 else 128 - code


def taps_of(meltano: int) -> list[int]:
    """The processes of the tap that Meltano runs: one, or none between its steps."""
    try:
        children = Path(f"/proc/{meltano}/task/{meltano}/children").read_text().split()
    except OSError:
        return []
    taps = []
    for child in children:
        with suppress(OSError):
            if b"/tap-twitter\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                taps.append(int(child))
    return taps


def end_group(group: int) -> None:
    """End what a killed Meltano leaves, so that the next try is alone with the dataset."""
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, 1)):
        deadline = time.monotonic() + seconds
        try:
            os.killpg(group, number)
            while time.monotonic() < deadline:
                time.sleep(0.1)
                os.killpg(group, 0)
        except ProcessLookupError:
            return


if __name__ == "__main__":
    sys.exit(main())
