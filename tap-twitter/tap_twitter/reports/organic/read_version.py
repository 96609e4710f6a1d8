"""The version of the rows of a list: rows that a complete read has not given again are deleted.

Singer's messages are about whole tables: an ACTIVATE_VERSION retires the rows of all ads accounts.
So it follows only once every account that has rows in the table was read to its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import datetime

VERSION: Final = "version"
"""The key that holds a version in bookmarks: of a stream, that of a read which is not complete, or
null; of an ads account, the one with which its newest pass began.

Null is written, too: orchestrators merge states."""


class ReadVersion:
    """The version of a read of all ads accounts, which may take several runs.

    An account counts as read once a pass over it has ended that began with this version: the first
    pages of an older pass have rows of an older version.

    Args:
        bookmark: The stream's bookmark, which keeps the version until the read is complete.
        now: The time, from which a new read gets its version.

    Attributes:
        number: The version: milliseconds since 1970, so that later reads have greater ones.
    """

    def __init__(self, bookmark: MutableMapping[str, Any], now: datetime) -> None:
        self._bookmark = bookmark
        saved = bookmark.get(VERSION)
        self.number: int = int(now.timestamp() * 1000) if saved is None else saved
        bookmark[VERSION] = self.number

    def began(self, bookmark: MutableMapping[str, Any], cursor: str | None) -> None:
        """Keep with which version a pass over an account begins; one that resumes keeps its own."""
        if cursor is None:
            bookmark[VERSION] = self.number

    def is_read(self, bookmark: Mapping[str, Any], cursor: str | None) -> bool:
        """Whether an account was read to its end."""
        return cursor is None and bookmark.get(VERSION) == self.number

    def complete(self) -> None:
        """End the read, so that the next one gets a version of its own."""
        self._bookmark[VERSION] = None


def check_version(bookmark: Mapping[str, Any], stream: str) -> None:
    """Check what an earlier run has kept.

    Raises:
        StateError: It is not a version.
    """
    saved = bookmark.get(VERSION)
    if saved is not None and (not isinstance(saved, int) or isinstance(saved, bool)):
        where = f"bookmarks.{stream}.{VERSION}"
        raise StateError(where)
