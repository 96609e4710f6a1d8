"""Whole commands, as users and orchestrators run them: pipes of console scripts, and Meltano.

What they write is logged here as well, so that the scan of the tests' logs sees it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from support.forking import Popen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
logger = logging.getLogger("commands")


def run(
    *words: str | Path, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        words: The program and its arguments.
        cwd: Where it runs.
        variables: Added to the environment.
    """
    pipe = subprocess.PIPE
    environment = {**os.environ, **variables}
    with Popen(words, cwd=cwd, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        out, errors = process.communicate()
    logger.debug("%s\n%s", out, errors)
    return subprocess.CompletedProcess(words, process.returncode, out, errors)


@dataclass
class Pipe:
    """`tap-twitter | target-dataset` as an orchestrator runs it: the target's STATE is kept."""

    folder: Path
    tap: Mapping[str, Any]
    target: Mapping[str, Any]
    state: dict[str, Any] = field(default_factory=dict)
    largest_state: int = 0
    start: type[subprocess.Popen[Any]] = Popen

    def run(
        self, kill_when: Callable[[], bool] | None = None, kill: Sequence[str] = ("tap",)
    ) -> tuple[int, int]:
        """Run to the end, or kill processes as soon as a condition holds.

        Args:
            kill_when: The condition.
            kill: `tap`, `target`, or both.

        Returns:
            The exit codes of tap and target.
        """
        with tempfile.TemporaryFile("w+") as errors:
            exits = self._run(kill_when, kill, errors)
            errors.seek(0)
            logger.debug("%s", errors.read())
        return exits

    def _run(
        self, kill_when: Callable[[], bool] | None, kill: Sequence[str], errors: IO[str]
    ) -> tuple[int, int]:
        with (
            self.start(
                [BIN / "tap-twitter", *self._options("config", "state")],
                stdout=subprocess.PIPE,
                stderr=errors,
            ) as tap,
            self.start(
                [BIN / "target-dataset", "--config", self._file("target", self.target)],
                stdin=tap.stdout,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as target,
        ):
            assert tap.stdout is not None
            tap.stdout.close()
            if kill_when:
                processes: dict[str, subprocess.Popen[Any]] = {"tap": tap, "target": target}
                victims = [processes[name] for name in kill]
                while any(each.poll() is None for each in victims) and not kill_when():
                    time.sleep(0.001)
                for each in victims:
                    each.kill()
            for line in target.communicate()[0].splitlines():
                self.state = json.loads(line)
                self.largest_state = max(self.largest_state, len(line))
        return tap.returncode, target.returncode

    def _options(self, *names: str) -> list[str]:
        values = {"config": self.tap, "state": self.state}
        return [part for name in names for part in (f"--{name}", self._file(name, values[name]))]

    def _file(self, name: str, value: Mapping[str, Any]) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(value))
        return str(path)


class SelectingPipe(Pipe):
    """A pipe whose tap reads some streams alone."""

    streams: tuple[str, ...] = ()

    def _options(self, *names: str) -> list[str]:
        catalog = {
            "streams": [
                {
                    "tap_stream_id": name,
                    "stream": name,
                    "schema": {"type": "object", "properties": {}},
                    "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
                }
                for name in self.streams
            ]
        }
        path = self.folder / "catalog.json"
        path.write_text(json.dumps(catalog))
        return [*super()._options(*names), "--catalog", str(path)]


@dataclass(frozen=True)
class MeltanoProject:
    """A copy of the repository's project, with plugins installed, in a folder with a space."""

    folder: Path

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `meltano` with its arguments and environment variables."""
        logs = self.folder / "logs"
        ours = {"UV_CONSTRAINT": str(ROOT / "requirements/dev.txt"), "XDG_STATE_HOME": str(logs)}
        done = run(BIN / "meltano", *arguments, cwd=self.folder, **{**ours, **variables})
        for log in logs.rglob("*.log"):
            logger.debug("%s", log.read_text())
            log.unlink()
        return done
