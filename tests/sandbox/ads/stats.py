"""Synchronous stats: what is asked for, and the numbers.

https://docs.x.com/x-ads-api/analytics, and for `ORGANIC_TWEET` the reference that it was dropped from:
https://developer.x.com/en/docs/x-ads-api/analytics/api-reference/synchronous
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.ads.endpoint import Call, Endpoint
from sandbox.ads.limits import Limit
from sandbox.ads.metrics import GROUPS
from sandbox.ads.parameters import Parameter, choice, items
from sandbox.ads.refusals import Fault, Refusal, invalid
from sandbox.ads.zones import DAY, hours, read, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.ads.metrics import Subject

ORGANIC: Final = "ORGANIC_TWEET"
_WHERE: Final = "ALL_ON_TWITTER"
_ENTITIES: Final = (
    "ACCOUNT",
    "CAMPAIGN",
    "FUNDING_INSTRUMENT",
    "LINE_ITEM",
    "PROMOTED_ACCOUNT",
    "PROMOTED_TWEET",
)
_OTHER_GROUPS: Final = (
    "BILLING",
    "WEB_CONVERSION",
    "MOBILE_CONVERSION",
    "LIFE_TIME_VALUE_MOBILE_CONVERSION",
)
_SYNC_DAYS: Final = 7
PARAMETERS: Final = (
    Parameter("entity", choice(*_ENTITIES, ORGANIC), required=True),
    Parameter("entity_ids", items(20), required=True),
    Parameter("start_time", required=True),
    Parameter("end_time", required=True),
    Parameter("granularity", choice("HOUR", "DAY", "TOTAL"), required=True),
    Parameter("metric_groups", items(6, *GROUPS, *_OTHER_GROUPS), required=True),
    Parameter("placement", choice(_WHERE, "SPOTLIGHT", "TREND"), required=True),
)


@dataclass(frozen=True)
class Asked:
    """Stats that were asked for.

    Attributes:
        query: Values by parameter.
        start: The first moment, in UTC.
        end: The first moment that no longer belongs to it.
        is_served: Whether anything was ever shown: not to users of X's own sandbox.
    """

    query: dict[str, Any]
    start: datetime
    end: datetime
    is_served: bool

    def echo(self) -> dict[str, Any]:
        """What was asked for, as answers repeat it."""
        plain = {"segmentation_type": None, "country": None, "platform": None}
        times = {"start_time": written(self.start), "end_time": written(self.end)}
        return {**plain, **self.query, **times}


def asked(call: Call, kind: str, most_days: int) -> Asked:
    """What a call asks for.

    Args:
        call: The call.
        kind: `sync` or `async`.
        most_days: How long it may be.

    Raises:
        Refusal: 400, if it cannot be had.
    """
    query = call.query
    if query["entity"] == ORGANIC and call.ads.switches.organic_stats not in {"both", kind}:
        raise invalid("entity", f"expected one of {', '.join(_ENTITIES)}", ORGANIC)
    if query["entity"] == ORGANIC and not set(query["metric_groups"]) <= set(GROUPS):
        message = "Valid metric groups for entity OrganicTweet are Engagement,Video"
        raise invalid("metric_groups", message, ",".join(query["metric_groups"]))
    if query["entity"] == ORGANIC and query.get("segmentation_type"):
        message = "segmentation is not supported for OrganicTweet"
        raise invalid("segmentation_type", message, query["segmentation_type"])
    calendar = call.ads.calendar(call.owned)
    bounds = []
    for name in ("start_time", "end_time"):
        try:
            bounds.append(read(query[name], calendar))
        except ValueError:
            raise invalid(name, "invalid date", query[name]) from None
    start, end = bounds
    _check_window(call, start, end, most_days)
    return Asked(query, start, end, is_served=not call.is_for_tests)


def _check_window(call: Call, start: datetime, end: datetime, most_days: int) -> None:
    calendar = call.ads.calendar(call.owned)
    is_daily = call.query["granularity"] == "DAY"
    reasons: list[str] = []
    for bound in (start, end):
        if is_daily and not calendar.is_midnight(bound):
            reasons.append(
                "Expect time to be midnight in the account's local timezone for day granularity"
            )
        elif not is_daily and not calendar.is_whole_hour(bound):
            reasons.append("Time cannot be fractional hours")
    if not reasons and start >= end:
        reasons.append("end_time must be after start_time")
    length = len(calendar.days(start, end)) * DAY if is_daily else calendar.length(start, end)
    if not reasons and length > most_days * DAY:
        reasons.append(f"Time window cannot be longer than {most_days} days")
    if reasons:
        raise Refusal(400, [Fault("INVALID_TIME_WINDOW", reason, "") for reason in reasons])


def counted(call: Call, wanted: Asked) -> dict[str, Any]:
    """The numbers, as they are now."""
    calendar, tally = call.ads.calendar(call.owned), call.ads.tally(call.owned)
    granularity = wanted.query["granularity"]
    count: Callable[[Subject], list[dict[str, int]]]
    if granularity == "DAY":
        days = calendar.days(wanted.start, wanted.end)
        length = len(days)

        def count(subject: Subject) -> list[dict[str, int]]:
            return [tally.daily(subject, day) for day in days]
    else:
        buckets = [*hours(wanted.start, wanted.end)]
        length = 1 if granularity == "TOTAL" else len(buckets)

        def count(subject: Subject) -> list[dict[str, int]]:
            found = [tally.hourly(subject, hour) for hour in buckets]
            return [_sum(found)] if granularity == "TOTAL" else found

    shown = wanted.is_served and wanted.query["placement"] == _WHERE
    names = [n for group in wanted.query["metric_groups"] for n in GROUPS.get(group, ())]
    data = []
    for subject in _subjects(call, wanted):
        series = count(subject) if shown else []
        metrics = {name: _series(series, name) for name in names}
        data.append({"id": subject.id, "id_data": [{"segment": None, "metrics": metrics}]})
    return {"data_type": "stats", "time_series_length": length, "data": data}


def _subjects(call: Call, wanted: Asked) -> list[Subject]:
    """The posts asked for that the account has; others are passed over."""
    if wanted.query["entity"] != ORGANIC:
        return []
    dropped = {each for fault in call.faults for each in fault.arguments.get("ids", [])}
    if call.struck("drop_ids") and not dropped:
        dropped = {wanted.query["entity_ids"][0]}
    posts = call.ads.posts
    found = [posts.find(call.owned, each) for each in wanted.query["entity_ids"]]
    subjects = [posts.subject(call.owned, each) for each in found if each is not None]
    return [subject for subject in subjects if subject.id not in dropped]


def _series(buckets: list[dict[str, int]], name: str) -> list[int] | None:
    """A metric's numbers; null where nothing happened in the whole window."""
    numbers = [bucket.get(name, 0) for bucket in buckets]
    return numbers if any(numbers) else None


def _sum(buckets: list[dict[str, int]]) -> dict[str, int]:
    names = {name for bucket in buckets for name in bucket}
    return {name: sum(bucket.get(name, 0) for bucket in buckets) for name in names}


def _stats(call: Call) -> dict[str, Any]:
    wanted = asked(call, "sync", _SYNC_DAYS)
    call.echo.update(wanted.echo())
    return counted(call, wanted)


ENDPOINTS: Final = (
    Endpoint("stats/accounts/{account_id}", _stats, Limit("analytics", 250), PARAMETERS),
)
