"""Engines that read local datasets, each a process in the environment that `make engines` makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from support.commands import ROOT
from support.processes import Popen

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON: Final = ROOT / ".venv-engines" / "bin" / "python"
_READER: Final = Path(__file__).with_name("reader.py")
_README: Final = ROOT / "target-dataset" / "README.md"
QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "DAFT_ANALYTICS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
}
"""No engine reports its use, and none draws a bar into its messages."""


def recipes() -> dict[str, str]:
    """The recipes of the target's README by the module of the engine: expressions of `location`."""
    section = _README.read_text().partition("\n## Local datasets\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| .*? \| `((\w+)\..*\blocation\b.*)` \|$", section, re.MULTILINE)
    return {module: recipe for recipe, module in found}


class Engine:
    """One engine.

    Args:
        name: The module of the engine.
        requests: Takes what `engines.reader` reads.
        answers: Gives what it answers.
    """

    def __init__(self, name: str, requests: IO[str], answers: IO[str]) -> None:
        self.name = name
        self._requests = requests
        self._answers = answers

    def read(self, location: str) -> tuple[list[str], list[Any]]:
        """The columns and the rows of a table, values as `engines.reader.plain` writes them."""
        return self._ask(location=location)

    def find(self, location: str, column: str, value: str | None) -> list[Any]:
        """The rows of a table that have a value in a column; the engine may skip files for it."""
        return self._ask(location=location, column=column, value=value)[1]

    def _ask(self, **request: Any) -> tuple[list[str], list[Any]]:
        print(json.dumps(request), file=self._requests, flush=True)
        line = self._answers.readline()
        assert line, f"{self.name} has ended"
        told = json.loads(line)
        assert "error" not in told, told["error"]
        return told["columns"], told["rows"]


@contextmanager
def running(name: str, recipe: str, home: Path) -> Iterator[Engine]:
    """Start an engine.

    Args:
        name: The module of the engine.
        recipe: How it reads a table.
        home: Takes what the engine puts into its user's home.
    """
    with Popen(
        [PYTHON, _READER, name, recipe],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **QUIET, "HOME": str(home)},
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Engine(name, process.stdin, process.stdout)
