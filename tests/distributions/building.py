"""Builds, and what is asked of a build before it is published."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from distributions.sources import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributions.sources import Repository

COMMANDS: Final = ("target-dataset", "dataset", "tap-twitter", "tap-twitter-accounts")


def build(repository: Repository, into: Path) -> list[Path]:
    """Build the sdist and the wheel of each distribution.

    The same commit gives the same bytes, wherever and whenever it is built: only committed files count, and times are
    those of the commit (https://reproducible-builds.org/specs/source-date-epoch/).

    Returns:
        The files, sdists first.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": repository.commit_time()}
    with tempfile.TemporaryDirectory() as staged:
        for folder in FOLDERS:
            source = repository.copy(folder, Path(staged))
            command = [sys.executable, "-m", "hatchling", "build", "-d", str(into)]
            subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    return sorted(into.glob("*.tar.gz")) + sorted(into.glob("*.whl"))


def check(files: Sequence[Path]) -> None:
    """Let twine check that an index can show the READMEs and takes the metadata.

    Raises:
        CalledProcessError: It warns, or finds a fault. Its output names it.
    """
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, text=True)


def try_out(wheels: Sequence[Path], constraints: Path) -> None:
    """Install wheels into an empty environment, and start each command there.

    Raises:
        CalledProcessError: A wheel cannot be installed, or a command fails.
    """
    uv = [sys.executable, "-m", "uv"]
    with tempfile.TemporaryDirectory() as empty:
        environment = Path(empty) / "venv"
        install = ["pip", "install", "--quiet", "--constraint", str(constraints)]
        place = ["--python", str(environment / "bin/python")]
        _run(*uv, "venv", "--quiet", "--python", sys.executable, str(environment))
        _run(*uv, *install, *place, *map(str, wheels))
        for command in COMMANDS:
            _run(str(environment / "bin" / command), "--help", cwd=empty)


def _run(*command: str, cwd: str | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
