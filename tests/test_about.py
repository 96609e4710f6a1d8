"""What `make about` writes, against settings and a project of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from about.columns import HEAD, with_columns
from about.files import written
from about.plugins import PLUGINS, Plugin
from about.readme_pages import Section

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]


def text(**more: Any) -> dict[str, Any]:
    return {"type": ["string", "null"], "title": "A", "description": "Does b. ", **more}


def plugin(**properties: Any) -> Plugin:
    made = Plugin("tap-a", "tap_a", "extractors")
    made.__dict__["about"] = {"settings": {"type": "object", "properties": properties}}
    return made


SHOWN = {"label": "A", "description": "Does b."}


@pytest.mark.parametrize(
    ("prop", "setting", "row"),
    [
        (text(), SHOWN, "|  | Does b. |"),
        (text(default="x|y"), {"value": "x|y"} | SHOWN, "| `x|y` | Does b. |"),
        (text(secret=True), SHOWN | {"sensitive": True}, "|  | Does b. *Secret.* |"),
        (
            text(enum=["a", "b", None]),
            SHOWN | {"description": "Does b. One of: `a`, `b`."},
            "|  | Does b. One of: `a`, `b`. |",
        ),
        (text(description="a|b"), SHOWN | {"description": "a|b"}, "|  | a\\|b |"),
        (
            text(type=["boolean", "null"], default=False),
            {"value": False} | SHOWN,
            "| `false` | Does b. |",
        ),
        (
            text(type=["object", "null"], default={}),
            SHOWN,
            "| `{}` | Does b. |",
        ),
        (
            text(type=["array", "null"], default=["a", "b"]),
            {"value": ["a", "b"]} | SHOWN,
            "| `[a, b]` | Does b. |",
        ),
    ],
    ids=["text", "default", "secret", "choices", "pipe", "boolean", "object", "list"],
)
def test_a_setting(prop: dict[str, Any], setting: dict[str, Any], row: str) -> None:
    made = plugin(a=prop)
    assert made.meltano_settings == [{"name": "a", **setting}]
    assert made.table.splitlines()[2:] == [f"| `a` {row}"]


def test_groups_are_dotted_and_objects_of_any_keys_are_settings() -> None:
    group = {"type": "object", "properties": {"b": text()}, "additionalProperties": False}
    outer = {**group, "properties": {"g": group, "o": text(type="object")}}
    assert list(plugin(outer=outer, last=text()).settings) == ["outer.g.b", "outer.o", "last"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the files that `make about` reads."""
    for name in ("meltano.yml", "mkdocs.yml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for each in PLUGINS:
        (tmp_path / each.name).mkdir()
        shutil.copy(ROOT / each.name / "README.md", tmp_path / each.name)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        ("meltano.yml", lambda s: s.replace("label: Consumer key", "label: Old")),
        ("meltano.yml", lambda s: s.replace("    - name: start_date\n", "    - name: begin\n")),
        ("meltano.yml", lambda s: s.replace("    - structured-logging\n", "")),
        ("tap-twitter/README.md", lambda s: s.replace("| `start_date` |", "| `begin` |")),
        ("target-dataset/README.md", lambda s: s.replace("| `nested` | `json` |", "| `x` | |")),
        ("docs/organic.md", lambda s: s.replace("| `full_text` | I", "| `text` | I")),
        ("docs/organic.md", lambda s: re.sub(r"\| `media_url` .*\n", "", s)),
        ("docs/streams.md", lambda s: s.replace("0.010 per user", "0.011 per user")),
        ("docs/streams/insights.md", lambda s: re.sub(r"\| `lang` .*\n", "", s)),
        ("docs/streams/api-v2.svg", lambda s: s.replace(">sender_id<", ">sender<")),
        ("docs/settings-tap.md", lambda s: s.replace("| integer | `7` |", "| integer | `8` |", 1)),
        ("docs/errors.md", lambda s: s.replace("payment; buy credits", "payment; sell credits")),
        ("mkdocs.yml", lambda s: s.replace("    - lists: streams/lists.md\n", "")),
        ("docs/lookup.md", lambda s: s.replace("](limits.md)", "](../docs/limits.md)")),
    ],
    ids=[
        *("label", "name", "capability", "row", "default", "column", "columns"),
        *("price", "column-of-a-stream", "diagram", "setting", "error", "navigation", "link"),
    ],
)
def test_what_differs_is_written_anew(copy: Path, path: str, damage: Callable[[str], str]) -> None:
    right = (copy / path).read_text()
    (copy / path).write_text(damage(right))
    assert (copy / path).read_text() != right
    assert written(copy)[copy / path] == right


@pytest.mark.parametrize("tables", [0, 2])
def test_a_page_has_all_tables_of_columns_and_no_others(tables: int) -> None:
    with pytest.raises(ValueError, match="argument"):
        with_columns(f"# Page\n\n{HEAD}| `a` | Text. |\n", [()] * tables)


def test_what_is_written_by_hand_stays(copy: Path) -> None:
    project = copy / "meltano.yml"
    by_hand = project.read_text().replace("default_environment: sandbox", "default_environment: x")
    by_hand = by_hand.replace("\n  loaders:\n", "\n  # ours\n  loaders:\n")
    project.write_text(by_hand)
    assert written(copy)[project] == by_hand


def test_definitions_have_what_a_project_needs(copy: Path) -> None:
    texts = {path.stem: text for path, text in written(copy).items() if "plugins" in path.parts}
    found = {name: yaml.safe_load(text) for name, text in texts.items()}
    assert set(found) == {"tap-twitter", "target-dataset", "dataset"}
    for name, definition in found.items():
        assert definition["executable"] == definition["name"] == name
        assert "$OPENDATASET_REPO/" in definition["pip_url"]
    assert found["tap-twitter"]["select"] == ["users_lookup.*"]
    assert "accounts-connect" in found["tap-twitter"]["commands"]


def test_a_page_needs_its_section(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A\n\n## One\n\nText.\n\n### Two\n\nMore.\n\n## Three\n")
    assert Section("README.md", "One").text(tmp_path) == "Text.\n\n### Two\n\nMore.\n"
    with pytest.raises(ValueError, match="no section 'Two'"):
        Section("README.md", "Two").text(tmp_path)
