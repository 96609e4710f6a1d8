"""Round-robin over accounts when the budget runs out.

A run starts with the first account that the previous run left out, and wraps around. So even if the
budget is too small for all accounts, every account gets its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from logging import Logger

    from tap_twitter.auth.account import Account

FIRST: Final = "first"
"""The bookmark key that holds the id of the account the next run starts with, or null.

Null is written, too: orchestrators merge states, and a state without the key would leave an older
value in place."""


def in_turn(accounts: Mapping[str, Account], bookmark: Mapping[str, Any]) -> dict[str, Account]:
    """The accounts by id, rotated to start at the one in the bookmark, if it names one of them."""
    ids = list(accounts)
    start = ids.index(first) if (first := bookmark.get(FIRST)) in ids else 0
    return {each: accounts[each] for each in [*ids[start:], *ids[:start]]}


class Rotation:
    """The accounts for which a run's budget has bought nothing, or nothing that lasts.

    Args:
        key_of: Returns the value of the partition key for an account.
    """

    def __init__(self, key_of: Callable[[Account], str | None]) -> None:
        self._key_of = key_of
        self._accounts: list[Account] = []
        self._untouched = 0

    def add(self, account: Account, *, is_begun: bool = False) -> None:
        """Record an account that was left out; calls come in read order.

        Args:
            account: The account; the next run starts with the first one recorded.
            is_begun: Whether some of it was read; the warning for that is logged elsewhere.
        """
        self._accounts.append(account)
        self._untouched += not is_begun

    def keep(self, bookmark: MutableMapping[str, Any]) -> bool:
        """Save which account the next run starts with; return whether the bookmark changes."""
        before = bookmark.get(FIRST)
        bookmark[FIRST] = self._key_of(self._accounts[0]) if self._accounts else None
        return bool(bookmark[FIRST] != before)

    def tell(self, stream: str, logger: Logger) -> None:
        """Warn about the accounts that were not read at all, in one line for all of them."""
        if self._untouched:
            logger.warning(
                "The budget of the run is used up: '%s' has skipped %d of its accounts. The next "
                "run starts with '%s'.",
                stream,
                self._untouched,
                self._accounts[0].name,
            )
