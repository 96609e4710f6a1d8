"""What the pages show, taken literally: first runs, examples, recipes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from difflib import ndiff
from typing import TYPE_CHECKING

import pytest
import yaml
from support.commands import BIN, ROOT, MeltanoProject
from support.harness import USER_AUTH, make_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline


def blocks(page: str, language: str, heading: str = "") -> list[str]:
    """The blocks of a language under a heading of a page."""
    text = (ROOT / page).read_text()
    if heading:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found


def shell(script: str, folder: Path) -> str:
    """What a shell prints, with the programs of the project on its path."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_first_run_of_the_target(tmp_path: Path) -> None:
    printed = shell(
        blocks("target-dataset/README.md", "bash", "Ten lines to a first run")[0], tmp_path
    )
    assert "Our cities" in printed
    assert "717710" in printed
    state = (tmp_path / "state.json").read_text().strip()
    assert state == '{"bookmarks": {"cities": {"done": true}}}'


def test_first_run_of_the_tap_and_the_next(sandbox: Sandbox, tmp_path: Path) -> None:
    first, second = blocks("tap-twitter/README.md", "bash", "Ten lines to a first run")
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"):
        first = first.replace(f'"{name}": "…"', f'"{name}": "{USER_AUTH[name]}"')
    first = first.replace("{\n", f'{{"api": {{"base_url": "{sandbox.url}"}},\n', 1)
    (tmp_path / "people.csv").write_text("username\n@NorthwindTea\nnobody_of_that_name\n")
    printed = shell(first, tmp_path)
    assert "…" not in first
    assert {"northwindtea", "nobody_of_that_name"} <= set(printed.split())
    shell(second, tmp_path)
    query = 'dataset sql --json "select username from account_insights"'
    assert json.loads(shell(query, tmp_path)) == [{"username": "NorthwindTea"}]


def test_the_lines_of_the_demo(sandbox: Sandbox, tmp_path: Path) -> None:
    """The lookup of the demo gives the rows and counts that the README shows."""
    (shown,) = blocks("README.md", "text", "Try it")
    script = (ROOT / "demo/run.sh").read_text()
    (query,) = re.findall(r"sql '(select lookup_status,.*?)'", script, re.DOTALL)
    config = {"auth": USER_AUTH, "api": {"base_url": sandbox.url}}
    config["users_lookup"] = {"input_dataset_id": "Demo people"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "target.json").write_text("{}")
    dataset = "Users lookup of Demo people"
    printed = shell(
        f"""dataset import '{ROOT}/demo/people.csv' --name 'Demo people'
        tap-twitter --config config.json | target-dataset --config target.json
        dataset sql "select requested_id, lookup_status, username, name, followers_count
          from \\"{dataset}\\" where requested_id in ('113005316', '204429183', '535203442')"
        COLUMNS=76 dataset sql '{query}'""",
        tmp_path,
    )
    # without the followers, who become more from day to day
    rows = [line.split()[:4] for line in shown.partition("Summary of")[0].splitlines()]
    found = [line.split()[:4] for line in printed.splitlines()]
    assert [row for row in rows if len(row) > 1 and row not in found] == []
    assert len(rows) > 10


@pytest.mark.xdist_group("meltano")
def test_first_run_with_credentials(meltano: MeltanoProject, sandbox: Sandbox) -> None:
    script = blocks("README.md", "bash", "With your own credentials")[1]
    example = (ROOT / ".env.example").read_text()
    variables = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    filled = {f"X_{name.upper()}": value for name, value in USER_AUTH.items()}
    assert set(filled) < set(variables)
    variables |= {**filled, "INPUT_DATASET_ID": "people"}
    make_dataset(meltano.folder / "datasets", "people", {"username": ["@NorthwindTea"]})
    test, run = re.findall(r"^\.venv/bin/meltano ([^#\n]*)", script, re.MULTILINE)
    for line in (test, run):
        done = meltano.run(*line.split(), TAP_TWITTER_API_BASE_URL=sandbox.url, **variables)
        assert done.returncode == 0, done.stderr
    (show,) = re.findall(r"^\.venv/bin/(dataset show .*)$", script, re.MULTILINE)
    assert "northwindtea" in shell(show, meltano.folder)


def test_setting_a_setting_changes_nothing_else(tmp_path: Path) -> None:
    script = blocks("README.md", "bash", "With your own credentials")[2]
    (line,) = re.findall(
        r"^\.venv/bin/meltano (.* insights.lookback_days 14)\b", script, re.MULTILINE
    )
    project = tmp_path / "meltano.yml"
    shutil.copy(ROOT / "meltano.yml", project)
    before = project.read_text().splitlines()
    done = MeltanoProject(tmp_path).run(*line.split())
    assert done.returncode == 0, done.stderr
    changes = [each for each in ndiff(before, project.read_text().splitlines()) if each[0] in "+-"]
    assert [each.split() for each in changes] == [
        ["+", "insights:"],
        ["+", "lookback_days:", "'14'"],
    ]


@pytest.mark.torture
@pytest.mark.xdist_group("meltano")
@pytest.mark.timeout(300)
def test_several_reports_have_datasets_and_states_of_their_own(
    meltano: MeltanoProject, sandbox: Sandbox
) -> None:
    (block,) = blocks("docs/several-reports.md", "yaml", "One more report")
    path = meltano.folder / "meltano.yml"
    before, added = path.read_text(), yaml.safe_load(block)
    project = yaml.safe_load(before)
    for group, plugins in added["plugins"].items():
        project["plugins"][group] += plugins
    project["jobs"] += added["jobs"]
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_START_DATE": "3 days ago",
        "TARGET_DATASET_STORE": "reports",
        "TAP_TWITTER_STORE": "reports",
    }
    try:
        path.write_text(yaml.safe_dump(project))
        for job in added["jobs"]:
            done = meltano.run("run", job["name"], **variables)
            assert done.returncode == 0, done.stderr
        states = meltano.run("state", "list").stdout
    finally:
        path.write_text(before)
    names = {
        each["name"]
        for each in json.loads(shell("dataset list --store reports --json", meltano.folder))
    }
    shown = re.findall(
        r"`([^`]*)`",
        (ROOT / "docs/several-reports.md")
        .read_text()
        .partition("The first report fills")[2]
        .partition("\n\n")[0],
    )
    assert names == set(shown)
    assert {
        "sandbox:twitter-insights-us-to-target-us",
        "sandbox:twitter-insights-others-to-target-others",
    } <= set(states.split())


def test_examples_of_the_sandbox() -> None:
    script = blocks("tests/sandbox/README.md", "python")[0]
    exec(compile(script, "tests/sandbox/README.md", "exec"), {})
