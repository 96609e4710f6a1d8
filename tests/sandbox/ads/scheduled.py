"""Scheduled posts: some posts of an ads account's user were scheduled days before they appeared.

A few fail and never appear. What whoever steers the sandbox schedules is published, too.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.ads.zones import DAY, written
from sandbox.pace import Pace, day_of, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.ads.accounts import AdsAccount
    from sandbox.clock import Clock
    from sandbox.world import World

_ONE_IN: Final = 8
_MOST_DAYS_AHEAD: Final = 5
_FAILURES_PER_DAY: Final = 1 / 60


@dataclass(frozen=True)
class ScheduledPost:
    """A post that waits, or waited.

    Attributes:
        id: Its own id, which the post does not take over.
        account_id: The ads account.
        user_id: Whose post it is.
        text: Its text.
        scheduled_at: When it is due.
        created_at: When it was scheduled.
        tweet_id: The post that comes of it; None where it fails.
        updated_at: When it was last changed.
    """

    id: int
    account_id: str
    user_id: str
    text: str
    scheduled_at: datetime
    created_at: datetime
    tweet_id: int | None
    updated_at: datetime

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The scheduled post as the API shows it at a moment."""
        is_over = now >= self.scheduled_at
        status = ("FAILED" if self.tweet_id is None else "SUCCESS") if is_over else "SCHEDULED"
        is_done = status == "SUCCESS"
        return {
            "id": str(self.id),
            "name": None,
            "text": self.text,
            "user_id": self.user_id,
            "nullcast": False,
            "card_uri": None,
            "media_keys": [],
            "scheduled_at": written(self.scheduled_at),
            "scheduled_status": status,
            "tweet_id": str(self.tweet_id) if is_done else None,
            "completed_at": written(self.scheduled_at) if is_done else None,
            "created_at": written(self.created_at),
            "updated_at": written(self.scheduled_at if is_over else self.updated_at),
        }


class Schedule:
    """The scheduled posts of all ads accounts.

    Args:
        world: Where they appear.
        clock: Tells which of them are due.
    """

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget what was scheduled since the start."""
        self._added: dict[int, ScheduledPost] = {}

    def of(self, account: AdsAccount) -> list[ScheduledPost]:
        """What is and was scheduled for an account, newest first."""
        mine = [each for each in self._added.values() if each.account_id == account.id]
        found = [*self._drawn(account), *self._failing(account), *mine]
        there = (each for each in found if each.created_at <= self._clock.now())
        return sorted(there, key=lambda each: each.id, reverse=True)

    def add(self, account: AdsAccount, text: str, at: datetime, *, fails: bool = False) -> str:
        """Schedule a post now.

        Returns:
            The id of the scheduled post.
        """
        now = self._clock.now()
        tweet_id = None if fails else self._world.timelines.add(account.user_id, text, at=at)
        made = moments.snowflake(now, len(self._added))
        self._added[made] = ScheduledPost(
            made, account.id, account.user_id, text, at, now, tweet_id, now
        )
        return str(made)

    def change(self, scheduled_id: str, text: str) -> None:
        """Change the text of a post that was added here and waits.

        Raises:
            LookupError: If there is none.
        """
        found = self._added.get(int(scheduled_id))
        now = self._clock.now()
        if found is None or found.scheduled_at <= now:
            msg = f"No post {scheduled_id} waits that was scheduled here"
            raise LookupError(msg)
        if found.tweet_id is not None:
            self._world.timelines.rewrite(found.tweet_id, text)
        self._added[found.id] = dataclasses.replace(found, text=text, updated_at=now)

    def _drawn(self, account: AdsAccount) -> Iterator[ScheduledPost]:
        until = self._clock.now() + _MOST_DAYS_AHEAD * DAY
        for post in self._world.timelines.unsteered(account.user_id, account.created_at, until):
            tweet_id = post.versions[0]
            chosen = moments.salt(f"scheduled:{tweet_id}")
            due = moments.snowflake_time(tweet_id).replace(microsecond=0)
            made_at = due - DAY * (1 + chosen % (_MOST_DAYS_AHEAD - 1))
            if post.kind == "original" and chosen % _ONE_IN == 0 and made_at > account.created_at:
                made = moments.snowflake(made_at, chosen)
                text = str(self._world.first_version(post)["text"])
                yield ScheduledPost(
                    made, account.id, account.user_id, text, due, made_at, tweet_id, made_at
                )

    def _failing(self, account: AdsAccount) -> Iterator[ScheduledPost]:
        pace = Pace(f"{account.id}:failing", _FAILURES_PER_DAY)
        first, now = (
            day_of(milliseconds(at)) for at in (account.created_at + DAY, self._clock.now())
        )
        for happening in (each for day in range(first, now + 1) for each in pace.on(day)):
            made_at = moments.snowflake_time(moments.snowflake_at(happening.ms, 0))
            made_at = made_at.replace(microsecond=0)
            made = moments.snowflake(made_at, moments.salt(account.id))
            due = made_at + timedelta(hours=30)
            text = "This one never appears"
            yield ScheduledPost(
                made, account.id, account.user_id, text, due, made_at, None, made_at
            )
