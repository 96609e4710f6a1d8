"""The names of senders and recipients, each bought once per run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import USERS
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.objects.user_requests import ask
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account

SIDES: Final = ("sender", "recipient")
PARTS: Final = ("username", "name")
NO_NAMES: Final = {f"{side}_{part}": None for side in SIDES for part in PARTS}
"""The name columns if names are not requested."""


class Names:
    """The users that X has returned in this run."""

    def __init__(self) -> None:
        self._users: dict[str, Mapping[str, Any]] = {}

    def learn(self, users: Iterable[Mapping[str, Any]]) -> None:
        """Store the users included in a response."""
        for user in users:
            if user_id := text(user.get("id")):
                self._users[user_id] = user

    def look_up(
        self, requester: Requester, account: Account, rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Request the users that no response has named, as far as the budget allows.

        Args:
            requester: Sends the requests and is billed for them.
            account: The account that the requests are made for.
            rows: The rows that name the users as senders or recipients.

        Raises:
            TapError: X does not return the users.
        """
        ids = {row[f"{side}_id"]: None for row in rows for side in SIDES}
        unknown = [each for each in ids if each and each not in self._users]
        for batch in requester.batches(USERS, unknown, account):
            references = [Reference(Kind.ID, each) for each in batch]
            for reference, answer in ask(requester, account, Kind.ID, references).items():
                self._users[reference.value] = answer.user or {}

    def columns(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """The name columns of a row."""
        return {
            f"{side}_{part}": text(self._users.get(row[f"{side}_id"], {}).get(part))
            for side in SIDES
            for part in PARTS
        }
