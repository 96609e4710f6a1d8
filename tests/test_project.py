"""What stands in several places of the repository says the same everywhere."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from singer_plugin.text_values import meltano_kind
from tap_twitter.tap import TapTwitter
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PLUGINS: dict[str, Any] = {"tap-twitter": TapTwitter, "target-dataset": TargetDataset}


def declared(plugin: str) -> dict[str, dict[str, Any]]:
    """The settings of a plugin by their dotted names, as it describes them itself."""
    return dict(leaves(PLUGINS[plugin]._get_about_info().settings["properties"]))


def leaves(properties: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, prop in properties.items():
        if prop.get("additionalProperties") is False:
            yield from leaves(prop["properties"], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", prop


def choices(prop: dict[str, Any]) -> str:
    """The values that a setting may have, if they are listed, as the end of its description."""
    names = ", ".join(f"`{value}`" for value in prop.get("enum", ()) if value is not None)
    return f" One of: {names}." if names else ""


def default(prop: dict[str, Any]) -> Any:
    """A setting's default; a free-form object's empty one counts as none."""
    return None if prop.get("default") == {} else prop.get("default")


@pytest.fixture(scope="module")
def meltano_plugins() -> dict[str, dict[str, Any]]:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    return {plugin["name"]: plugin for group in project["plugins"].values() for plugin in group}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_meltano_knows_every_setting(
    plugin: str, meltano_plugins: dict[str, dict[str, Any]]
) -> None:
    settings = {setting["name"]: setting for setting in meltano_plugins[plugin]["settings"]}
    assert list(settings) == list(declared(plugin))
    for name, prop in declared(plugin).items():
        setting = settings[name]
        assert setting.get("kind") == meltano_kind(prop), name
        assert setting.get("sensitive", False) == prop.get("secret", False), name
        assert setting.get("value") == default(prop), name
        assert setting["label"] == prop["title"], name
        assert setting["description"] == prop["description"].strip() + choices(prop), name


@pytest.mark.parametrize("plugin", PLUGINS)
def test_meltano_knows_every_capability(
    plugin: str, meltano_plugins: dict[str, dict[str, Any]]
) -> None:
    assert meltano_plugins[plugin]["capabilities"] == [
        capability.value for capability in PLUGINS[plugin].capabilities
    ]


def documented(prop: dict[str, Any]) -> tuple[str, str]:
    """The default and the description of a setting, as a README's table has them."""
    default = f"`{json.dumps(prop['default'])}`".replace('"', "") if "default" in prop else ""
    described = prop["description"].strip().replace("|", "\\|") + choices(prop)
    return default, described + (" *Secret.*" if prop.get("secret") else "")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_readme_tells_every_setting(plugin: str) -> None:
    text = (ROOT / plugin / "README.md").read_text()
    text = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.*?) ?\| (.*) \|$", text, re.MULTILINE)
    expected = {name: documented(prop) for name, prop in declared(plugin).items()}
    assert {name: (default, described) for name, default, described in rows} == expected


def test_the_example_of_the_environment_names_what_prod_reads() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (prod,) = (each for each in project["environments"] if each["name"] == "prod")
    named = re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(re.findall(r"\$(\w+)", json.dumps(prod))) == set(named)


def test_every_stream_has_a_plugin_a_job_and_a_row_in_the_readme() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    extractors = {each["name"]: each.get("select", []) for each in project["plugins"]["extractors"]}
    run = {task.split()[0] for job in project["jobs"] for task in job["tasks"]}
    assert run == set(extractors) - {"tap-twitter"}
    streams = list(TapTwitter().streams)
    selected = [entry for select in extractors.values() for entry in select]
    assert sorted(selected) == sorted(f"{name}.*" for name in streams)
    table = (ROOT / "tap-twitter/README.md").read_text().partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(streams)


def imported_by(package: str) -> set[str]:
    """The top-level names that the modules of a package import."""
    names = set()
    for path in ROOT.glob(f"ta*-*/{package}/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return names


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("dataset_store", {"singer_sdk", "singer_plugin", "target_dataset", "tap_twitter", "requests"}),
        ("singer_plugin", {"target_dataset", "tap_twitter"}),
        ("target_dataset", {"tap_twitter", "requests"}),
        ("tap_twitter", {"target_dataset", "deltalake"}),
        ("tap_twitter/auth", {"tap_twitter.api", "tap_twitter.reports", "tap_twitter.tap"}),
        ("tap_twitter/api", {"tap_twitter.reports", "tap_twitter.tap"}),
        ("tap_twitter/objects", {"tap_twitter.tap", "tap_twitter.reports", "tap_twitter.streams"}),
        ("tap_twitter/reports", {"tap_twitter.tap", "tap_twitter.auth"}),
    ],
)  # fmt: skip
def test_imports_go_one_way(package: str, forbidden: set[str]) -> None:
    found = {
        name
        for name in imported_by(package)
        if any(name == bound or name.startswith(f"{bound}.") for bound in forbidden)
    }
    allowed = {"tap_twitter.tap"} if package == "tap_twitter/api" else set()
    assert found <= allowed


def test_no_module_outgrows_its_reader() -> None:
    paths = [*ROOT.glob("ta*-*/*/**/*.py"), *ROOT.glob("tests/sandbox/**/*.py")]
    lines = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in paths}
    assert len(lines) > 50
    assert {path: count for path, count in lines.items() if count > 400} == {}


def test_every_finding_is_a_command_and_stands_in_the_index() -> None:
    scripts = sorted((ROOT / "findings").glob("*.sh"))
    index = (ROOT / "findings" / "README.md").read_text()
    listed = re.findall(r"^\| \[`(.*?)`\]\((.*?)\) \|", index, re.MULTILINE)
    assert sorted(listed) == sorted((path.name, path.name) for path in scripts)
    assert all(path.stat().st_mode & 0o111 for path in scripts)
