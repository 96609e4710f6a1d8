"""Settings as files for the two programs: `tap.json`, `target.json`, and `catalog.json`."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from singer_plugin import UserError
from singer_plugin.command import read_option
from tap_twitter.auth.durable_file import NewContent
from tap_twitter.setup_command.answers import is_secret
from tap_twitter.setup_command.destination import Change, Draft, Load, shown
from tap_twitter.setup_command.pipeline import Pipeline, installed
from tap_twitter.singer.catalog import selecting
from tap_twitter.streams.store_settings import DEFAULT_STORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tap_twitter.setup_command.answers import Answers

TAP: Final = "tap.json"
TARGET: Final = "target.json"
CATALOG: Final = "catalog.json"
STATES: Final = "states.jsonl"
STATE: Final = "state.json"
HIDDEN: Final = "(secret)"


class ConfigFiles:
    """Files in a folder.

    Args:
        folder: The folder.

    Raises:
        click.ClickException: A file is there that is not a JSON object.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tap = _object(folder / TAP)
        self._target = _object(folder / TARGET)
        self.title = f"{TAP}, {TARGET} and {CATALOG} in this folder"

    def tap_setting(self, name: str) -> Any:
        """The present value of a setting of the tap; None if it is not set."""
        return _value(self._tap, name)

    def target_setting(self, name: str) -> Any:
        """The same of the target."""
        return _value(self._target, name)

    def draft(self, answers: Answers) -> Draft:
        """What is to be written; the two files with settings can be read by their owner alone."""
        tap, target = _merged(self._tap, answers.tap), _merged(self._target, answers.target)
        catalog = selecting(answers.streams)
        before = _object(self._folder / CATALOG)
        changes = [
            *_changes(TAP, self._tap, answers.tap),
            *_changes(TARGET, self._target, answers.target),
            *_catalog_changes(before, answers.streams, _selected(before)),
        ]
        contents = [
            NewContent(self._folder / TAP, _encoded(tap)),
            NewContent(self._folder / TARGET, _encoded(target)),
            NewContent(self._folder / CATALOG, _encoded(catalog), 0o644),
        ]
        return Draft(changes, contents)

    def tap_config(self) -> dict[str, Any]:
        """All settings of the tap as a run gets them."""
        return _object(self._folder / TAP)

    def loads(self, answers: Answers) -> list[Load]:
        """The command that loads the reports, all in one; it resumes from the last state.

        Raises:
            click.ClickException: The kept state is no JSON object.
            UserError: The last state of a run is none.
        """
        tap = [installed("tap-twitter"), "--config", TAP, "--catalog", CATALOG]
        target = [installed("target-dataset"), "--config", TARGET]
        commands = []
        if _has_text(self._folder / STATES):
            commands.append(Pipeline((["tail", "-n", "1", STATES],), self._folder, STATE))
        state = self._last_state()
        if state:
            tap += ["--state", STATE]
        # Appended: a run that ends before its first state must not lose the last one
        commands.append(Pipeline((tap, target), self._folder, STATES, appends=True))
        return [Load(commands, answers.streams, lambda: state)]

    def _last_state(self) -> dict[str, Any]:
        """The last of the states that runs have written, or else the one that was kept."""
        if _has_text(self._folder / STATES):
            return _last_object(self._folder / STATES)
        return _object(self._folder / STATE) if _has_text(self._folder / STATE) else {}

    def listing(self) -> Pipeline:
        """The command that lists the datasets."""
        target = _object(self._folder / TARGET)  # the answers may have been written meanwhile
        store = target.get("store") or DEFAULT_STORE
        chosen = [] if store == DEFAULT_STORE else ["--config", TARGET]
        return Pipeline(([installed("dataset"), "list", *chosen],), self._folder)


def _object(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    return read_option("tap-twitter-init", path, "correct it, or move it away")


def _last_object(path: Path) -> dict[str, Any]:
    """The JSON object in the last line of a file.

    Raises:
        UserError: There is none.
    """
    with path.open("rb") as lines:
        (last,) = deque(lines, maxlen=1)
    try:
        found: dict[str, Any] = {**json.loads(last)}
    except (TypeError, ValueError, RecursionError):
        msg = f"File {path.name}: its last line is no state; remove that line."
        raise UserError(msg) from None
    return found


def _has_text(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _value(config: Mapping[str, Any], name: str) -> Any:
    found: Any = config
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _merged(config: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a file with others on top; those that are None go."""
    merged = json.loads(json.dumps(config))
    for name, value in settings.items():
        *groups, last = name.split(".")
        holder = merged
        for group in groups:
            if not isinstance(holder.get(group), dict):
                holder[group] = {}
            holder = holder[group]
        if value is None:
            holder.pop(last, None)
        else:
            holder[last] = value
    return {name: value for name, value in merged.items() if value != {}}


def _changes(file: str, before: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in settings.items():
        old = _value(before, name)
        if old != value:
            yield Change(file, name, _shown(name, old), _shown(name, value))


def _shown(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return HIDDEN if is_secret(name) else shown(value)


def _selected(catalog: Mapping[str, Any]) -> list[str]:
    streams = catalog.get("streams")
    return [str(each.get("tap_stream_id")) for each in streams] if isinstance(streams, list) else []


def _catalog_changes(
    before: Mapping[str, Any], streams: list[str], old: list[str]
) -> Iterator[Change]:
    if old != streams:
        yield Change(CATALOG, "streams", ", ".join(old) if before else None, ", ".join(streams))


def _encoded(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
