"""Every shell block that a page marks as runnable, run as it stands: in a fresh clone, against the sandbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import groupby
from typing import TYPE_CHECKING, Final

import pytest
from support.commands import ROOT
from support.harness import USER_AUTH
from support.runnable_docs import shell_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.runnable_docs import ShellBlock

    from sandbox import Sandbox

pytestmark = [pytest.mark.torture, pytest.mark.pipeline, pytest.mark.timeout(900)]

PAGES: Final = {
    page: [block for block in blocks if block.is_runnable]
    for page, blocks in groupby(shell_blocks(ROOT), lambda block: block.page)
}
PEOPLE: Final = "username\n@NorthwindTea\n@PlatformNews\nnobody_of_that_name\n"
KEPT: Final = (".venv", ".meltano", ".installed")


class Clone:
    """A clone of the repository with its environment and plugins.

    Args:
        folder: Where it is made. Its name has a space.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git("clone", "--quiet", str(ROOT), str(folder), cwd=ROOT)
        made = self.run("make setup plugins")
        assert made.returncode == 0, made.stderr

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a reader of the docs would, with the programs on the path."""
        path = f"{self.folder}/.venv/bin:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**os.environ, "PATH": path, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def renew(self) -> None:
        """Make it as it was, without datasets, files and states."""
        self._git("checkout", "--quiet", ".", cwd=self.folder)
        kept = [word for name in KEPT for word in ("-e", name)]
        self._git("clean", "-fdxq", *kept, cwd=self.folder)
        for path in self.folder.glob(".meltano/meltano.db*"):
            path.unlink()
        shutil.rmtree(self.folder / ".meltano/run", ignore_errors=True)

    @staticmethod
    def _git(*words: str, cwd: Path) -> None:
        subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("docs") / "a fresh clone")


@pytest.fixture
def clone(fresh: Clone, sandbox: Sandbox) -> Iterator[Clone]:
    """The clone as somebody has it who has filled in keys, and has a list of people."""
    (fresh.folder / "people.csv").write_text(PEOPLE)
    example = fresh.folder / ".env.example"
    text = example.read_text()
    filled = {f"X_{name.upper()}": value for name, value in USER_AUTH.items()}
    for name, value in {**filled, "INPUT_DATASET_ID": "people"}.items():
        text = re.sub(rf"^{name}=$", f"{name}={value}", text, flags=re.MULTILINE)
    example.write_text(text)
    yield fresh
    fresh.renew()


def addresses(sandbox: Sandbox) -> dict[str, str]:
    """The settings that lead to the sandbox in place of X, and a first dataset to look up."""
    apis = ("BASE", "ENGAGEMENT", "ADS")
    return {f"TAP_TWITTER_API_{api}_URL": sandbox.url for api in apis}


def filled_in(script: str, clone: Clone, sandbox: Sandbox) -> str:
    """A script with what the docs cannot know."""
    for placeholder, value in {
        "<this repository>": f"'{ROOT}'",
        "/path/to/this/clone": f"'{clone.folder}'",
        "api.domo.com": sandbox.url.removeprefix("http://"),
    }.items():
        script = script.replace(placeholder, value)
    return script


def told(done: subprocess.CompletedProcess[str], block: ShellBlock) -> str:
    return f"{block.page}:{block.line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("page", [page for page, blocks in PAGES.items() if blocks])
def test_the_blocks_of_a_page(page: str, clone: Clone, sandbox: Sandbox) -> None:
    variables = addresses(sandbox)
    ready = clone.run("dataset import demo/people.csv --name 'Demo people'")
    assert ready.returncode == 0, ready.stderr
    for block in PAGES[page]:
        done = clone.run(filled_in(block.script, clone, sandbox), **variables)
        assert done.returncode == 0, told(done, block)
        assert missing(block.printed, done.stdout) == [], told(done, block)


def missing(lines: Sequence[str], printed: str) -> list[str]:
    """The lines that a program did not print, whatever blanks they have."""
    found = {" ".join(line.split()) for line in printed.splitlines()}
    return [line for line in lines if " ".join(line.split()) not in found]
