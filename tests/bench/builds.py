"""An earlier build of this project, made of the repository's own history."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.commands import BIN, ROOT

from bench.processes import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

Command = list[str | Path]

BEFORE: Final = "03d2be74bfa4c4d3ea6dac3da95a5f806db4a07c"
"""The build before the target became exact."""
_PLUGINS: Final = ("target-dataset", "tap-twitter")
_PARTS: Final = (*_PLUGINS, "requirements/dev.txt")


def build(commit: str, folder: Path, repository: Path = ROOT) -> Path:
    """Install tap and target of a commit in an environment of its own, with what that commit's lock names.

    A build that is complete is used again.

    Args:
        commit: The commit.
        folder: Takes the build, in a folder named by the commit.
        repository: The clone that has the commit.

    Returns:
        The folder of the build's programs.

    Raises:
        CommandError: The clone lacks the commit, or the build failed.
    """
    place = folder / commit
    programs = place / "environment" / "bin"
    complete = place / f"complete-{'-'.join(_PLUGINS)}"
    if not complete.exists():
        _check_out(commit, place, repository, _PARTS)
        _install(place, programs)
        complete.touch()
    return programs


def project(commit: str, folder: Path, repository: Path = ROOT) -> Path:
    """Make the whole project of a commit, with its plugins installed in Meltano.

    A project that is complete is used again.

    Args:
        commit: The commit.
        folder: Takes the project, in a folder named by the commit.
        repository: The clone that has the commit.

    Returns:
        The folder of the project.

    Raises:
        CommandError: The clone lacks the commit, or its plugins could not be installed.
    """
    place = folder / f"{commit}-project"
    complete = place / ".complete"
    if not complete.exists():
        _check_out(commit, place, repository)
        _output(["make", "-C", place, "plugins", f"PYTHON={sys.executable}"])
        complete.touch()
    return place


def compile_own() -> None:
    """Compile our own build and its libraries, as those of peers are: bytecode may not be there yet."""
    folders = [ROOT / "target-dataset", ROOT / "tap-twitter", Path(sysconfig.get_path("purelib"))]
    # some libraries bring templates that are no Python; they are not imported
    command: Command = [sys.executable, "-m", "compileall", "-qq", *folders]
    subprocess.run(command, check=False)


def _check_out(commit: str, place: Path, repository: Path, parts: Sequence[str] = ()) -> None:
    """Put what a commit holds, or parts of it, into a new folder."""
    shutil.rmtree(place, ignore_errors=True)
    git: Command = ["git", "-C", repository]
    known = [*git, "cat-file", "-e", f"{commit}^{{commit}}"]
    if subprocess.run(known, capture_output=True, check=False).returncode:
        msg = (
            f"The commit {commit}, which is measured as a peer, is not in this clone of the "
            "repository. Is the clone shallow? `git fetch --unshallow` gets all commits."
        )
        raise CommandError(msg)
    packed = _output([*git, "archive", "--format=tar", commit, *parts])
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(place, filter="data")


def _install(place: Path, programs: Path) -> None:
    install: Command = [BIN / "uv", "pip", "install", "--quiet", "--compile-bytecode"]
    install += ["--python", programs / "python"]
    _output([BIN / "uv", "venv", "--quiet", "--python", sys.executable, programs.parent])
    _output([*install, "--require-hashes", "-r", place / "requirements" / "dev.txt"])
    plugins = [place / name for name in _PLUGINS]
    _output([*install, "--no-deps", "--no-build-isolation", *plugins])


def _output(command: Command) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise CommandError(done.stderr.decode(errors="replace"))
    return done.stdout
