"""The groupings of counts: the setting `engagement.group_by`, and X's rules about it.

Source: https://developer.x.com/en/docs/twitter-api/enterprise/engagement-api/guides/grouping-results.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from singer_plugin.similar import did_you_mean
from tap_twitter.errors import SettingError
from tap_twitter.reports.engagement.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SETTING: Final = "engagement.group_by"


class Dimension(enum.StrEnum):
    """The dimensions of groupings, in X's words."""

    TWEET = "tweet.id"
    TYPE = "engagement.type"
    DAY = "engagement.day"
    HOUR = "engagement.hour"


WORDS: Final[Mapping[str, Dimension]] = {
    "tweet": Dimension.TWEET,
    "engagement_type": Dimension.TYPE,
    "date": Dimension.DAY,
    "hour": Dimension.HOUR,
}
"""The words of the setting; X's own are accepted, too."""

NAMES: Final = {dimension: word for word, dimension in WORDS.items()}

MAX_PER_REQUEST: Final = 3
"""The maximum number of groupings that X accepts in a request."""

ORDERS_OF_FOUR: Final = (
    (Dimension.TWEET, Dimension.TYPE, Dimension.DAY, Dimension.HOUR),
    (Dimension.TYPE, Dimension.TWEET, Dimension.DAY, Dimension.HOUR),
)
"""The only orders in which X accepts all four."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One grouping of counts.

    Attributes:
        order: The dimensions in the order of the request, which is how X's response nests them.
    """

    order: tuple[Dimension, ...]

    @property
    def nesting(self) -> tuple[Dimension, ...]:
        """The dimensions of X's response, which nests hours in days, requested or not."""
        if Dimension.DAY in self.order or Dimension.HOUR not in self.order:
            return self.order
        at = self.order.index(Dimension.HOUR)
        return (*self.order[:at], Dimension.DAY, *self.order[at:])

    @property
    def name(self) -> str:
        """The dimensions of the rows, for which the order does not matter."""
        return ",".join(NAMES[each] for each in Dimension if each in self.nesting)

    @property
    def by_tweet(self) -> bool:
        """Whether each count is of one post."""
        return Dimension.TWEET in self.order

    @property
    def is_dated(self) -> bool:
        """Whether each count is of one day, or of an hour of it."""
        return Dimension.DAY in self.nesting


BY_TWEET_AND_TYPE: Final = Grouping((Dimension.TWEET, Dimension.TYPE))


def groupings(value: str | Sequence[str | Sequence[str]]) -> tuple[Grouping, ...]:
    """Read the setting `engagement.group_by`: a grouping, as words or a text, or a list of them.

    Raises:
        SettingError: X would refuse a grouping, or two of them give the same rows.
    """
    value = words_in(value) if isinstance(value, str) else value
    words = [each for each in value if isinstance(each, str)]
    several = [each for each in value if not isinstance(each, str)]
    if words and several:
        msg = f"Setting '{SETTING}' must be a list of words or a list of such lists, not both."
        raise SettingError(msg)
    found = tuple(_grouping(words_in(each)) for each in several or [words])
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            msg = f"Setting '{SETTING}' groups by {name} twice: list it once to get all rows."
            raise SettingError(msg)
    return found


def packs(found: Sequence[Grouping]) -> Iterator[tuple[Grouping, ...]]:
    """The groupings in as few parts as possible that X can answer in one request each."""
    for start in range(0, len(found), MAX_PER_REQUEST):
        yield tuple(found[start : start + MAX_PER_REQUEST])


def _grouping(words: Sequence[str]) -> Grouping:
    order = tuple(_dimension(word) for word in words)
    if not order:
        msg = f"Setting '{SETTING}' needs at least one of: {', '.join(WORDS)}."
        raise SettingError(msg)
    if len(set(order)) < len(order):
        msg = f"Setting '{SETTING}' names something twice in one grouping."
        raise SettingError(msg)
    if len(order) == len(Dimension) and order not in ORDERS_OF_FOUR:
        order = ORDERS_OF_FOUR[0]  # the order does not matter to rows
    return Grouping(order)


def _dimension(word: str) -> Dimension:
    try:
        return WORDS.get(word.lower()) or Dimension(word)
    except ValueError:
        msg = (
            f"Setting '{SETTING}' has the unknown value '{word}'."
            f"{did_you_mean(word, WORDS)} Known values: {', '.join(WORDS)}."
        )
        raise SettingError(msg) from None
