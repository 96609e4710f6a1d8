"""`meltano.yml`: settings are found and edited where they stand, and the rest stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.commands import ROOT

from singer_plugin import UserError
from tap_twitter.setup_command.project_file import ProjectFile

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
# a comment
environments:
- name: prod
  config:
    plugins:
      extractors:
      - name: tap-twitter
        config:
          auth.consumer_key: $X_CONSUMER_KEY   # from .env
          budget:
            max_cost_usd: 3
plugins:
  extractors:
  - name: tap-twitter
    config:
      start_date: '2026-01-01'
"""
TAP = ("extractors", "tap-twitter")


def project(folder: Path, text: str = PROJECT, environment: str | None = "prod") -> ProjectFile:
    path = folder / "meltano.yml"
    path.write_text(text)
    file = ProjectFile(path)
    file.environment = environment
    return file


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auth.consumer_key", "$X_CONSUMER_KEY"),
        ("budget.max_cost_usd", 3),
        ("start_date", "2026-01-01"),
        ("auth.bearer_token", None),
    ],
)
def test_a_setting_is_found_wherever_it_stands(tmp_path: Path, name: str, value: Any) -> None:
    assert project(tmp_path).setting(*TAP, name) == value


EDITS = {
    "in an object": ("budget.max_cost_usd", 5, "max_cost_usd: 3", "max_cost_usd: 5"),
    "into an object": (
        "budget.max_requests",
        9,
        "max_cost_usd: 3\n",
        "max_cost_usd: 3\n            max_requests: 9\n",
    ),
    "of all environments": (
        "start_date",
        "2026-02-02",
        "max_cost_usd: 3\n",
        "max_cost_usd: 3\n          start_date: '2026-02-02'\n",
    ),
    "new": (
        "users_lookup.input_dataset_id",
        "people",
        "max_cost_usd: 3\n",
        "max_cost_usd: 3\n          users_lookup.input_dataset_id: people\n",
    ),
    "removed": ("start_date", None, "      start_date: '2026-01-01'\n", ""),
}


@pytest.mark.parametrize("case", EDITS)
def test_edits_leave_the_rest_as_it_is(tmp_path: Path, case: str) -> None:
    name, value, old, new = EDITS[case]
    file = project(tmp_path)
    file.set(*TAP, name, value)
    changed = file.content.replace("config: {}\n", "config:\n")
    assert changed == PROJECT.replace(old, new)


def test_settings_of_another_plugin_leave_comments_where_they_are(tmp_path: Path) -> None:
    loaders = (
        "      loaders:\n      - name: target-domo\n        config:\n          store: domo://a\n"
    )
    text = PROJECT.replace("plugins:\n  extr", f"{loaders}# all of it\nplugins:\n  extr", 1)
    file = project(tmp_path, text)
    file.set("loaders", "target-dataset", "store", "data")
    assert "          store: domo://a\n# all of it\nplugins:\n" in file.content


def test_other_layouts_stay(tmp_path: Path) -> None:
    text = "environments:\n  - name: prod\nplugins:\n    extractors:\n      - name: tap-twitter\n"
    assert project(tmp_path, text.replace("    extr", "  extr").replace("      -", "    -")).content
    own = (ROOT / "meltano.yml").read_text()
    assert project(tmp_path, own).content == own


def test_an_environment_without_settings_gets_them(tmp_path: Path) -> None:
    text = "environments:\n- name: prod\nplugins:\n  extractors:\n  - name: tap-twitter\n"
    file = project(tmp_path, text)
    file.set(*TAP, "start_date", "2026-01-01")
    again = project(tmp_path, file.content)
    assert again.setting(*TAP, "start_date") == "2026-01-01"
    assert project(tmp_path, file.content, None).setting(*TAP, "start_date") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\n", r"line \d+: it is not valid YAML"),
        ("- 1\n", "is not the file of a Meltano project"),
    ],
    ids=["no YAML", "no project"],
)
def test_what_is_no_project(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        project(tmp_path, text)
