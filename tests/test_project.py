"""What stands in several places of the repository says the same everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from about.files import written
from about.plugins import PLUGINS, Plugin
from about.project import project as read_project

from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def test_settings_stand_everywhere_as_the_plugins_describe_them() -> None:
    """If this fails, run `make about`."""
    texts = written()
    assert len(texts) > 30
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
    project = read_project(ROOT)
    (prod,) = (each for each in project["environments"] if each["name"] == "prod")
    named = re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(re.findall(r"\$(\w+)", json.dumps(prod))) == set(named)


def test_every_stream_has_a_plugin_a_job_and_a_row_in_the_readme() -> None:
    project = read_project(ROOT)
    extractors = {each["name"]: each.get("select", []) for each in project["plugins"]["extractors"]}
    run = {task.split()[0] for job in project["jobs"] for task in job["tasks"]}
    assert run == set(extractors) - {"tap-twitter"}
    streams = list(TapTwitter().streams)
    selected = [entry for select in extractors.values() for entry in select]
    assert sorted(selected) == sorted(f"{name}.*" for name in streams)
    table = (ROOT / "tap-twitter/README.md").read_text().partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(streams)


def modules(package: str) -> dict[str, set[str]]:
    """The modules of a package, each with all that it imports, for types as well."""
    (root,) = ROOT.glob(f"ta*-*/{package}")
    paths = {
        ".".join(path.relative_to(root.parent).with_suffix("").parts): path
        for path in root.rglob("*.py")
    }
    return {
        name.removesuffix(".__init__"): set(imported(ast.parse(path.read_text()), set(paths)))
        for name, path in paths.items()
    }


def imported(module: ast.Module, known: set[str]) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inner or {node.module}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("dataset_store", {"singer_sdk", "singer_plugin", "target_dataset", "tap_twitter"}),
        ("singer_plugin", {"target_dataset", "tap_twitter"}),
        ("target_dataset", {"tap_twitter", "requests"}),
        ("tap_twitter", {"target_dataset", "deltalake"}),
        ("tap_twitter.api", {"singer_sdk"}),
        ("tap_twitter.singer", {"tap_twitter.auth", "tap_twitter.cost"}),
    ],
)  # fmt: skip
def test_packages_do_not_know_others(package: str, forbidden: set[str]) -> None:
    found = {
        name
        for module, names in modules(package.partition(".")[0]).items()
        for name in names
        if f"{module}.".startswith(f"{package}.")
        and any(f"{name}.".startswith(f"{each}.") for each in forbidden)
    }
    assert found == set()


@pytest.mark.parametrize(
    "package", ["dataset_store", "singer_plugin", "tap_twitter", "target_dataset"]
)
def test_no_modules_import_each_other(package: str) -> None:
    list(TopologicalSorter(modules(package)).static_order())


LAYERS = (
    {"__main__"},
    {"tap"},
    {"plugin"},
    {"setup_command"},
    {"command", "accounts_command"},
    {"settings"},
    {"reports"},
    {"streams"},
    {"accounts"},
    {"objects"},
    {"api", "singer"},
    {"auth"},
    {"cost"},
    {"clock", "dates", "errors", "gateways", "values"},
)
"""The rooms of the tap from the top down: each knows only those below it."""


def test_imports_go_one_way() -> None:
    found = modules("tap_twitter")
    rooms = {name: name.split(".")[1] for name in found if "." in name}
    depth = {room: at for at, layer in enumerate(LAYERS) for room in layer}
    assert set(rooms.values()) == set(depth)
    wrong = {
        (name, other)
        for name, room in rooms.items()
        for other in found[name] & set(rooms)
        if rooms[other] != room and depth[rooms[other]] <= min(depth[room], len(LAYERS) - 2)
    }
    assert wrong == set()


def test_nothing_imports_the_tap_but_its_command() -> None:
    found = modules("tap_twitter")
    assert {name for name, others in found.items() if "tap_twitter.tap" in others} == {
        "tap_twitter.__main__"
    }


def test_only_what_speaks_to_domo_imports_requests() -> None:
    """Each other store works without HTTP, and opening one must not pay for it."""
    wanted = ("requests.", "urllib3.", "dataset_store.domo.")
    found = {
        module
        for module, names in modules("dataset_store").items()
        if any(f"{name}.".startswith(wanted) for name in names)
    }
    outside = {name for name in found if not f"{name}.".startswith("dataset_store.domo.")}
    assert outside == {"dataset_store.stores"}
    assert "dataset_store.domo.client" in found
    code = (
        "import sys, dataset_store; sys.exit('requests' in sys.modules or 'pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_module_outgrows_its_reader() -> None:
    paths = [*ROOT.glob("ta*-*/*/**/*.py"), *ROOT.glob("tests/sandbox/**/*.py")]
    lines = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in paths}
    assert len(lines) > 50
    assert {path: count for path, count in lines.items() if count > 400} == {}


def test_no_test_patches_the_sleep_of_all_threads() -> None:
    """Threads of the sandbox and of earlier tests sleep, too: patch a clock or a client."""
    patch = re.compile(r"""setattr\(\s*(?:"time\.(?:sleep|time|monotonic)"|time,)""")
    tests = [*(ROOT / "tests").rglob("*.py")]
    assert len(tests) > 400
    assert [path.name for path in tests if patch.search(path.read_text())] == []


def test_every_finding_is_a_command_and_stands_in_the_index() -> None:
    scripts = sorted((ROOT / "findings").glob("*.sh"))
    index = (ROOT / "findings" / "README.md").read_text()
    listed = re.findall(r"^\| \[`(.*?)`\]\((.*?)\) \|", index, re.MULTILINE)
    assert sorted(listed) == sorted((path.name, path.name) for path in scripts)
    assert all(path.stat().st_mode & 0o111 for path in scripts)
