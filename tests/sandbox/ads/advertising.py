"""What X's Ads API has behind it: ads accounts with posts, cards, media, schedules, numbers and jobs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sandbox.ads.accounts import ACCOUNTS, AdsAccount
from sandbox.ads.creatives import Creatives
from sandbox.ads.jobs import Jobs
from sandbox.ads.limits import AdsLimits
from sandbox.ads.metrics import Tally
from sandbox.ads.organic import AdsPosts
from sandbox.ads.scheduled import Schedule
from sandbox.ads.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sandbox.ads.zones import Calendar
    from sandbox.clock import Clock
    from sandbox.options import Options
    from sandbox.world import World

_CHANGEABLE: Final = frozenset({"name", "industry_type", "deleted"})


class Advertising:
    """The ads accounts of a sandbox; steer them here.

    Args:
        world: The posts and users.
        clock: The time.
        options: Length and size of rate limit windows.

    Attributes:
        switches: How the API behaves.
        limits: Its rate limits.
        creatives: Cards and media.
        posts: Posts.
        schedule: Scheduled posts.
        jobs: Stats jobs.
    """

    def __init__(self, world: World, clock: Clock, options: Options) -> None:
        self._world = world
        self._clock = clock
        self.limits = AdsLimits(clock, options.window_seconds, options.limit_scale)
        self.creatives = Creatives(clock)
        self.posts = AdsPosts(world, clock, self.creatives)
        self.schedule = Schedule(world, clock)
        self.jobs = Jobs(clock)
        self.reset()

    def reset(self) -> None:
        """Go back to the start, with the usual switches."""
        self.switches = Switches()
        self._accounts = {account.id: account for account in ACCOUNTS}
        self.limits.reset()
        self.creatives.reset()
        self.posts.reset()
        self.schedule.reset()
        self.jobs.reset()

    def set(self, **switches: Any) -> None:
        """Set switches.

        Raises:
            ValueError: If there is none of that name, or no such value.
        """
        self.switches = self.switches.changed(switches)

    @property
    def accounts(self) -> Sequence[AdsAccount]:
        """The ads accounts that there are now, whoever may see them."""
        now = self._clock.now()
        return [each for each in self._accounts.values() if each.created_at <= now]

    def account(self, account_id: str) -> AdsAccount:
        """An ads account.

        Raises:
            LookupError: If there is none of that id.
        """
        if account_id not in self._accounts:
            msg = f"There is no ads account {account_id}; there are {', '.join(self._accounts)}"
            raise LookupError(msg)
        return self._accounts[account_id]

    def add_account(
        self,
        user_id: str,
        timezone: str,
        *,
        name: str = "New",
        created_at: datetime | None = None,
        permissions: Mapping[str, tuple[str, ...]] | None = None,
    ) -> AdsAccount:
        """Open an ads account for a user's posts; by default that user alone sees it.

        Raises:
            ZoneInfoNotFoundError: If there is no such time zone.
        """
        ZoneInfo(timezone)
        opened = created_at or self._clock.now()
        added = AdsAccount(
            id=f"18ce5added{len(self._accounts)}",
            name=name,
            timezone=timezone,
            user_id=user_id,
            created_at=opened,
            permissions=permissions or {user_id: ("ACCOUNT_ADMIN",)},
        )
        self._accounts[added.id] = added
        return added

    def change_account(self, account_id: str, **values: Any) -> None:
        """Change an account's `name`, `industry_type` or `deleted` now.

        Raises:
            LookupError: If there is no such account.
            ValueError: If it has nothing of that name.
        """
        if unknown := set(values) - _CHANGEABLE:
            msg = f"Of an ads account {sorted(_CHANGEABLE)} can be changed, not {sorted(unknown)}"
            raise ValueError(msg)
        now = self._clock.now()
        account = self.account(account_id)
        self._accounts[account_id] = dataclasses.replace(account, **values, changed_at=now)

    def grant(self, account_id: str, user_id: str, *permissions: str) -> None:
        """Let a user see an ads account; without permissions, no longer.

        Raises:
            LookupError: If there is no such account.
        """
        account = self.account(account_id)
        others = {user: each for user, each in account.permissions.items() if user != user_id}
        granted = {user_id: permissions} if permissions else {}
        self._accounts[account_id] = dataclasses.replace(account, permissions=others | granted)

    def calendar(self, account: AdsAccount) -> Calendar:
        """The days of an account, as the switches have it."""
        return account.calendar(self._clock.now() if self.switches.day_offset == "today" else None)

    def tally(self, account: AdsAccount) -> Tally:
        """What counts engagement for an account now."""
        return Tally(
            self._world.seed,
            self.calendar(account),
            self._clock.now(),
            self.switches.final_after_hours,
        )

    def daily(self, account_id: str, post_id: str, day: date) -> dict[str, int]:
        """What a post earned on a local day, by metric; those that are zero are left out.

        Raises:
            LookupError: If there is no such account, or it has no such post.
        """
        account = self.account(account_id)
        found = self.posts.find(account, post_id)
        if found is None:
            msg = f"The ads account {account_id} has no post {post_id}"
            raise LookupError(msg)
        return self.tally(account).daily(self.posts.subject(account, found), day)
