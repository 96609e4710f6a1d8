"""Names in `stream_maps` that match nothing in a run, or look mistyped."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.mapper import MAPPER_SOURCE_OPTION, NULL_STRING

from singer_plugin.similar import did_you_mean, is_slip

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_SETTING: Final = "Setting 'stream_maps'"
_DIGITS: Final = re.compile(r"[\d_]+")
_SHORTEST: Final = 3


class MapNames:
    """Records the streams of a run; at its end, reports names in the setting without a match.

    Args:
        stream_maps: The setting, without `__else__`.
    """

    def __init__(self, stream_maps: Mapping[str, Any]) -> None:
        self._maps = [_source(*each) for each in stream_maps.items()]
        self._streams: dict[str, set[str]] = {}

    def saw(self, stream: str, properties: Collection[str]) -> None:
        """Record a stream, or another schema of it.

        Args:
            stream: Its name, before maps.
            properties: The names of its properties.
        """
        self._streams.setdefault(stream, set()).update(properties)

    def warnings(self) -> list[str]:
        """Names without a match, one line each; empty if no stream came."""
        return [*self._unknown_streams(), *self._columns()] if self._streams else []

    def _unknown_streams(self) -> Iterator[str]:
        came = ", ".join(map(repr, sorted(self._streams)))
        for name in dict.fromkeys(source for source, _ in self._maps):
            is_pattern = any(sign in name for sign in "*?[")
            if not is_pattern and name not in self._streams:
                hint = did_you_mean(name, self._streams)
                yield (
                    f"{_SETTING}: no stream of this run is named {name!r}; the streams were "
                    f"{came}.{hint}"
                )

    def _columns(self) -> Iterator[str]:
        for source, definition in self._maps:
            streams = [name for name in self._streams if is_about(source, name)]
            known = {name for stream in streams for name in self._streams[stream]}
            for name, value in definition.items() if streams else ():
                if not name.startswith("__") and name not in known:
                    yield from _problems(source, name, value, known)


def is_about(source: str, stream: str) -> bool:
    """Whether a map of this name, which may be a pattern, applies to the stream."""
    return source == stream or fnmatch(stream, source)


def _problems(source: str, name: str, value: Any, known: Collection[str]) -> Iterator[str]:
    """Possible errors in a property that no stream of a map has."""
    if value is None or value == NULL_STRING:
        hint = did_you_mean(name, known)
        yield f"{_SETTING}: it removes {name!r}, which the stream {source!r} does not have.{hint}"
    elif close := sorted(each for each in known if _is_mistyped(name, each)):
        names = " and ".join(map(repr, close))
        yield (
            f"{_SETTING}: it adds {name!r} to the stream {source!r}, which has {names}; "
            "is it mistyped?"
        )


def _is_mistyped(name: str, known: str) -> bool:
    """Whether one name is a typo of the other; `id` and `ip`, `line_1` and `line_2` are not."""
    if name.casefold() == known.casefold():
        return name != known
    letters = [_DIGITS.sub("", each) for each in (name, known)]
    is_long = min(map(len, letters)) >= _SHORTEST
    return is_long and letters[0] != letters[1] and is_slip(name, known)


def _source(name: str, definition: Any) -> tuple[str, Mapping[str, Any]]:
    """The source stream of a map, which differs for a copy, and its definition."""
    options = definition if isinstance(definition, dict) else {}
    return str(options.get(MAPPER_SOURCE_OPTION, name)), options
