"""Check of the setting `stream_maps` against the streams: the names in it must exist.

A map with a misspelled name maps nothing, and private columns are written unchanged.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.mapper import MAPPER_SOURCE_OPTION, NULL_STRING

from singer_plugin.similar import did_you_mean, is_slip
from tap_twitter.errors import StreamMapError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from logging import Logger

WILDCARDS: Final = frozenset("*?[")
OPTION: Final = re.compile(r"__\w+__", re.ASCII)
REMOVED: Final = (None, NULL_STRING)


def check_stream_maps(
    maps: Mapping[str, Any], columns: Mapping[str, Collection[str]], logger: Logger
) -> None:
    """Make sure that stream maps name existing streams and columns.

    Args:
        maps: The setting, without its `__else__`.
        columns: The columns of each stream.
        logger: Receives warnings about likely misspellings.

    Raises:
        StreamMapError: A map has no such stream, or removes a column that does not exist.
    """
    for key, definition in maps.items():
        source = _source(key, definition)
        streams = [name for name in columns if fnmatch.fnmatch(name, source)]
        if streams and isinstance(definition, dict):
            _check_columns(key, definition, [columns[name] for name in streams], logger)
        elif not streams and WILDCARDS.isdisjoint(source):
            msg = (
                f"Setting 'stream_maps' has a map of '{source}', which is not a stream of the tap."
                f"{did_you_mean(source, columns)} Nothing was read."
            )
            raise StreamMapError(msg)
        elif not streams:
            logger.warning("The setting 'stream_maps' has '%s', which matches no stream.", source)


def _source(key: str, definition: Any) -> str:
    """The stream, or the pattern of streams, of a map."""
    source = definition.get(MAPPER_SOURCE_OPTION) if isinstance(definition, dict) else None
    return source if isinstance(source, str) else key


def _check_columns(
    key: str, definition: Mapping[str, Any], present: list[Collection[str]], logger: Logger
) -> None:
    known = {name for each in present for name in each}
    named = {name: value for name, value in definition.items() if not OPTION.fullmatch(name)}
    for name, value in named.items():
        where = f"Setting 'stream_maps.{key}'"
        if value in REMOVED and name not in known:
            msg = (
                f"{where} removes the column '{name}', which does not exist."
                f"{did_you_mean(name, known)} Nothing was read."
            )
            raise StreamMapError(msg)
        if isinstance(value, str) and value not in REMOVED and OPTION.fullmatch(value.strip()):
            msg = (
                f"{where} has '{value}' for the column '{name}': write {NULL_STRING} to remove it."
            )
            raise StreamMapError(msg)
    for name, other in _slips(named, known):
        logger.warning(
            "The setting 'stream_maps.%s' adds a column '%s' next to '%s', which stays unchanged: "
            "is that intended?",
            key,
            name,
            other,
        )


def _slips(named: Mapping[str, Any], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The columns that a map adds, each with the unchanged column that was likely meant."""
    for name in named.keys() - known:
        yield from ((name, other) for other in known - named.keys() if is_slip(name, other))
