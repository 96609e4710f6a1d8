"""How far the engagement of an account's posts has been read: what its bookmark holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tap_twitter.dates import ONE_DAY, midnight
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.questions import Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.dates import Period


@dataclass(frozen=True, slots=True)
class Progress:
    """The bookmark of one account; its size does not depend on the number of posts.

    Attributes:
        subject: What was read, as a hash of the settings.
        through: The last day that was read after its end; None before there was one.
        oldest: The smallest id of the posts that were read until then.
        newest: The largest one. All of the recent posts between the two were read.
        plan: A read that was broken off, as a hash of what it was to read.
        step: How many of its requests have given all their rows.
    """

    subject: str
    through: str | None = None
    oldest: str | None = None
    newest: str | None = None
    plan: str | None = None
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

    def begun(self, sweeps: Sequence[Sweep]) -> Progress:
        """The progress of a read of these sweeps, with the steps that an earlier run has finished.

        The hour at which they end is no part of the plan: what was read stays read.
        """
        parts = [
            (tweets, period.start.isoformat(), period.end.date().isoformat())
            for tweets, period in sweeps
        ]
        plan = sha256(json.dumps(parts).encode()).hexdigest()[:16]
        return self if plan == self.plan else replace(self, plan=plan, step=0)

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
