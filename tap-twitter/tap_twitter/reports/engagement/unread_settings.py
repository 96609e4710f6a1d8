"""Settings that switch off others, as Domo's pane only shows the fields that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.dates import DateType
from tap_twitter.reports.engagement.report_days import (
    DATE,
    END,
    GROUP,
    RANGE,
    REPORT_DATE,
    START,
    duration,
)
from tap_twitter.reports.engagement.settings import ENGAGEMENT, TweetSelection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_twitter.dates import DaySetting


class Mode(NamedTuple):
    """A value of a setting, and the settings that are not read with it."""

    setting: str
    value: str
    unread: tuple[str, ...]


def _named(*days: DaySetting) -> tuple[str, ...]:
    return tuple(name for each in days for name in (each.type, each.specific, each.days_back))


SELECTION: Final = (
    Mode("tweet_selection", TweetSelection.RECENT, ("tweets",)),
    Mode("tweet_selection", TweetSelection.SPECIFIC, ("number_of_tweets",)),
)
"""What all engagement streams read."""

DAYS: Final = (
    Mode("duration", DATE, _named(START, END)),
    Mode("duration", RANGE, _named(REPORT_DATE)),
    *(Mode(each.type, DateType.SPECIFIC, (each.days_back,)) for each in (REPORT_DATE, START, END)),
    *(Mode(each.type, DateType.RELATIVE, (each.specific,)) for each in (REPORT_DATE, START, END)),
)
"""What the report of days reads."""

DEFAULTS: Final[Mapping[str, Any]] = {
    name: prop.get("default") for name, prop in ENGAGEMENT.to_dict()["properties"].items()
}


def unread(settings: Mapping[str, Any], modes: Iterable[Mode]) -> Iterator[str]:
    """The settings that were set without effect, for people.

    Args:
        settings: Those of the group, with defaults; a default counts as not set.
        modes: Those of the selected streams.
    """
    left = {name for name in DEFAULTS if settings.get(name) != DEFAULTS[name]}
    meant = {**settings, "duration": duration(settings)}
    meant |= {each.type: each.kind(settings).value for each in (REPORT_DATE, START, END)}
    for mode in modes:
        given = [name for name in mode.unread if name in left]
        if meant[mode.setting] == mode.value and given:
            left -= set(given)
            names = ", ".join(f"'{GROUP}.{name}'" for name in given)
            yield f"{names}, as '{GROUP}.{mode.setting}' is '{mode.value}'"
