"""The HTML page of a report: one file that needs no script, no network and no other file.

Values of datasets are text to it, never markup: the templates escape everything that is not their
own, and the page's policy (`Content-Security-Policy`) forbids scripts, images and requests.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dataset_store.report import charts
from dataset_store.report.results import DailySeries, Ranking, WeekHours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import UnionType
    from typing import BinaryIO

    from dataset_store.report.contents import Contents
    from dataset_store.report.figures import Figure
    from dataset_store.report.results import Result

MAX_LISTED: Final = 1_000
"""The maximum number of datasets in the list of all."""

_MAX_TEXT: Final = 280
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPACES: Final = re.compile(r"\s+")
_JOINERS: Final = "\u200c\u200d"
"""Invisible characters that words of some languages and emoji need."""

_MAX_PLAIN: Final = 10_000
_MAX_PRECISE: Final = 100


def write_page(contents: Contents, title: str, written: datetime, sink: BinaryIO) -> None:
    """Write a report as HTML.

    Args:
        contents: What it shows.
        title: Its title.
        written: Its time, in UTC.
        sink: Where it goes.
    """
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    pieces = (
        _environment()
        .get_template("page.html.jinja")
        .generate(
            contents=contents,
            listed=contents.datasets[:MAX_LISTED],
            title=title,
            written=written,
            style=Markup(style),  # noqa: S704 - a file of this package
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
    sink.writelines(piece.encode() for piece in pieces)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("dataset_store.report", "."),
        autoescape=select_autoescape(enabled_extensions=("jinja",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_final,
    )
    found.filters |= {"number": number, "compact": compact, "count": _count}
    found.globals |= {"view": view, "address": _address, "box": (charts.WIDTH, charts.HEIGHT)}
    return found


def _final(value: Any) -> Any:
    """A value as it stands in the page; control characters and reversals of text are dropped."""
    if isinstance(value, Markup) or value is None:
        return value
    return shown(value)


def shown(value: Any) -> str:
    """A value for people."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return number(value)
    words = _SPACES.sub(" ", str(value))
    text = "".join(each for each in words if each.isprintable() or each in _JOINERS)
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def number(value: float | Decimal | None) -> str:
    """A number: whole ones with all digits, others with three."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if value % 1 == 0 or not -_MAX_PRECISE < value < _MAX_PRECISE:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def compact(value: float) -> str:
    """A number in at most five characters or so."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, _MAX_PLAIN):
            return f"{value / size:.3g}{unit}"
    return number(value)


def _count(items: int, noun: str) -> str:
    return f"{items:,} {noun}{'' if items == 1 else 's'}"


def _address(figure: Figure, link: str | None) -> str | None:
    """Where a row links to; only digits can become part of an address."""
    if not figure.link or link is None or not (link.isascii() and link.isdigit()):
        return None
    return figure.link.format(link)


def view(figure: Figure, result: Result) -> Mapping[str, Any]:
    """What a template needs to draw a figure."""
    return _VIEWS[type(result)](figure, result)


def _daily_view(figure: Figure, daily: DailySeries) -> Mapping[str, Any]:
    days = charts.days_of(daily)
    values = [dict(series.points) for series in daily.series]
    dates = [day for day in reversed(days.dates()) if any(day in found for found in values)]
    return {
        "panels": charts.panels(daily, figure.chart),
        "days": days,
        "left_out": daily.total - len(daily.series),
        "headers": [series.name for series in daily.series],
        "rows": [(day, [found.get(day) for found in values]) for day in dates],
    }


def _heatmap_view(_figure: Figure, hours: WeekHours) -> Mapping[str, Any]:
    shades = charts.shades(hours)
    # Monday first; the engine counts from Sunday
    places = [[((day + 1) % 7, hour) for day in range(7)] for hour in range(24)]
    return {
        "weekdays": _WEEKDAYS,
        "rows": [[(hours.values.get(each), shades.get(each, 0)) for each in row] for row in places],
    }


def _ranking_view(figure: Figure, ranking: Ranking) -> Mapping[str, Any]:
    at = ranking.headers.index(figure.value)
    empty = {
        place
        for place in range(len(ranking.headers))
        if all(row[place] is None for row in ranking.rows)
    }
    kept = [place for place in range(len(ranking.headers)) if place not in empty]
    return {
        "headers": [ranking.headers[place] for place in kept],
        "numeric": [_all_are(ranking, place, int | float | Decimal) for place in kept],
        "dates": [_all_are(ranking, place, date) for place in kept],
        "rows": [[row[place] for place in kept] for row in ranking.rows],
        "links": ranking.links,
        "shares": charts.shares([row[at] for row in ranking.rows]),
    }


def _all_are(ranking: Ranking, place: int, kind: type | UnionType) -> bool:
    """Whether a column holds values of a kind alone, and nulls."""
    return all(row[place] is None or isinstance(row[place], kind) for row in ranking.rows)


_VIEWS: Final[Mapping[type, Callable[[Figure, Any], Mapping[str, Any]]]] = {
    DailySeries: _daily_view,
    WeekHours: _heatmap_view,
    Ranking: _ranking_view,
}
