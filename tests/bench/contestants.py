"""The targets that are measured: how each is run, and what it has stored."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from support.commands import BIN

from bench.posts import STREAM, Stored
from bench.processes import CommandError, Taken, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Contestant(Protocol):
    """A target."""

    @property
    def name(self) -> str:
        """What tells it apart from the others; also the name of a folder."""

    def command(self, folder: Path) -> list[str | Path]:
        """What runs it, with a folder for its settings and for what it stores."""

    def stored(self, folder: Path) -> Stored:
        """What it has stored there."""


@dataclass(frozen=True)
class TargetDataset:
    """This project's target, with its defaults.

    Args:
        name: Its name.
        programs: The folder with the programs of a build.
        workers: The setting `workers`.
        cores: The processor cores that it may use, as `taskset` has them; all when omitted.
        store_options: The setting of this name, as JSON.
        place: The address below which each run has a store of its own; the run's folder when omitted.
    """

    name: str = "target-dataset"
    programs: Path = BIN
    workers: int | None = None
    cores: str | None = None
    store_options: str = "{}"
    place: str = ""

    def command(self, folder: Path) -> list[str | Path]:
        settings: dict[str, Any] = {"store": self._store(folder)}
        if self.workers is not None:
            settings["workers"] = self.workers
        if options := json.loads(self.store_options):
            settings["store_options"] = options
        pinned = ["taskset", "--cpu-list", self.cores] if self.cores else []
        config = settings_file(folder, settings)
        return [*pinned, self.programs / "target-dataset", "--config", config]

    def stored(self, folder: Path) -> Stored:
        query = f"select count(*) as n, sum(edits) as edited from {STREAM}"
        store = self._store(folder)
        command: list[str | Path] = [self.programs / "dataset", "sql", "--json", "--store", store]
        command.append(query)
        found = json.loads(output_of(command, DATASET_STORE_OPTIONS=self.store_options))
        return Stored(found[0]["n"], found[0]["edited"])

    def _store(self, folder: Path) -> str:
        return f"{self.place}/{folder.name}" if self.place else str(folder / "datasets")


def load(
    contestant: Contestant, folder: Path, source: Path, expected: Stored, *, weigh: bool = False
) -> Taken:
    """Let a target read a file.

    Args:
        contestant: The target.
        folder: For its settings and for what it stores.
        source: The file.
        expected: What it has to have stored in the end.
        weigh: Whether to sample its memory.

    Raises:
        CommandError: It failed, or has not stored what it was given.
    """
    taken = run(contestant.command(folder), source, weigh=weigh)
    stored = contestant.stored(folder)
    if stored != expected:
        msg = f"{contestant.name} has stored {stored} instead of {expected}"
        raise CommandError(msg)
    return taken


def settings_file(folder: Path, values: dict[str, Any]) -> Path:
    """A file with settings, in the folder of a run."""
    path = folder / "settings.json"
    path.write_text(json.dumps(values))
    return path


def output_of(command: Sequence[str | Path], **variables: str) -> str:
    """What a command writes.

    Args:
        command: The program and its arguments.
        variables: Added to the environment.

    Raises:
        CommandError: It failed.
    """
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    if done.returncode != 0:
        raise CommandError(done.stderr)
    return done.stdout
