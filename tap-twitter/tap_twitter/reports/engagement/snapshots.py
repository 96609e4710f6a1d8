"""The base of the engagement streams whose reads stand beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.dates import moment_of
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.columns import SNAPSHOT_COLUMNS
from tap_twitter.reports.engagement.rows import Rows
from tap_twitter.reports.engagement.stream import EngagementStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.account import Account


class SnapshotStream(EngagementStream):
    """A stream whose rows hold what X counted when it was asked; each read adds rows."""

    primary_keys = ("row_id", "read_at")
    COLUMNS = SNAPSHOT_COLUMNS

    def leave_out(self, account: Account) -> bool:
        """Note an account that the budget keeps from being read whole, as none is gone on with.

        The one that the run has begun with is not noted, once it was read in part: no turn gives it
        more, and it would keep the others waiting.
        """
        if super().leave_out(account):
            return True
        if not self.is_first(account):
            self.rotation.add(account, is_begun=True)
        return False

    def prepare(self) -> None:
        """Check credentials, settings and bookmarks."""
        super().prepare()
        for account in self.accounts:
            _ = self._begun(self.run.directory.with_known_id(account))

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Give the counts of some posts.

        The bookmark holds the time of a snapshot under way: what X counts later would make no part
        of it, so the next run reads another, and says which one is partial.
        """
        read_at = self.run.clock.now().isoformat(timespec="seconds")
        rows, is_begun = Rows(str(account.user_id), extra={"read_at": read_at}), False
        for question in self.questions(account, tweets):
            if not self.can_ask(account, "reads it anew"):
                return
            if not is_begun:
                is_begun = True
                self._tell_partial(account)
                self.write_bookmark(account, [read_at])
            for answer in self.answers(account, question):
                yield from rows.take(answer)
        yield from rows.close()
        self.write_bookmark(account, [])

    def _tell_partial(self, account: Account) -> None:
        for read_at in self._begun(account):
            self.logger.warning(
                "The snapshot of account '%s' in '%s' with 'read_at' %s may be partial, as the run "
                "that read it was stopped. This run reads another one.",
                account.name,
                self.name,
                read_at,
            )

    def _begun(self, account: Account) -> list[str]:
        """The time of the snapshot that an earlier run has begun and not finished, if any.

        Raises:
            StateError: The bookmark holds something else.
        """
        found = self.bookmark(account) or []
        if isinstance(found, list) and all(moment_of(each) for each in found):
            return found
        where = f"bookmarks.{self.name}.{self.BOOKMARK}"
        raise StateError(where)
