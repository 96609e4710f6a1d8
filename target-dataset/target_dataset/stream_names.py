"""Which stream has which name after stream maps, and names in settings that none has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_plugin.similar import did_you_mean
from target_dataset.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class StreamNames:
    """The names of the streams of a run."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[str, int]] = {}

    def claim(self, alias: str, stream: str, number: int) -> None:
        """Assign a name to one stream only: the SDK has one sink, hence one schema, per name.

        Args:
            alias: The name.
            stream: The stream.
            number: The number of its output, if stream maps make several of it.

        Raises:
            InputError: Another stream has the name; its columns would be lost.
        """
        source = (stream, number)
        owner, _ = first = self._sources.setdefault(alias, source)
        if first != source:
            message = (
                f"`stream_maps` gives the name {alias!r} to both {owner!r} and {stream!r}; for "
                "one dataset of both, give them one `name` in `datasets` instead"
            )
            raise InputError(message)

    def unused(self, names: Collection[str]) -> Iterator[str]:
        """Warnings about names in the setting `datasets` that no stream has."""
        came = ", ".join(map(repr, sorted(self._sources)))
        for name in sorted(set(names) - self._sources.keys()) if came else ():
            yield (
                f"Setting 'datasets': no stream of this run is named {name!r}; the streams were "
                f"{came}.{did_you_mean(name, self._sources)}"
            )
