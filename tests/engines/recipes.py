"""The recipes of docs/engines.md, and their engines as processes in environments of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pytest
from engines.engine import QUIET
from support.commands import ROOT
from support.processes import Popen
from support.sail_server import s3_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.s3_server import S3Server

PAGE: Final = ROOT / "docs" / "engines.md"
_ASKER: Final = Path(__file__).with_name("asker.py")
_END_SECONDS: Final = 60

ENVIRONMENTS: Final = {
    "sail": ".venv-sail",
    "daft-on-ray": ".venv-ray",
    "duckdb": ".venv-engines",
    "polars": ".venv-engines",
    "merge-with-sail": ".venv-sail",
}
"""The environments of `make engines` by the anchors of the page."""

READERS: Final = ("sail", "daft-on-ray", "duckdb", "polars")
"""The recipes that read a table."""

_RAY_IS_SLOW: Final = "The current node timed out during startup"
"""Ray waits 30 seconds for a node of its own to start, however busy the machine is."""


def recipe(anchor: str) -> str:
    """The first block of Python below a heading of the page."""
    for section in re.split(r"^##+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        heading, _, text = section.partition("\n")
        if heading.lower().replace(" ", "-") == anchor:
            found = re.search(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
            assert found, f"no recipe below {heading!r}"
            return found[1]
    raise AssertionError(anchor)


def python(anchor: str) -> Path:
    """The interpreter of an engine; skips the test if it is not installed."""
    found = ROOT / ENVIRONMENTS[anchor] / "bin" / "python"
    if not found.exists():
        pytest.skip("the engines are not installed; `make engines` installs them")
    return found


def environment(server: S3Server, home: Path, **others: str) -> dict[str, str]:
    """The variables that the page names, and nothing of this user's home."""
    return {**os.environ, **QUIET, **s3_environment(server), "HOME": str(home), **others}


@dataclass(frozen=True)
class AskedEngine:
    """A running engine."""

    name: str
    requests: IO[str]
    answers: IO[str]

    def ask(self, location: str, questions: Sequence[str]) -> list[list[list[Any]]]:
        """The rows of each question about the table `posts` at a location.

        Raises:
            RuntimeError: The engine refuses.
        """
        found: list[list[list[Any]]] = self.request(location=location, ask=list(questions))
        return found

    def request(self, **request: Any) -> Any:
        """What the engine answers.

        Raises:
            RuntimeError: The engine refuses.
        """
        print(json.dumps(request), file=self.requests, flush=True)
        line = self.answers.readline()
        assert line, f"{self.name} has ended"
        told = json.loads(line)
        if "error" in told:
            raise RuntimeError(told["error"])
        return told["answer"]


def _begin(engine: AskedEngine, location: str) -> None:
    for tries_left in (2, 1, 0):
        try:
            engine.request(recipe=recipe(engine.name), location=location)
        except RuntimeError as error:
            if not tries_left or _RAY_IS_SLOW not in str(error):
                raise
        else:
            return


@contextmanager
def running_recipe(
    anchor: str, location: str, server: S3Server, **variables: str
) -> Iterator[AskedEngine]:
    """Start an engine by the recipe of the page.

    Args:
        anchor: The heading of the recipe.
        location: The table that the recipe reads.
        server: Where it is.
        variables: More variables of its environment.
    """
    # not pytest's folder: the paths of Ray's sockets may have 107 characters
    with tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True) as home:
        variables = {"RAY_TMPDIR": home, **variables}
        with Popen(
            [python(anchor), "-W", "ignore", _ASKER, anchor],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(server, Path(home), **variables),
            text=True,
        ) as process:
            assert process.stdin
            assert process.stdout
            engine = AskedEngine(anchor, process.stdin, process.stdout)
            try:
                _begin(engine, location)
                yield engine
            finally:
                process.stdin.close()
                try:
                    process.wait(_END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
