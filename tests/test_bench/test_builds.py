"""Earlier builds of this project as peers."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from bench import builds
from bench.builds import BEFORE, build
from bench.processes import CommandError
from support.commands import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_the_commit_is_part_of_the_history() -> None:
    known = ["git", "-C", str(ROOT), "merge-base", "--is-ancestor", BEFORE, "HEAD"]
    if subprocess.run(known, capture_output=True, check=False).returncode:
        pytest.skip("this clone lacks the commit; the bench says so")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone with two commits; the first has what a build takes, the second has changed it."""
    folder = tmp_path / "repository"
    for plugin in ("target-dataset", "tap-twitter"):
        (folder / plugin).mkdir(parents=True)
    (folder / "requirements").mkdir()
    _git(folder, "init", "--quiet")
    for version in ("first", "second"):
        for plugin in ("target-dataset", "tap-twitter"):
            (folder / plugin / "version").write_text(version)
        (folder / "requirements" / "dev.txt").write_text("")
        _git(folder, "add", ".")
        _git(folder, "commit", "--quiet", "--message", version)
    return folder


def _git(folder: Path, *words: str) -> str:
    someone = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"]
    command = ["git", "-C", str(folder), *someone, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_build_is_made_once_of_the_commit_and_not_of_the_files(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def install(place: Path, _programs: Path) -> None:
        installed.append((place / "target-dataset" / "version").read_text())

    monkeypatch.setattr(builds, "_install", install)
    first = _git(repository, "rev-parse", "HEAD~")
    for _ in range(2):
        programs = build(first, tmp_path / "builds", repository)
        assert programs == tmp_path / "builds" / first / "environment" / "bin"
    assert installed == ["first"]


def test_a_build_that_was_cut_off_is_made_again(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = _git(repository, "rev-parse", "HEAD")
    left_over = tmp_path / "builds" / head / "environment"
    left_over.mkdir(parents=True)
    monkeypatch.setattr(builds, "_install", lambda *_: None)
    build(head, tmp_path / "builds", repository)
    assert not left_over.exists()


def test_a_clone_without_the_commit_says_what_to_do(repository: Path, tmp_path: Path) -> None:
    first = _git(repository, "rev-parse", "HEAD~")
    shallow = tmp_path / "shallow"
    _git(tmp_path, "clone", "--quiet", "--depth=1", repository.as_uri(), str(shallow))
    with pytest.raises(CommandError, match=f"{first}.*git fetch --unshallow"):
        build(first, tmp_path / "builds", shallow)
