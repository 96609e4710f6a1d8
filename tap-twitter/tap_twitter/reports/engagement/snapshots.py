"""The base of the engagement streams whose reads stand beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.reports.engagement.rows import Rows
from tap_twitter.reports.engagement.stream import EngagementStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.accounts import Account


class SnapshotStream(EngagementStream):
    """A stream whose rows hold what X counted when it was asked; each read adds rows."""

    primary_keys = ("row_id", "read_at")

    def leave_out(self, account: Account) -> bool:
        """Note an account that the budget keeps from being read whole, as none is gone on with.

        The one that the run has begun with is not noted, once it was read in part: no turn gives it
        more, and it would keep the others waiting.
        """
        if super().leave_out(account):
            return True
        if not self.is_first(account):
            self.left_out.add(account, is_begun=True)
        return False

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Give the counts of some posts."""
        read_at = self._tap.clock.now().isoformat(timespec="seconds")
        rows = Rows(str(account.user_id), extra={"read_at": read_at})
        for question in self.questions(account, tweets):
            if not self.can_ask(account, "reads it anew"):
                return
            for answer in self.answers(account, question):
                yield from rows.take(answer)
        yield from rows.close()
