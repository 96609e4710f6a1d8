"""Stats of organic posts: what X is asked, and the numbers in its answers.

Sources: https://docs.x.com/x-ads-api/analytics, and for ORGANIC_TWEET, which that page had until
2026-06-18, https://developer.x.com/en/docs/x-ads-api/analytics/api-reference/synchronous.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.ads import ORGANIC_STATS, STATS
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.fields import objects
from tap_twitter.reports.organic.account_days import days_between
from tap_twitter.reports.organic.payload import LONG
from tap_twitter.reports.organic.report_columns import METRICS
from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account

Numbers = dict[str, list[int]]
"""Of a post: by column, a number for each day."""


@dataclass(frozen=True)
class StatsRequest:
    """Stats of some posts on some days.

    Attributes:
        ids: The posts, 20 at most.
        first: The first day.
        end: The day after the last one.
        completes: The last post whose days are all read with it; None if days of its posts remain.
        is_repeated: Whether it is made again for posts that an answer has left out.
        is_cut: Whether the budget has left out some of its posts.
    """

    ids: Sequence[int]
    first: date
    end: date
    completes: int | None = None
    is_repeated: bool = False
    is_cut: bool = False

    @property
    def days(self) -> list[date]:
        """The days, in order."""
        return days_between(self.first, self.end)

    @property
    def params(self) -> dict[str, str]:
        """What X is asked with. It reads bare dates as midnights of the account's time zone."""
        return {
            **ORGANIC_STATS,
            "entity_ids": ",".join(map(str, self.ids)),
            "start_time": self.first.isoformat(),
            "end_time": self.end.isoformat(),
        }

    def cut(self, count: int) -> StatsRequest:
        """The request for its first posts; for none if days of them would remain."""
        ids = self.ids[:count] if self.completes is not None else []
        return replace(self, ids=ids, completes=ids[-1] if ids else None, is_cut=True)

    def numbers(self, body: Mapping[str, Any]) -> dict[int, Numbers]:
        """The numbers in an answer, by post. X leaves out posts that it does not know.

        Days are those that were asked for, in their order, whatever times the answer names: X
        documents that it counts in hours from today's offset to UTC.

        Raises:
            TransientError: The answer is about other days, so that nobody knows which.
        """
        count = (self.end - self.first).days
        if body.get("time_series_length") not in {None, count}:
            raise TransientError(_WRONG_LENGTH)
        wanted = set(self.ids)
        found = {id_number(each.get("id")): each for each in objects(body.get("data"))}
        return {
            post_id: _numbers(entry, count)
            for post_id, entry in found.items()
            if post_id is not None and post_id in wanted
        }


Answer = tuple[StatsRequest, dict[int, Numbers]]
"""A request, and the numbers of its posts."""


def missing_from(request: StatsRequest, numbers: Mapping[int, Numbers]) -> StatsRequest | None:
    """The request for the posts that an answer has left out; None if it has all of them."""
    missing = [each for each in request.ids if each not in numbers]
    return replace(request, ids=missing, is_repeated=True) if missing else None


def answers_at_once(
    requester: Requester, account: Account, requests: Iterable[StatsRequest]
) -> Iterator[Answer]:
    """The answers of the synchronous endpoint, until the budget is used up.

    Raises:
        TapError: X refuses a request.
    """
    for request in requests:
        if not requester.affordable(STATS, 1, account):
            return
        numbers = requester.fetch(STATS, request.params, request.numbers, account)
        missing = missing_from(request, numbers)
        if missing and requester.affordable(STATS, 1, account):
            numbers |= requester.fetch(STATS, missing.params, missing.numbers, account)
        yield request, numbers


_WRONG_LENGTH: Final = "X's answer has numbers for other days than it was asked for."


def is_refused(error: InvalidRequestError) -> bool:
    """Whether X refuses to give stats of organic posts at all."""
    return "entity" in error.refusals


def _numbers(entry: Mapping[str, Any], count: int) -> Numbers:
    """A post's numbers; null stands for days without any."""
    parts = (each for each in objects(entry.get("id_data")) if each.get("segment") is None)
    metrics = next((each.get("metrics") for each in parts), None)
    known = metrics if isinstance(metrics, dict) else {}
    return {metric.name: _series(known.get(metric.source), count) for metric in METRICS}


def _series(values: Any, count: int) -> list[int]:
    if not isinstance(values, list):
        return [0] * count
    if len(values) != count:
        raise TransientError(_WRONG_LENGTH)
    return [LONG.read(value) or 0 for value in values]
