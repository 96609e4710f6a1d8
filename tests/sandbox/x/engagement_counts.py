"""How often people engaged with a post: a number for every post, engagement type and hour.

What is told of a day or of all time is the sum of its hours. Hours that lie ahead have nothing, and
the present one has the part that is over.
"""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOUR: Final = timedelta(hours=1)
_SECONDS: Final = 3600
_HOURS_OF_INTEREST: Final = 2400
_SCALES: Final[Mapping[str, int]] = {"impressions": 400, "engagements": 60}
_SMALLEST_SCALE: Final = 12
_COUNTED_LATE: Final = frozenset({"favorites", "retweets", "replies"})
_COUNTED_FROM: Final = datetime(2015, 9, 15, tzinfo=UTC)


def counted(post_id: str, metric: str, hour: datetime, now: datetime) -> int:
    """The engagement of one type with a post in an hour, as X would tell it at a moment."""
    elapsed = (now - hour).total_seconds()
    born = _born(post_id)
    age = int((hour - born).total_seconds()) // _SECONDS
    if elapsed <= 0 or not 0 <= age < _HOURS_OF_INTEREST:
        return 0
    if metric in _COUNTED_LATE and hour < _COUNTED_FROM:
        return 0
    scale = _SCALES.get(metric, _SMALLEST_SCALE) * 24 // (24 + age)
    drawn = zlib.crc32(f"{post_id}:{metric}:{''.join(_names(hour)).replace('-', '')}".encode()) % (
        scale + 2
    )
    return drawn if elapsed >= _SECONDS else int(drawn * elapsed / _SECONDS)


def total(post_id: str, metric: str, now: datetime) -> int:
    """All engagement of one type with a post until now."""
    born = _born(post_id)
    last = min(now, born + HOUR * _HOURS_OF_INTEREST)
    return sum(counted(post_id, metric, hour, now) for hour in hours(born, last))


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """The hours that begin in a span."""
    hour = start
    while hour < end:
        yield hour
        hour += HOUR


@lru_cache(maxsize=10_000)
def _born(post_id: str) -> datetime:
    """The hour in which a post was published."""
    return moments.snowflake_time(int(post_id)).replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=10_000)
def _names(hour: datetime) -> tuple[str, str]:
    """The day and the hour, as X writes them."""
    return f"{hour:%Y-%m-%d}", f"{hour:%H}"


def nested(order: Sequence[str], counts: Mapping[tuple[str, str, datetime | None], int]) -> Any:
    """Counts by post, type and hour, added up and nested as a grouping wants it.

    Hours stand in days even where days are not asked for.
    """
    levels = list(order)
    if "engagement.hour" in levels and "engagement.day" not in levels:
        levels.insert(levels.index("engagement.hour"), "engagement.day")
    sums: Counter[tuple[str, ...]] = Counter()
    for (post_id, metric, hour), count in counts.items():
        names = {"tweet.id": post_id, "engagement.type": metric}
        if hour is not None:
            names["engagement.day"], names["engagement.hour"] = _names(hour)
        sums[tuple(names[level] for level in levels)] += count
    root: dict[str, Any] = {}
    for path, count in sums.items():
        node = root
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[path[-1]] = str(count)
    return root
