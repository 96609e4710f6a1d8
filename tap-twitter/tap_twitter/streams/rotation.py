"""Whose turn it is where a budget does not reach all accounts.

A run begins with the first account that the run before has left out, and goes round. So a budget
that is too small for all of them keeps nobody waiting for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from logging import Logger

    from tap_twitter.auth.account import Account

FIRST: Final = "first"
"""Where a stream's bookmark holds the id of the account that the next run begins with, or null.

Null is written, too: a state that lacks the key would leave an older value in the states that
orchestrators merge."""


def in_turn(accounts: Mapping[str, Account], bookmark: Mapping[str, Any]) -> dict[str, Account]:
    """The accounts by id, from the one in the bookmark on; in their order where it names none."""
    ids = list(accounts)
    start = ids.index(first) if (first := bookmark.get(FIRST)) in ids else 0
    return {each: accounts[each] for each in [*ids[start:], *ids[:start]]}


class Rotation:
    """The accounts of which a run's budget has bought nothing, or nothing that lasts.

    Args:
        key_of: Gives the value of the partition key for an account.
    """

    def __init__(self, key_of: Callable[[Account], str | None]) -> None:
        self._key_of = key_of
        self._accounts: list[Account] = []
        self._untouched = 0

    def add(self, account: Account, *, is_begun: bool = False) -> None:
        """Note one; they come in the order in which they are read.

        Args:
            account: Whose turn it is then.
            is_begun: Whether some of it was read; that is told elsewhere.
        """
        self._accounts.append(account)
        self._untouched += not is_begun

    def keep(self, bookmark: MutableMapping[str, Any]) -> bool:
        """Let the bookmark tell with whom the next run begins; tell whether that changes it."""
        before = bookmark.get(FIRST)
        bookmark[FIRST] = self._key_of(self._accounts[0]) if self._accounts else None
        return bool(bookmark[FIRST] != before)

    def tell(self, stream: str, logger: Logger) -> None:
        """Warn of those of which nothing was read, in one line however many there are."""
        if self._untouched:
            logger.warning(
                "The budget of the run is used up: '%s' has skipped %d of its accounts. The next "
                "run starts with '%s'.",
                stream,
                self._untouched,
                self._accounts[0].name,
            )
