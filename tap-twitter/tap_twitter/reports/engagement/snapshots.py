"""Snapshots: rows that hold what X counted when it was asked; each read adds rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_twitter.dates import moment_of
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.rows import Rows

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Iterator

    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock
    from tap_twitter.reports.engagement.requests import EngagementRequest
    from tap_twitter.reports.engagement.responses import EngagementResponse


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of one stream.

    The bookmark of an account holds the time of a snapshot under way, in a list. What X counts
    later is no part of it, so the next run reads another snapshot, and says which one is partial.

    Attributes:
        stream_name: Names the stream in messages.
        where: The place of the bookmarks in the state, for errors.
        bookmark: Gives the bookmark of an account.
        write_bookmark: Keeps the bookmark of an account, and writes a STATE.
        clock: Gives the time of a snapshot.
        logger: Takes warnings.
    """

    stream_name: str
    where: str
    bookmark: Callable[[Account], Any]
    write_bookmark: Callable[[Account, list[str]], None]
    clock: Clock
    logger: logging.Logger

    def read(
        self,
        account: Account,
        questions: Iterable[EngagementRequest],
        answers: Callable[[EngagementRequest], Iterable[EngagementResponse]],
        may_ask: Callable[[], bool],
    ) -> Iterator[dict[str, Any]]:
        """Give the rows of a snapshot.

        Args:
            account: Whose posts.
            questions: What is requested.
            answers: Sends a request.
            may_ask: Whether the budget allows the next request; the snapshot stays partial if not.
        """
        read_at = self.clock.now().isoformat(timespec="seconds")
        rows, is_begun = Rows(str(account.user_id), extra={"read_at": read_at}), False
        for question in questions:
            if not may_ask():
                return
            if not is_begun:
                is_begun = True
                self._warn_of_partial(account)
                self.write_bookmark(account, [read_at])
            for answer in answers(question):
                yield from rows.take(answer)
        yield from rows.close()
        self.write_bookmark(account, [])

    def begun(self, account: Account) -> list[str]:
        """The time of the snapshot that an earlier run has begun and not finished, if any.

        Raises:
            StateError: The bookmark holds something else.
        """
        found = self.bookmark(account) or []
        if isinstance(found, list) and all(moment_of(each) for each in found):
            return found
        raise StateError(self.where)

    def _warn_of_partial(self, account: Account) -> None:
        for read_at in self.begun(account):
            self.logger.warning(
                "The snapshot of account '%s' in '%s' with 'read_at' %s may be partial, because "
                "the run that read it was stopped. This run reads another one.",
                account.name,
                self.stream_name,
                read_at,
            )
