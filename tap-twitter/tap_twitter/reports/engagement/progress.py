"""How far the engagement of an account's posts has been read: what its bookmark holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tap_twitter.dates import ONE_DAY, midnight, stamp
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.questions import Sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_twitter.dates import Period
    from tap_twitter.reports.engagement.questions import Step


@dataclass(frozen=True, slots=True)
class Progress:
    """The bookmark of one account; its size does not depend on the number of posts.

    Attributes:
        subject: What was read, as a hash of the settings.
        through: The last day that was read after its end; None before there was one.
        oldest: The smallest id of the posts that were read until then.
        newest: The largest one. All of the recent posts between the two were read.
        plan: A read that was broken off, as a hash of what it was to read.
        until: When the time ends in which that read counts.
        step: How many of its requests have given all their rows.
    """

    subject: str
    through: str | None = None
    oldest: str | None = None
    newest: str | None = None
    plan: str | None = None
    until: str | None = None
    step: int = 0

    @classmethod
    def from_cursor(cls, cursor: Any, subject: str) -> Progress:
        """Read a bookmark; one about something else counts as none.

        Raises:
            StateError: It is not of the form that `as_cursor` gives.
        """
        if cursor is None:
            return cls(subject)
        try:
            found = cls(**cursor)
            _ = found.through and date.fromisoformat(found.through)
            _ = found.until and datetime.fromisoformat(found.until)
            _ = found.step + sum(int(each) for each in (found.oldest, found.newest) if each)
        except (TypeError, ValueError):
            where = "historical_engagement.partitions"
            raise StateError(where) from None
        return found if found.subject == subject else cls(subject)

    def as_cursor(self) -> dict[str, Any]:
        """The progress as JSON."""
        return asdict(self)

    def knows(self, tweet: str) -> bool:
        """Whether a post was among those that were read."""
        if self.oldest is None or self.newest is None:
            return False
        return int(self.oldest) <= int(tweet) <= int(self.newest)

    def sweeps(self, tweets: Sequence[str], period: Period, lookback_days: int) -> list[Sweep]:
        """What is left to read: new days of known posts, and all days of new posts.

        Args:
            tweets: The posts of the report.
            period: Its time.
            lookback_days: How many finished days are read again.
        """
        known = tuple(each for each in tweets if self.through and self.knows(each))
        new = tuple(each for each in tweets if each not in known)
        sweeps = [Sweep(new, period)]
        if self.through and known:
            next_day = midnight(date.fromisoformat(self.through)) + ONE_DAY
            recent = period.since(next_day - timedelta(days=lookback_days))
            sweeps.insert(0, Sweep(known, recent))
        return [each for each in sweeps if each.tweets and not each.period.is_empty]

    def begun(
        self, sweeps: Sequence[Sweep], steps: Iterable[Step], end: datetime, lookback_days: int
    ) -> Progress:
        """The progress of a read of these sweeps, with the steps that an earlier run has finished.

        The hour at which the read ends does not matter: what was read stays read. On a later day
        only those first windows stay so that had ended, with the lookback, before that run.

        Args:
            sweeps: What is to be read.
            steps: Its requests.
            end: When the time ends in which it counts.
            lookback_days: How many finished days are read again.
        """
        parts = [(tweets, period.start.isoformat()) for tweets, period in sweeps]
        plan = sha256(json.dumps(parts).encode()).hexdigest()[:16]
        if plan != self.plan or self.until is None:
            return replace(self, plan=plan, until=stamp(end), step=0)
        until = datetime.fromisoformat(self.until)
        if until.date() == end.date():
            return self
        settled = until - timedelta(days=lookback_days)
        kept = sum(1 for _ in takewhile(lambda step: step.ends_before(settled), steps))
        return replace(self, until=stamp(end), step=min(self.step, kept))

    def stepped(self, step: int) -> Progress:
        """The progress when so many requests have given all their rows."""
        return replace(self, step=step)

    def finished(self, tweets: Sequence[str], through: date) -> Progress:
        """The progress when everything has been read.

        Args:
            tweets: The posts of the report.
            through: Its last day that is over.
        """
        ids = sorted(map(int, tweets))
        return Progress(
            self.subject,
            through.isoformat() if ids else None,
            str(ids[0]) if ids else None,
            str(ids[-1]) if ids else None,
        )
