"""Labels of a dataset's writer, stored as the last line of Domo's description.

Domo stores nothing else that a program may choose. The line stays if users change
the name or the text before it; without it, a dataset is still found by its name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PREFIX: Final = "dataset-store: "


class Description(NamedTuple):
    """A description, and the data in its last line."""

    text: str
    labels: Mapping[str, str] = {}
    keys: Sequence[str] = ()

    def __str__(self) -> str:
        said = {"labels": dict(self.labels), "keys": list(self.keys)}
        if not any(said.values()):
            return self.text
        line = _PREFIX + json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return f"{self.text}\n\n{line}" if self.text else line


def parsed(description: str | None) -> Description:
    """Parse Domo's description; an invalid last line is plain text."""
    given = description or ""
    text, _, line = given.rpartition("\n")
    if not line.startswith(_PREFIX):
        return Description(given)
    try:
        said = json.loads(line.removeprefix(_PREFIX))
        labels = {str(name): str(value) for name, value in said["labels"].items()}
        keys = tuple(map(str, said["keys"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Description(given)
    return Description(text.removesuffix("\n"), labels, keys)
