"""What a plugin says of itself, and its settings in the words of Meltano and of a README."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from singer_plugin.settings import is_group

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Plugin:
    """A plugin of the repository.

    Attributes:
        name: Its name in Meltano, which is its folder, too.
        module: The Python package that runs it.
        group: The group of Meltano's plugins that it belongs to.
    """

    name: str
    module: str
    group: str

    @cached_property
    def about(self) -> dict[str, Any]:
        """The output of `--about --format=json`."""
        command = [sys.executable, "-m", self.module, "--about", "--format=json"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        about: dict[str, Any] = json.loads(printed)
        return about

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The JSON schemas of the settings by their dotted names."""
        return dict(leaves(self.about["settings"]["properties"]))

    @property
    def meltano_settings(self) -> list[dict[str, Any]]:
        """The settings as Meltano's plugin definitions have them."""
        return [_meltano_setting(name, prop) for name, prop in self.settings.items()]

    @property
    def table(self) -> str:
        """The settings as a Markdown table."""
        rows = (_row(name, prop) for name, prop in self.settings.items())
        return "\n".join((TABLE_HEAD, "|---|---|---|", *rows, ""))


TABLE_HEAD: Final = "| Setting | Default | What it does |"
TAP: Final = Plugin("tap-twitter", "tap_twitter", "extractors")
TARGET: Final = Plugin("target-dataset", "target_dataset", "loaders")
PLUGINS: Final = (TAP, TARGET)


def leaves(properties: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON schemas of settings by their dotted names, those of groups one by one."""
    for name, prop in properties.items():
        if is_group(prop):
            yield from leaves(prop["properties"], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", prop


def _description(prop: dict[str, Any]) -> str:
    """The description, with the allowed values at its end if they are listed."""
    names = ", ".join(f"`{value}`" for value in prop.get("enum", ()) if value is not None)
    return str(prop["description"]).strip() + (f" One of: {names}." if names else "")


def _meltano_setting(name: str, prop: dict[str, Any]) -> dict[str, Any]:
    """A setting in Meltano's files, without a `kind`: see `singer_plugin.text_values`."""
    default = prop.get("default")
    return {
        "name": name,
        **({} if default in (None, {}) else {"value": default}),  # Meltano takes {} for set
        "label": prop["title"],
        "description": _description(prop),
        **({"sensitive": True} if prop.get("secret") else {}),
    }


def default(prop: dict[str, Any]) -> str:
    """The default in backticks; empty if there is none."""
    return f"`{json.dumps(prop['default'])}`".replace('"', "") if "default" in prop else ""


def described(prop: dict[str, Any]) -> str:
    """The description for a cell of a table."""
    return _description(prop).replace("|", "\\|") + (" *Secret.*" if prop.get("secret") else "")


def _row(name: str, prop: dict[str, Any]) -> str:
    return f"| `{name}` | {default(prop)} | {described(prop)} |"
