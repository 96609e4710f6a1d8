"""The rows of figures, which the engine sums up: a page holds a bounded number of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dataset_store.queries import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

    from dataset_store.base import Dataset
    from dataset_store.report.figures import Chart, Figure

MAX_SERIES: Final = 6
MAX_RANKS: Final = 10

_WEIGHTS: Final[Mapping[Chart, str]] = {"lines": "max", "bars": "sum"}
"""By what series are chosen: levels by their highest, counts by their sum."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of some days.

    Attributes:
        name: What they are of.
        points: The days with their values, in order, at least one.
    """

    name: str
    points: Sequence[tuple[date, float]]


@dataclass(frozen=True, slots=True)
class DailySeries:
    """Series over the same days, and how many there are in all."""

    series: Sequence[Series]
    total: int


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Values by weekday (0 is Sunday) and hour."""

    values: Mapping[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first rows of a table.

    Attributes:
        headers: The names of its columns.
        rows: Their values.
        links: For each row, what its link is made of; None for none.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    links: Sequence[str | None]


Result = DailySeries | WeekHours | Ranking
Row = dict[str, Any]


def result_of(figure: Figure, dataset: Dataset) -> Result | None:
    """Compute a figure of a dataset; None if it has no values.

    Raises:
        DatasetError: The dataset cannot be read.
    """
    answer = dataset.query(sql_of(figure, dataset.schema))
    rows = [row for batch in answer for row in batch.to_pylist()]
    return _RESULTS[figure.chart](rows) if rows else None


def sql_of(figure: Figure, schema: pa.Schema) -> str:
    """The query of the table `dataset`, of this schema, that gives a figure's few rows."""
    return figure.query(schema) + _SELECTS[figure.chart](figure)


def _select_daily(figure: Figure) -> str:
    weight = _WEIGHTS[figure.chart]
    days = f"interval '{figure.days}' day"
    return f""",
        newest as (select max(day) as day from figure),
        recent as (
          select f.series, f.label, f.day, f.value from figure f cross join newest
          where f.day > newest.day - {days} and f.value is not null
        ),
        ranked as (
          select series, {weight}(value) as weight, count(*) over () as total,
            last_value(label order by day) filter (where label is not null) as label
          from recent group by series order by weight desc, series limit {MAX_SERIES}
        )
        select r.series, coalesce(ranked.label, r.series) as name, r.day, r.value, ranked.total
        from recent r
        join ranked on r.series = ranked.series order by ranked.weight desc, r.series, r.day"""  # noqa: S608 - numbers alone


def _select_week_hours(_figure: Figure) -> str:
    return (
        " select weekday, hour, value from figure where value is not null and hour between 0 and 23"
    )


def _select_ranking(figure: Figure) -> str:
    value = quoted(figure.value)
    return (
        f" select * from figure where {value} is not null"  # noqa: S608 - the name is quoted
        f" order by {value} desc, 1 limit {MAX_RANKS}"
    )


def _daily(rows: Sequence[Row]) -> DailySeries:
    points: dict[tuple[str, str], list[tuple[date, float]]] = {}
    for row in rows:
        series = points.setdefault((row["series"], row["name"]), [])
        series.append((row["day"], float(row["value"])))
    found = [Series(name, values) for (_, name), values in points.items()]
    return DailySeries(found, rows[0]["total"])


def _week_hours(rows: Sequence[Row]) -> WeekHours:
    return WeekHours({(int(row["weekday"]), int(row["hour"])): float(row["value"]) for row in rows})


def _ranking(rows: Sequence[Row]) -> Ranking:
    headers = [name for name in rows[0] if name != "link"]
    links = [row.get("link") for row in rows]
    return Ranking(headers, [[row[name] for name in headers] for row in rows], links)


_SELECTS: Final[Mapping[Chart, Callable[[Figure], str]]] = {
    "lines": _select_daily,
    "bars": _select_daily,
    "heatmap": _select_week_hours,
    "ranking": _select_ranking,
}
_RESULTS: Final[Mapping[Chart, Callable[[Sequence[Row]], Result]]] = {
    "lines": _daily,
    "bars": _daily,
    "heatmap": _week_hours,
    "ranking": _ranking,
}
