"""The targets that are measured: how each is run, and what it has stored."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

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
    """

    name: str = "target-dataset"
    programs: Path = BIN

    def command(self, folder: Path) -> list[str | Path]:
        settings = _settings(folder, {"store": str(folder / "datasets")})
        return [self.programs / "target-dataset", "--config", settings]

    def stored(self, folder: Path) -> Stored:
        query = f"select count(*) as n, sum(edits) as edited from {STREAM}"
        store = str(folder / "datasets")
        command: list[str | Path] = [self.programs / "dataset", "sql", "--json", "--store", store]
        command.append(query)
        found = json.loads(_output(command))
        return Stored(found[0]["n"], found[0]["edited"])


@dataclass(frozen=True)
class TargetDuckdb:
    """target-duckdb with its defaults, but for streams without keys."""

    programs: Path
    name: ClassVar = "target-duckdb"
    QUERY: ClassVar = (
        "import duckdb, json, sys\n"
        "rows = duckdb.connect(sys.argv[1]).sql('select count(*), sum(edits) from bench.posts')\n"
        "print(json.dumps([int(number) for number in rows.fetchall()[0]]))"
    )

    def command(self, folder: Path) -> list[str | Path]:
        settings = {
            "filepath": str(folder / "posts.duckdb"),
            "default_target_schema": "bench",
            "primary_key_required": False,
        }
        return [self.programs / "target-duckdb", "--config", _settings(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        command: list[str | Path] = [
            self.programs / "python",
            "-c",
            self.QUERY,
            folder / "posts.duckdb",
        ]
        return Stored(*json.loads(_output(command)))


@dataclass(frozen=True)
class TargetJsonl:
    """target-jsonl with its defaults."""

    programs: Path
    name: ClassVar = "target-jsonl"

    def command(self, folder: Path) -> list[str | Path]:
        settings = {"destination_path": str(folder), "do_timestamp_file": False}
        return [self.programs / "target-jsonl", "--config", _settings(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        rows = edited = 0
        with (folder / f"{STREAM}.jsonl").open("rb") as lines:
            for line in lines:
                rows += 1
                edited += b'"edits": 0' not in line
        return Stored(rows, edited)


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


def _settings(folder: Path, values: dict[str, Any]) -> Path:
    path = folder / "settings.json"
    path.write_text(json.dumps(values))
    return path


def _output(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(done.stderr)
    return done.stdout
