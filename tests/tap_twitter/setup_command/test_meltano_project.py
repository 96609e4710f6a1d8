"""Settings in a Meltano project: what goes into `.env`, and what into `meltano.yml`."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.commands import ROOT

from singer_plugin import UserError
from tap_twitter.auth.durable_file import replace_all_durably
from tap_twitter.setup_command.answers import Answers
from tap_twitter.setup_command.meltano_project import MeltanoProject
from tap_twitter.setup_command.reports import REPORTS
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "consumer_key": "k",
    "consumer_secret": "ks",
    "access_token": "t",
    "access_token_secret": "ts",
}
BARE = """\
plugins:
  extractors:
  - name: tap-twitter
  loaders:
  - name: target-dataset
"""


def answered(**tap: Any) -> Answers:
    answers = Answers(reports=REPORTS[:1])
    answers.use_keys(KEYS)
    answers.tap |= tap
    return answers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "meltano.yml", tmp_path)
    return tmp_path


def test_secrets_go_into_env_and_nothing_else_changes(folder: Path) -> None:
    (folder / ".env").write_text("# mine\nOTHER=1\nX_CONSUMER_KEY=old\n")
    answers = answered(**{"users_lookup.input_dataset_id": "people", "budget.max_cost_usd": 5})
    draft = MeltanoProject(folder, None).draft(answers)
    replace_all_durably(draft.contents)
    assert (folder / ".env").read_text() == (
        "# mine\nOTHER=1\nX_CONSUMER_KEY=k\nX_CONSUMER_SECRET=ks\nX_ACCESS_TOKEN=t\n"
        "X_ACCESS_TOKEN_SECRET=ts\nINPUT_DATASET_ID=people\n"
    )
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    added = set((folder / "meltano.yml").read_text().splitlines())
    assert added - set((ROOT / "meltano.yml").read_text().splitlines()) == {
        "          budget.max_cost_usd: 5"
    }
    replaced = [each.name for each in draft.changes if each.replaces]
    assert replaced == ["X_CONSUMER_KEY"]
    assert all("k" not in {each.old, each.new} for each in draft.changes)
    assert MeltanoProject(folder, None).draft(answers).contents == []


def test_an_env_that_others_can_read_is_closed(folder: Path) -> None:
    project = MeltanoProject(folder, None)
    replace_all_durably(project.draft(answered()).contents)
    (folder / ".env").chmod(0o644)
    draft = MeltanoProject(folder, None).draft(answered())
    assert [(each.name, each.new) for each in draft.changes] == [("permissions", "600, not 644")]
    replace_all_durably(draft.contents)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600


def test_each_environment_has_variables_of_its_own(folder: Path) -> None:
    draft = MeltanoProject(folder, "sandbox").draft(answered())
    replace_all_durably(draft.contents)
    text = (folder / ".env").read_text()
    assert "SANDBOX_X_CONSUMER_KEY=k\n" in text
    project = MeltanoProject(folder, "sandbox")
    assert project.tap_setting("auth.access_token") == "t"
    assert project.tap_setting("api.base_url") == "http://127.0.0.1:8480"
    assert MeltanoProject(folder, "prod").tap_setting("auth.access_token") is None


def test_the_store_is_that_of_one_environment_and_is_listed(folder: Path) -> None:
    answers = answered()
    answers.target["store"] = "data"
    project = MeltanoProject(folder, "sandbox")
    assert re.search(r"dataset'? list$", project.listing().text)
    replace_all_durably(project.draft(answers).contents)
    assert re.search(r"dataset'? list --store data$", project.listing().text)
    assert MeltanoProject(folder, "prod").target_setting("store") == "./datasets"


def test_keys_of_another_way_go(folder: Path) -> None:
    replace_all_durably(MeltanoProject(folder, None).draft(answered()).contents)
    answers = answered()
    answers.use_keys({"bearer_token": "b"})
    replace_all_durably(MeltanoProject(folder, None).draft(answers).contents)
    project = MeltanoProject(folder, None)
    assert project.tap_setting("auth.bearer_token") == "b"
    assert project.tap_setting("auth.access_token") is None


def test_a_bare_project_gets_plugins_and_references_to_variables(tmp_path: Path) -> None:
    (tmp_path / "meltano.yml").write_text(BARE)
    project = MeltanoProject(tmp_path, None)
    replace_all_durably(project.draft(answered()).contents)
    written = yaml.safe_load((tmp_path / "meltano.yml").read_text())
    tap, lookup = written["plugins"]["extractors"]
    assert tap["config"]["auth.consumer_key"] == "$X_CONSUMER_KEY"
    assert lookup == {
        "name": "twitter-lookup",
        "inherit_from": "tap-twitter",
        "select": ["users_lookup.*"],
    }
    (load,) = MeltanoProject(tmp_path, None).loads(answered())
    assert load.commands[0].text.endswith("--no-environment run twitter-lookup target-dataset")


def test_reports_are_the_jobs_of_the_project(folder: Path) -> None:
    answers = Answers(reports=REPORTS)
    draft = MeltanoProject(folder, None).draft(answers)
    assert draft.contents == []
    loads = MeltanoProject(folder, None).loads(answers)
    assert [each.commands[0].programs[0][-1] for each in loads] == [each.job for each in REPORTS]
    assert {name for each in REPORTS for name in each.streams} == {*TapTwitter().streams}
    for report in REPORTS:
        assert report.kinds, report.job


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        (BARE, "prod", "has no environment 'prod'; it has: none"),
        ("environments:\n- name: dev\n" + BARE, None, "with --environment: dev"),
        ("plugins: {}\n", None, "has no plugin 'tap-twitter': add it by `meltano add`"),
        (
            BARE.replace("  loaders", "  - {name: twitter-lookup, select: [usage.*]}\n  loaders"),
            None,
            "plugin 'twitter-lookup' selects other streams",
        ),
    ],
    ids=["no environments", "another environment", "no plugins", "another selection"],
)  # fmt: skip
def test_projects_that_cannot_be_set_up(
    tmp_path: Path, text: str, environment: str | None, message: str
) -> None:
    (tmp_path / "meltano.yml").write_text(text)
    with pytest.raises(UserError, match=message):
        MeltanoProject(tmp_path, environment).draft(answered())
