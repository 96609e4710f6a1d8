"""The bookmark of an account: how far the engagement of its posts has been read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_twitter.dates import midnight, stamp
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.post_range import PostRange, moment
from tap_twitter.reports.engagement.requests import LONGEST, Position, Sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from tap_twitter.dates import Period

WHERE = "historical_engagement.partitions"


@dataclass(frozen=True, slots=True)
class EngagementBookmark:
    """The bookmark of one account; its size does not depend on how many posts were read.

    Attributes:
        subject: A hash of the settings that were read.
        until: The hour in which the last run began; None before the first run.
        end: The end of the report in that run.
        is_over: Whether that run has read everything.
        posts: A hash of the posts, if their counts are added up.
        read: How far posts were read.
        behind: Posts that entered the report later, and how far they have caught up.
        gone: Posts of the report that were unavailable at their last request; at most as many as a
            report has.
    """

    subject: str
    until: datetime | None = None
    end: datetime | None = None
    is_over: bool = False
    posts: str | None = None
    read: PostRange | None = None
    behind: PostRange | None = None
    gone: frozenset[str] = frozenset()

    @classmethod
    def from_cursor(cls, cursor: Any, subject: str) -> EngagementBookmark:
        """Parse a bookmark; if its subject differs, only the posts without counts are kept.

        Raises:
            StateError: The bookmark does not have the form that `as_cursor` returns.
        """
        if cursor is None:
            return cls(subject)
        try:
            until, posts = cursor["until"], cursor["posts"]
            read, behind = (PostRange.from_json(cursor[name]) for name in ("read", "behind"))
            gone = frozenset(str(int(each)) for each in cursor["gone"])
            until, is_over = until and moment(until), bool(cursor["is_over"])
            end = cursor["end"] and moment(cursor["end"])
            found = cls(subject, until, end, is_over, posts, read, behind, gone)
            is_same = cursor["subject"] == subject
        except (KeyError, TypeError, ValueError):
            raise StateError(WHERE) from None
        return found if is_same else cls(subject, gone=gone)

    def as_cursor(self) -> dict[str, Any] | None:
        """The progress as JSON; None if there is nothing to save."""
        if not (self.read or self.gone):
            return None
        return {
            "subject": self.subject,
            "until": self.until and stamp(self.until),
            "end": self.end and stamp(self.end),
            "is_over": self.is_over,
            "posts": self.posts,
            "read": self.read and self.read.as_json(),
            "behind": self.behind and self.behind.as_json(),
            "gone": sorted(self.gone, key=int),
        }

    def resumed(
        self,
        tweets: Sequence[str],
        period: Period,
        now: datetime,
        lookback_days: int,
        posts: str | None,
    ) -> EngagementBookmark:
        """The progress at the start of a run: the part of earlier progress that is still valid.

        Args:
            tweets: The posts of the report.
            period: The period of the report.
            now: The hour in which the run begins. For a read interrupted on the same day the hour
                does not matter: what was read stays read, except the present day if its last
                window was over. Rows of a day are replaced as a whole, so its new hours alone would
                pass for the whole day.
            lookback_days: The number of days that X's counts need to settle.
            posts: A hash of the posts, if their counts are added up.
        """
        read, behind = self.read, self.behind
        if self.until is None or read is None or posts != self.posts:
            return EngagementBookmark(self.subject, now, period.end, posts=posts, gone=self.gone)
        if self.is_over or self.until.date() != now.date():
            settled = midnight(self.until.date()) - timedelta(days=lookback_days)
            settled = max(settled, period.start)
            read, behind = read.settled_by(settled), behind and behind.settled_by(settled)
        end = min(period.end, midnight(now.date()))
        if self.end is None or read.would_end(self.end) < read.would_end(end):
            read = read.before_window()
        read, behind = read.until(end), behind and behind.until(end)
        late = [each for each in tweets if not read.holds(each)]
        read, behind = read.within(tweets), behind and behind.within(late)
        if read is None:
            read, behind = behind and behind.before_window(), None
        return replace(self, until=now, end=period.end, is_over=False, read=read, behind=behind)

    def stages(self, tweets: Sequence[str], period: Period) -> Iterator[Stage]:
        """The stages that a run has to read if it starts with this progress.

        Posts that entered the report later catch up first; then all posts continue together.

        Args:
            tweets: The posts of the report, newest first.
            period: The period of the report.
        """
        return (each for each in self._stages(tweets, period) if not each.sweep.is_empty)

    def _stages(self, tweets: Sequence[str], period: Period) -> Iterator[Stage]:
        read = self.read or PostRange.of(tweets, Position(period.start))
        if read is None:
            return
        known = tuple(each for each in tweets if read.holds(each))
        if len(known) < len(tweets) and read.position.is_in_window:
            # posts that catch up stop where a window begins
            end = min(read.position.at + LONGEST, period.end)
            yield Stage(Sweep(known, read.position, end), replace(self, read=read))
            read = replace(read, position=Position(end))
        for behind in self._behind(tweets, read, period):
            late = tuple(each for each in tweets if behind.holds(each) and not read.holds(each))
            sweep = Sweep(late, behind.position, read.position.at)
            yield Stage(sweep, replace(self, read=read, behind=behind), catches_up=True)
            read = read.joined(late)
        sweep = Sweep(tuple(tweets), read.position, period.end)
        yield Stage(sweep, replace(self, read=read, behind=None))

    def _behind(
        self, tweets: Sequence[str], read: PostRange, period: Period
    ) -> Iterator[PostRange]:
        """The posts that have to catch up: first those that have started to, then the others."""
        if self.behind:
            yield self.behind
        known = [each for each in (read, self.behind) if each]
        new = [each for each in tweets if not any(one.holds(each) for one in known)]
        if reach := PostRange.of(new, Position(period.start)):
            yield reach

    def finished(self, tweets: Iterable[str], end: datetime) -> EngagementBookmark:
        """The progress after everything was read.

        Args:
            tweets: The posts of the report.
            end: The end of the time in which they were counted.
        """
        read = PostRange.of(tweets, Position(end))
        return replace(self, is_over=True, read=read, behind=None)

    def begun_anew(self) -> EngagementBookmark:
        """The progress if the next read cannot build on what was read."""
        return EngagementBookmark(self.subject, gone=self.gone)


class Stage(NamedTuple):
    """A sweep, and how it moves the progress.

    Attributes:
        sweep: The posts and the period to read.
        progress: The progress at its start.
        catches_up: Whether its posts are those in `behind`.
    """

    sweep: Sweep
    progress: EngagementBookmark
    catches_up: bool = False

    def after(self, position: Position) -> EngagementBookmark:
        """The progress after the sweep has reached a position."""
        read, behind = self.progress.read, self.progress.behind
        if self.catches_up:
            return replace(self.progress, behind=behind and replace(behind, position=position))
        return replace(self.progress, read=read and replace(read, position=position))
