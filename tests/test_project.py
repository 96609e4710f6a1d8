"""What stands in several places of the repository says the same everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from about.files import written
from about.plugins import PLUGINS, Plugin

from tap_twitter.tap import TapTwitter

ROOT = Path(__file__).parents[1]


def test_settings_stand_everywhere_as_the_plugins_describe_them() -> None:
    """If this fails, run `make about`."""
    texts = written()
    assert len(texts) == 10
    outdated = [
        path for path, text in texts.items() if not path.exists() or path.read_text() != text
    ]
    assert outdated == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=[each.name for each in PLUGINS])
def test_the_readme_has_every_capability(plugin: Plugin) -> None:
    text = (ROOT / plugin.name / "README.md").read_text()
    table = text.partition("\n## Capabilities\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == plugin.about["capabilities"]


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


def imports_of(path: Path) -> set[str]:
    """The names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def imported_by(package: str) -> set[str]:
    """The names that the modules of a package import."""
    paths = ROOT.glob(f"ta*-*/{package}/**/*.py")
    return {name for path in paths for name in imports_of(path)}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("dataset_store", {"singer_sdk", "singer_plugin", "target_dataset", "tap_twitter"}),
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


def test_only_what_speaks_to_domo_imports_requests() -> None:
    """Each other store works without HTTP, and opening one must not pay for it."""
    root = ROOT / "target-dataset/dataset_store"
    found = {
        str(path.relative_to(root))
        for path in root.glob("**/*.py")
        if {"requests", "urllib3", "dataset_store.domo"} & imports_of(path)
    }
    assert {name for name in found if not name.startswith("domo/")} == {"stores.py"}
    assert "domo/client.py" in found
    code = (
        "import sys, dataset_store; sys.exit('requests' in sys.modules or 'pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
