"""The Makefile: when the plugins of Meltano are installed again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from support.commands import BIN, ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = (
    "requirements/dev.txt",
    "requirements/axe.txt",
    "tap-twitter/pyproject.toml",
    "target-dataset/pyproject.toml",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose plugins are installed."""
    folder = tmp_path / "a project"
    for name in ("Makefile", "meltano.yml", *NEEDED):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(BIN)
    (folder / ".venv/.installed").touch()
    assert "install tap-twitter" in planned(folder)
    (folder / ".meltano/.installed").touch()
    return folder


def planned(project: Path, target: str = "plugins") -> str:
    """The commands that make would run."""
    done = run("make", "-n", "--no-print-directory", target, cwd=project)
    assert done.returncode == 0, done.stderr
    return "".join(
        line
        for line in done.stdout.splitlines(keepends=True)
        if "meltano" in line and ".required" not in line
    )


@pytest.mark.parametrize(
    ("old", "new", "installs"),
    [
        ("users_lookup.input_dataset_id: Demo people", "store: elsewhere", False),
        ("pip_url: target-jsonl==0.1.4", "pip_url: target-jsonl==0.1.3", True),
        (
            "pip_url: -e ./target-dataset[s3] -e ./tap-twitter",
            "pip_url: >-\n      -e ./target-dataset[sql]\n      -e ./tap-twitter",
            True,
        ),
        ("default_environment:", "venv: {backend: virtualenv}\ndefault_environment:", True),
    ],
    ids=["a setting", "a version", "another extra, on a line of its own", "the backend"],
)
def test_plugins_are_installed_again_if_what_is_installed_changes(
    project: Path, old: str, new: str, installs: bool
) -> None:
    text = (project / "meltano.yml").read_text()
    assert old in text
    (project / "meltano.yml").write_text(text.replace(old, new))
    for target in ("plugins",) if installs else ("init", "demo", "plan"):
        assert ("install tap-twitter" in planned(project, target)) is installs, target


@pytest.mark.parametrize("text", ["plugins: [", "- a list\n", "plugins: {a: 1}"])
def test_a_file_that_is_no_project_is_named(project: Path, text: str) -> None:
    (project / "meltano.yml").write_text(text)
    done = run("make", "plugins", cwd=project)
    assert done.returncode
    assert "meltano.yml is not the file of a Meltano project; correct it" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["requirements/dev.txt", "tap-twitter/pyproject.toml"])
def test_plugins_are_installed_again_with_the_environment(project: Path, name: str) -> None:
    (project / name).write_text((ROOT / name).read_text() + "\n")
    assert "install tap-twitter" in planned(project)


def test_an_installation_that_failed_is_tried_again(project: Path) -> None:
    text = (project / "meltano.yml").read_text()
    (project / "meltano.yml").write_text(text.replace("==0.1.4", "==0.1.3"))
    for _ in range(2):
        assert "install tap-twitter" in planned(project)
