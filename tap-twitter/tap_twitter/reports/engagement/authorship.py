"""The authors of the posts in the settings: X only reveals them by refusing others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet


class Authorship:
    """What one run finds out.

    Args:
        accounts: The names of all accounts that may have written the posts.
    """

    def __init__(self, accounts: Iterable[str]) -> None:
        self._found: set[str] = set()
        self._refused: dict[str, set[str]] = {account: set() for account in accounts}

    def knows(self, tweet: str) -> bool:
        """Whether the author of a post was found."""
        return tweet in self._found

    def find(self, tweets: Iterable[str]) -> None:
        """Record posts as those of the account that is read."""
        self._found.update(tweets)

    def refuse(self, account: str, tweets: Iterable[str]) -> None:
        """Record posts as not written by this account."""
        self._refused[account].update(tweets)

    def refused(self, account: str) -> AbstractSet[str]:
        """The posts that this account has not written."""
        return self._refused[account]

    def missing(self) -> AccessError | None:
        """The error for posts that X has refused to every account; None while some may be left."""
        foreign = set[str].intersection(*self._refused.values())
        if not foreign:
            return None
        return AccessError(
            "X gives the engagement of posts only to their authors, and these are not by "
            f"{' or '.join(self._refused)}: {', '.join(sorted(foreign, key=int))}. Remove them "
            "from 'engagement.tweets', or add their authors to 'accounts', with credentials of "
            "their own."
        )
