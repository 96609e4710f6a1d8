"""`meltano.yml`: settings of a plugin in it are read and edited, and its comments stay."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ruamel.yaml import YAML

LAYOUTS: Final = ((2, 2, 0), (2, 4, 2))
"""Indentations of mappings and lists: Meltano's, and the other usual one."""

MAX_WIDTH: Final = 1 << 20
"""Lines stay as long as they are."""

Config = dict[str, Any]


class ProjectFile:
    """The file of a Meltano project.

    Args:
        path: The file.

    Attributes:
        environment: The environment whose settings are edited; None for those of all.

    Raises:
        UserError: The file is not YAML, or not the file of a project.
    """

    environment: str | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text("utf-8")
        self._yaml, self._tree = _loaded(path, self.text)

    @property
    def environments(self) -> list[str]:
        """The names of the environments."""
        return [str(each["name"]) for each in self._tree.get("environments") or ()]

    @property
    def state_id_suffix(self) -> str:
        """What ids of the environment's states end with; its variables are not replaced."""
        return str((self._environment_entry or {}).get("state_id_suffix") or "")

    @property
    def content(self) -> str:
        """The text with all edits."""
        stream = io.StringIO()
        self._yaml.dump(self._tree, stream)
        return stream.getvalue()

    def plugins(self, kind: str) -> dict[str, Config]:
        """The plugins of a kind, such as `extractors`, by their names."""
        listed = (self._tree.get("plugins") or {}).get(kind) or ()
        return {str(each["name"]): each for each in listed}

    def jobs(self) -> dict[str, list[str]]:
        """The tasks of each job that are texts."""
        return {
            str(each["name"]): [task for task in each.get("tasks") or () if isinstance(task, str)]
            for each in self._tree.get("jobs") or ()
        }

    def setting(self, kind: str, plugin: str, name: str) -> Any:
        """The value of a setting as it stands in the file, or None."""
        for config in self._configs(kind, plugin):
            if found := _place(config, name):
                holder, key = found
                return holder[key]
        return None

    def set(self, kind: str, plugin: str, name: str, value: Any) -> None:
        """Set a setting in the environment; None removes it from where it stands."""
        if value is None:
            self._remove(kind, plugin, name)
        else:
            config = self._own_config(kind, plugin)
            if found := _place(config, name):
                holder, key = found
                holder[key] = value
            else:
                _put(config, name, value)

    def add_plugin(self, kind: str, plugin: Config) -> None:
        """Add a plugin."""
        self._tree.setdefault("plugins", {}).setdefault(kind, []).append(plugin)

    def _remove(self, kind: str, plugin: str, name: str) -> None:
        for config in self._configs(kind, plugin):
            if found := _place(config, name):
                holder, key = found
                del holder[key]
                return

    def _configs(self, kind: str, plugin: str) -> Iterator[Config]:
        """The settings of the plugin: those of the environment, then those of all."""
        holders = [self._environment_plugins(kind), self._tree.get("plugins", {}).get(kind)]
        for each in _named(holders, plugin):
            if isinstance(each.get("config"), dict):
                yield each["config"]

    def _environment_plugins(self, kind: str) -> list[Config]:
        config = (self._environment_entry or {}).get("config") or {}
        found: list[Config] = (config.get("plugins") or {}).get(kind) or []
        return found

    @property
    def _environment_entry(self) -> Config | None:
        listed = self._tree.get("environments") or ()
        found: Config | None = next(
            (each for each in listed if each["name"] == self.environment), None
        )
        return found

    def _own_config(self, kind: str, plugin: str) -> Config:
        """The mapping for new settings, which is made if there is none."""
        entry = self._environment_entry
        if entry is None:
            holder = self.plugins(kind)[plugin]
        else:
            listed = _group(_group(_group(entry, "config"), "plugins"), kind, [])
            found = list(_named([listed], plugin))
            holder = found[0] if found else {"name": plugin}
            if not found:
                listed.insert(0, holder)  # a comment after the last one belongs to what follows
        config: Config = _group(holder, "config")
        return config


def _loaded(path: Path, text: str) -> tuple[YAML, Any]:
    """The parser that writes the text as it is, and the tree.

    Raises:
        UserError: The text is not a Meltano project.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - an extra
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    for mapping, sequence, offset in LAYOUTS:
        yaml = YAML()
        yaml.preserve_quotes = True
        yaml.width = MAX_WIDTH
        yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
        try:
            tree = yaml.load(text)
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if mark else ""
            msg = f"File {path}{where}: it is not valid YAML; fix that first."
            raise UserError(msg) from None
        if not isinstance(tree, dict):
            msg = f"File {path} is not the file of a Meltano project."
            raise UserError(msg)
        stream = io.StringIO()
        yaml.dump(tree, stream)
        if stream.getvalue() == text:
            break
    return yaml, tree


def _named(lists: Iterable[Iterable[Config] | None], name: str) -> Iterator[Config]:
    return (each for listed in lists for each in listed or () if each.get("name") == name)


def _group(holder: Config, name: str, empty: Any = None) -> Any:
    """A member of a mapping, which is made if it is not there or empty."""
    if holder.get(name) is None:
        holder[name] = {} if empty is None else empty
    return holder[name]


def _place(config: Config, name: str) -> tuple[Config, str] | None:
    """Where a setting stands: under its dotted name, or inside of groups."""
    if name in config:
        return config, name
    parts = name.split(".")
    for at in range(1, len(parts)):
        inner = config.get(".".join(parts[:at]))
        if isinstance(inner, dict) and (found := _place(inner, ".".join(parts[at:]))):
            return found
    return None


def _put(config: Config, name: str, value: Any) -> None:
    """Add a setting: into its group, if that stands there as an object."""
    parts = name.split(".")
    for at in range(len(parts) - 1, 0, -1):
        inner = config.get(".".join(parts[:at]))
        if isinstance(inner, dict):
            inner[".".join(parts[at:])] = value
            return
    config[name] = value
