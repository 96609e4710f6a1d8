"""Settings in a Meltano project: what goes into `.env`, and what into `meltano.yml`."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.commands import BIN, ROOT, run

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


OPTIONS = {"client_id": "c", "client_secret": "s", "part_rows": 5}
STORES = {
    "an object": ("{client_id: c, client_secret: $SECRET, part_rows: 5}", "SECRET=s\n"),
    "JSON": ("""'{"client_id": "c", "client_secret": "$SECRET", "part_rows": 5}'""", "SECRET=s\n"),
    "a variable": ("$OPTIONS", f"OPTIONS='{json.dumps(OPTIONS)}'\n"),
}


@pytest.mark.parametrize("form", STORES)
def test_the_options_of_a_store_become_a_secret_of_one_variable(tmp_path: Path, form: str) -> None:
    written, variables = STORES[form]
    config = f"    config:\n      store_options: {written}\n"
    (tmp_path / "meltano.yml").write_text(BARE.replace("-dataset\n", f"-dataset\n{config}"))
    (tmp_path / ".env").write_text(variables)
    project = MeltanoProject(tmp_path, None)
    assert project.target_setting("store_options") == OPTIONS
    answers = answered(store_options=OPTIONS)
    answers.target["store_options"] = OPTIONS
    replace_all_durably(project.draft(answers).contents)
    plugins = yaml.safe_load((tmp_path / "meltano.yml").read_text())["plugins"]
    tap, target = (
        plugins[kind][0]["config"]["store_options"] for kind in ("extractors", "loaders")
    )
    assert (tap, target) == ("$STORE_OPTIONS", "$OPTIONS" if written == "$OPTIONS" else tap)
    project = MeltanoProject(tmp_path, None)
    assert project.tap_setting("store_options") == OPTIONS
    assert project.target_setting("store_options") == OPTIONS
    assert project.draft(answers).contents == []


HARD = {
    "quote": 'a"b',
    "backslash": "a\\b",
    "both": '\\"',
    "apostrophe": "it's",
    "dollar": "$HOME",
    "variable": "${HOME}",
    "blanks": " a b ",
    "number sign": "a #b",
    "line end": "a\nb\\nc",
    "accent": "é",
}


@pytest.mark.parametrize("case", HARD)
def test_secrets_of_a_store_are_read_back_as_they_are(tmp_path: Path, case: str) -> None:
    (tmp_path / "meltano.yml").write_text(BARE)
    answers = answered(store_options={"client_secret": HARD[case]})
    replace_all_durably(MeltanoProject(tmp_path, None).draft(answers).contents)
    options = MeltanoProject(tmp_path, None).tap_setting("store_options")
    assert options == {"client_secret": HARD[case]}


@pytest.mark.torture
@pytest.mark.pipeline
def test_meltano_gives_such_secrets_to_the_plugins_of_the_reports(folder: Path) -> None:
    options = {"client_id": "c", "client_secret": "".join(HARD.values())}
    answers = answered(store="domo://example.com", store_options=options)
    answers.target |= {"store": "domo://example.com", "store_options": options}
    replace_all_durably(MeltanoProject(folder, None).draft(answers).contents)
    for plugin in ("twitter-lookup", "target-dataset"):
        words = ("--environment=prod", "invoke", "--dump=config", plugin)
        done = run(BIN / "meltano", *words, cwd=folder, MELTANO_AUTO_INSTALL="false")
        assert json.loads(json.loads(done.stdout)["store_options"]) == options, done.stderr


def test_the_options_of_another_store_go(tmp_path: Path) -> None:
    (tmp_path / "meltano.yml").write_text(BARE)
    answers = answered()
    answers.target["store_options"] = OPTIONS
    replace_all_durably(MeltanoProject(tmp_path, None).draft(answers).contents)
    answers.target["store_options"] = None
    draft = MeltanoProject(tmp_path, None).draft(answers)
    assert [(each.name, each.old, each.new) for each in draft.changes] == [
        ("STORE_OPTIONS", "(secret)", None)
    ]
    replace_all_durably(draft.contents)
    assert MeltanoProject(tmp_path, None).target_setting("store_options") == {}


SUFFIXES: dict[str, tuple[str, dict[str, str], str]] = {
    "none": ("", {}, ""),
    "of the environment": ("state_id_suffix: emea", {}, ":emea"),
    "with variables": ("state_id_suffix: ${TEAM}-$PART$NONE", {"PART": "2"}, ":emea-2"),
    "of the run": ("state_id_suffix: emea", {"MELTANO_RUN_STATE_ID_SUFFIX": "apac"}, ":apac"),
}


@pytest.mark.torture
@pytest.mark.pipeline
@pytest.mark.parametrize("case", SUFFIXES)
def test_the_plan_resumes_from_the_state_of_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    setting, variables, suffix = SUFFIXES[case]
    (folder / ".env").write_text("TEAM=emea\n")
    text = (folder / "meltano.yml").read_text()
    (folder / "meltano.yml").write_text(
        text.replace("- name: prod\n", f"- name: prod\n  {setting}\n")
    )
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    state: dict[str, Any] = {"bookmarks": {"users_lookup": {}}}
    name = f"prod:twitter-lookup-to-target-dataset{suffix}"
    words = ("--environment=prod", "state", "set", "--force", name)
    done = run(BIN / "meltano", *words, json.dumps({"singer_state": state}), cwd=folder)
    assert done.returncode == 0, done.stderr
    (load,) = MeltanoProject(folder, None).loads(answered())
    assert load.read_state() == state


@pytest.mark.parametrize("written", ["[1]", "text", "$OPTIONS"])
def test_options_that_are_no_object_are_refused(tmp_path: Path, written: str) -> None:
    config = f"    config:\n      store_options: {written}\n"
    (tmp_path / "meltano.yml").write_text(BARE.replace("-dataset\n", f"-dataset\n{config}"))
    (tmp_path / ".env").write_text("OPTIONS=secret\n")
    with pytest.raises(UserError, match="'store_options' of plugin 'target-dataset' is no object"):
        MeltanoProject(tmp_path, None).target_setting("store_options")


def test_the_store_is_that_of_one_environment_and_is_listed(folder: Path) -> None:
    answers = answered()
    answers.target["store"] = "data"
    project = MeltanoProject(folder, "sandbox")
    assert re.search(r"dataset'? list$", project.listing().text)
    replace_all_durably(project.draft(answers).contents)
    assert re.search(r"dataset'? list --store data$", project.listing().text)
    answers.target |= {"store": "domo://example.com", "store_options": OPTIONS}
    replace_all_durably(MeltanoProject(folder, "sandbox").draft(answers).contents)
    assert re.search(
        r"meltano'? --environment=sandbox invoke --dump=config target-dataset \| .*dataset'? list --config -$",
        project.listing().text,
    )
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
