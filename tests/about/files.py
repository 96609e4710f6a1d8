"""The files that list settings or columns, with the lists as they have to be and all else as it is."""

from __future__ import annotations

import json
import re
import sys
from inspect import cleandoc
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from about.columns import PAGES, with_columns
from about.errors import error_page
from about.plugins import PLUGINS, TABLE_HEAD, TARGET, Plugin
from about.project import project
from about.readme_pages import readme_pages
from about.settings_pages import settings_pages
from about.stream_pages import stream_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
HEAD: Final = "# Written by `make about` from --about and meltano.yml.\n"
VOLATILE: Final = ("version", "sdk_version", "supported_python_versions")
"""What a snapshot of `--about` leaves out."""

CLONE: Final = "$OPENDATASET_REPO"
"""The clone from which a project installs the plugins: they are on no package index.

A name that nobody owns there would install whatever somebody puts in its place.
"""

METADATA: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("extractors", "tap-twitter"): {
        "description": "Users, direct messages, posts and engagement of X (Twitter)",
        "pip_url": f'"{CLONE}/target-dataset[s3]" "{CLONE}/tap-twitter"',
        "logo_url": "/assets/logos/extractors/tap-twitter.png",
        "domain_url": "https://x.com",
        "keywords": ["meltano_sdk", "x", "twitter"],
        "select": ["users_lookup.*"],
        "settings_group_validation": [
            [
                "auth.consumer_key",
                "auth.consumer_secret",
                "auth.access_token",
                "auth.access_token_secret",
            ],
            ["auth.consumer_key", "auth.consumer_secret"],
            ["auth.bearer_token"],
            ["auth.client_id", "auth.refresh_token"],
            ["auth.token_store"],
            ["accounts"],
        ],
    },
    ("loaders", "target-dataset"): {
        "description": "Typed tables with a GUID, a name and a schema, kept as Delta Lake tables",
        "pip_url": f'"{CLONE}/target-dataset[s3]"',
        "logo_url": "/assets/logos/loaders/target-dataset.png",
        "domain_url": "https://delta.io",
        "keywords": ["meltano_sdk", "delta-lake", "dataset"],
        "settings_group_validation": [["store"]],
    },
    ("utilities", "dataset"): {
        "description": "Imports, lists, shows, queries and exports datasets",
        "pip_url": f'"{CLONE}/target-dataset[s3]"',
    },
}
"""What plugin definitions have and neither `--about` nor meltano.yml does, by group and name."""


def written(root: Path = ROOT) -> dict[Path, str]:
    """The files below a folder, and their texts."""
    return {
        root / "meltano.yml": _project(root),
        **{root / plugin.name / "README.md": _readme(root, plugin) for plugin in PLUGINS},
        **{
            root / "plugins" / group / f"{name}.yml": _definition(root, group, name)
            for group, name in METADATA
        },
        root / "tests/target_dataset/about.json": _snapshot(TARGET),
        **{
            page: with_columns(page.read_text(), tables)
            for page, tables in ((root / f"docs/{name}.md", PAGES[name]) for name in PAGES)
        },
        **error_page(root),
        **readme_pages(root),
        **settings_pages(root),
        **stream_pages(root),
    }


def _project(root: Path) -> str:
    """The project with the settings and capabilities of our plugins; comments stay."""
    project = project_yaml().load(root / "meltano.yml")
    for plugin in PLUGINS:
        entry = _entry(project, plugin.group, plugin.name)
        entry["capabilities"] = plugin.about["capabilities"]
        entry["settings"] = plugin.meltano_settings
    return dumped(project)


def _entry(project: Any, group: str, name: str) -> Any:
    """A plugin of the project."""
    return next(each for each in project["plugins"][group] if each["name"] == name)


def _definition(root: Path, group: str, name: str) -> str:
    """A definition for `meltano add --from-ref`, in the form of Meltano Hub's."""
    entry = _entry(project(root), group, name)
    definition = {
        "name": name,
        "variant": "opendataset",
        "namespace": entry["namespace"],
        "label": entry["label"],
        **METADATA[group, name],
        "executable": entry["executable"],
        "maintenance_status": "beta",
        "quality": "unknown",
        **{key: value for each in PLUGINS if each.name == name for key, value in _singer(each)},
        **({"commands": entry["commands"]} if "commands" in entry else {}),
    }
    return HEAD + dumped(definition)


def _singer(plugin: Plugin) -> Iterator[tuple[str, Any]]:
    """What a definition says of a plugin that has `--about`."""
    yield "supported_python_versions", plugin.about["supported_python_versions"]
    yield "log_parser", "singer-sdk"
    yield "capabilities", plugin.about["capabilities"]
    yield "settings", plugin.meltano_settings


def _readme(root: Path, plugin: Plugin) -> str:
    text = (root / plugin.name / "README.md").read_text()
    found = re.search(rf"^{re.escape(TABLE_HEAD)}\n(\|.*\n)+", text, re.MULTILINE)
    assert found, f"{plugin.name}/README.md has no table of settings"
    return text[: found.start()] + plugin.table + text[found.end() :]


def _snapshot(plugin: Plugin) -> str:
    about = {name: value for name, value in plugin.about.items() if name not in VOLATILE}
    about["description"] = cleandoc(about["description"])  # CPython 3.13 does so by itself
    return json.dumps(about, indent=2) + "\n"


def project_yaml() -> YAML:
    """YAML as Meltano writes it, so that `meltano config set` changes no other line."""
    yaml = YAML()
    yaml.width = sys.maxsize
    return yaml


def dumped(value: Any) -> str:
    """YAML of a value, as `project_yaml` writes it."""
    text = StringIO()
    project_yaml().dump(value, text)
    return text.getvalue()
