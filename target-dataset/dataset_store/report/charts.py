"""Rows into shapes: paths of SVG, bars of tables and shades of heat maps. No text, no colors.

A small chart is `WIDTH` wide and `HEIGHT` high and stretches to its place; texts stand around it
in HTML, so that they keep their size on narrow and wide screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dataset_store.report.figures import Chart
    from dataset_store.report.results import DailySeries, Series, WeekHours

WIDTH: Final = 1000
HEIGHT: Final = 100
SHADES: Final = 5
"""Shades of a heat map, beside the one of nothing."""

_BAR: Final = 0.8
"""How much of a day its bar takes."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The small chart of one series.

    Attributes:
        series: Its values.
        path: What is drawn, as path data of SVG.
        low: The value at the bottom.
        high: The value at the top.
    """

    series: Series
    path: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Days:
    """The days that charts have in common."""

    first: date
    last: date

    @property
    def number(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    def place(self, day: date) -> float:
        """Where a day begins."""
        return (day - self.first).days * WIDTH / self.number

    @property
    def width(self) -> float:
        """How wide a day is."""
        return WIDTH / self.number

    def dates(self) -> Sequence[date]:
        """Every one of them."""
        return [self.first + timedelta(days=number) for number in range(self.number)]


def days_of(daily: DailySeries) -> Days:
    """The days from the first to the last value of any series."""
    found = [day for series in daily.series for day, _ in series.points]
    return Days(min(found), max(found))


def panels(daily: DailySeries, chart: Chart) -> Sequence[Panel]:
    """A small chart for each series: the same days for all, a scale for each."""
    days = days_of(daily)
    return [_DRAW[chart](series, days) for series in daily.series]


def _lines(series: Series, days: Days) -> Panel:
    values = [value for _, value in series.points]
    low, high = min(values), max(values)
    spread = high - low
    points = [
        (
            days.place(day) + days.width / 2,
            HEIGHT * (high - value) / spread if spread else HEIGHT / 2,
        )
        for day, value in series.points
    ]
    return Panel(series, _moves(points if len(points) > 1 else _across(points[0], days)), low, high)


def _across(point: tuple[float, float], days: Days) -> Sequence[tuple[float, float]]:
    """A single value as a line across its day: a path without a length is not drawn."""
    x, y = point
    return [(x - days.width / 2, y), (x + days.width / 2, y)]


def _moves(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)


def _bars(series: Series, days: Days) -> Panel:
    values = [value for _, value in series.points]
    low, high = min(0.0, *values), max(0.0, *values)
    spread = high - low or 1.0
    zero = HEIGHT * high / spread
    width = days.width * _BAR
    path = "".join(
        f"M{_short(days.place(day) + (days.width - width) / 2)} {_short(zero)}"
        f"v{_short(-HEIGHT * value / spread)}h{_short(width)}V{_short(zero)}z"
        for day, value in series.points
    )
    return Panel(series, path, low, high)


_DRAW: Final[Mapping[Chart, Callable[[Series, Days], Panel]]] = {"lines": _lines, "bars": _bars}


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def shares(values: Sequence[float | None]) -> Sequence[float]:
    """How long the bars of values are, in percent of the longest."""
    most = max((value for value in values if value is not None), default=0)
    return [round(100 * max(value or 0, 0) / most, 1) if most > 0 else 0 for value in values]


def shades(hours: WeekHours) -> Mapping[tuple[int, int], int]:
    """The shade of each value: 1 to `SHADES`, of which each stands for as many values; 0 for none.

    By rank, so that one very high value does not pale all others.
    """
    ranked = sorted(value for value in hours.values.values() if value > 0)
    rank = {value: number for number, value in enumerate(ranked, 1)}
    return {
        place: -(-SHADES * rank[value] // len(ranked)) if value > 0 else 0
        for place, value in hours.values.items()
    }
