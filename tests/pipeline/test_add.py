"""The definitions in `plugins/`, added to an empty Meltano project as the README says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.commands import BIN, ROOT, MeltanoProject
from support.harness import USER_AUTH

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("meltano")]
CLONE = "/path/to/this/clone"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the repository, in a folder with a space."""
    clone = tmp_path / "a clone"
    clone.mkdir()
    for name in ("plugins", "tap-twitter", "target-dataset"):
        (clone / name).symlink_to(ROOT / name)
    return clone


@pytest.fixture
def project(tmp_path: Path, sandbox: Sandbox, clone: Path) -> MeltanoProject:
    """An empty project that knows the clone, the sandbox and its keys."""
    made = MeltanoProject(tmp_path)
    run(made, "init", "my-project", "--no-usage-stats")
    folder = tmp_path / "my-project"
    variables = {f"TAP_TWITTER_AUTH_{name.upper()}": key for name, key in USER_AUTH.items()}
    variables |= {"TAP_TWITTER_API_BASE_URL": sandbox.url, "OPENDATASET_REPO": str(clone)}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    return MeltanoProject(folder)


def run(project: MeltanoProject, *words: str) -> str:
    done = project.run("--log-level=warning", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lines(index: int) -> list[list[str]]:
    """The commands of Meltano in a block of the README's section."""
    section = (ROOT / "README.md").read_text().partition("\n## In your own Meltano project\n")[2]
    block = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)[index]
    return [
        shlex.split(line, comments=True)[1:]
        for line in re.findall(r"^meltano .*$", block, re.MULTILINE)
    ]


def shown(project: MeltanoProject, words: list[str]) -> str:
    """What a command prints of rows, which are no matter for a log."""
    done = subprocess.run(
        [str(BIN / "meltano"), "--log-level=warning", *words],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.torture
@pytest.mark.timeout(300)
def test_an_empty_project(sandbox: Sandbox, project: MeltanoProject, clone: Path) -> None:
    (project.folder / "people.csv").write_text("username\n@NorthwindTea\nnobody_of_that_name\n")
    *steps, show = lines(0)
    for step in steps:
        run(project, *(word.replace(CLONE, str(clone)) for word in step))
    assert show[:3] == ["invoke", "dataset", "show"]
    assert {"northwindtea", "nobody_of_that_name"} <= set(shown(project, show).split())
    assert {each.path for each in sandbox.requests} == {"/2/users", "/2/users/by"}
    for step in lines(1):
        run(project, *step)
    query = "select username from account_insights"
    rows = shown(project, ["invoke", "dataset", "sql", "--json", query])
    assert json.loads(rows) == [{"username": "NorthwindTea"}]
