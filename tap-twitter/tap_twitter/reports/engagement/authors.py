"""Who wrote the posts that settings name: X says so only by refusing those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Authors:
    """What one run finds out.

    Args:
        accounts: Names of the accounts that are to be read.
    """

    def __init__(self, accounts: Iterable[str]) -> None:
        self._unread = list(accounts)
        self._read: list[str] = []
        self._found: set[str] = set()
        self._refused: dict[str, None] = {}

    def knows(self, tweet: str) -> bool:
        """Whether the author of a post was found."""
        return tweet in self._found

    def find(self, tweets: Iterable[str]) -> None:
        """Take posts for those of the account that is read."""
        self._found.update(tweets)

    def refuse(self, tweets: Iterable[str]) -> None:
        """Take posts for those of another account than the one that is read."""
        self._refused.update(dict.fromkeys(sorted(tweets, key=int)))

    def missing_after(self, account: str) -> AccessError | None:
        """What to say of posts that no account has written, once all accounts were read.

        Args:
            account: Who was read.
        """
        self._unread.remove(account)
        self._read.append(account)
        foreign = [tweet for tweet in self._refused if tweet not in self._found]
        if self._unread or not foreign:
            return None
        return AccessError(
            "X gives the engagement of posts to their authors alone, and these are not of "
            f"{' or '.join(self._read)}: {', '.join(foreign)}. Take them out of "
            "'engagement.tweets', or add their authors to 'accounts', with credentials of their "
            "own."
        )
