"""Rows into shapes."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from dataset_store.report.charts import HEIGHT, WIDTH, days_of, panels, shades, shares
from dataset_store.report.page import compact, number, shown
from dataset_store.report.results import DailySeries, Series, WeekHours

FIRST = date(2026, 1, 1)


def daily(*values: float, step: int = 1) -> DailySeries:
    points = [(FIRST + timedelta(n * step), value) for n, value in enumerate(values)]
    return DailySeries([Series("s", points)], 1)


def numbers(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?[\d.]+", path)]


def test_a_line_goes_through_its_days_from_its_lowest_to_its_highest() -> None:
    (panel,) = panels(daily(10, 30, 20), "lines")
    assert panel.path == "M166.67 100L500 0L833.33 50"
    assert (panel.low, panel.high) == (10, 30)


def test_a_single_value_is_a_line_across_its_day() -> None:
    late = Series("late", [(FIRST + timedelta(1), 3.0)])
    early = Series("early", [(FIRST, 1.0), (FIRST + timedelta(1), 2.0)])
    assert panels(DailySeries([late, early], 2), "lines")[0].path == "M500 50L1000 50"


@pytest.mark.parametrize("values", [(5,), (5, 5, 5), (0,), (0, 0)])
@pytest.mark.parametrize("chart", ["lines", "bars"])
def test_values_without_a_spread_are_drawn(values: tuple[float, ...], chart: str) -> None:
    (panel,) = panels(daily(*values), chart)  # type: ignore[arg-type] # as declared
    assert panel.path
    assert all(-HEIGHT <= each <= WIDTH for each in numbers(panel.path))


def test_bars_stand_on_zero_and_leave_days_out() -> None:
    (panel,) = panels(daily(4, 2, step=2), "bars")
    width = WIDTH / 3 * 0.8
    assert numbers(panel.path) == pytest.approx(
        [WIDTH / 30, 100, -100, width, 100, WIDTH / 3 * 2 + WIDTH / 30, 100, -50, width, 100], abs=0.01
    )  # fmt: skip
    assert (panel.low, panel.high) == (0, 4)


def test_negative_bars_hang_below_zero() -> None:
    (panel,) = panels(daily(3, -1), "bars")
    assert (panel.low, panel.high) == (-1, 3)
    assert panel.path.split("M")[1:] == ["50 75v-75h400V75z", "550 75v25h400V75z"]


def test_all_series_share_their_days() -> None:
    early, late = daily(1).series[0], Series("t", [(FIRST + timedelta(9), 1.0)])
    days = days_of(DailySeries([early, late], 2))
    assert (days.first, days.last, days.number) == (FIRST, FIRST + timedelta(9), 10)


def test_shades_are_by_rank_and_nothing_has_none() -> None:
    values = {(0, hour): float(hour**3) for hour in range(11)}
    found = shades(WeekHours(values))
    assert [found[0, hour] for hour in range(11)] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_equal_values_have_the_same_shade() -> None:
    assert set(shades(WeekHours({(0, hour): 7.0 for hour in range(24)})).values()) == {5}


def test_shares_are_of_the_longest() -> None:
    assert shares([50, 200, None, 0, -3]) == [25, 100, 0, 0, 0]
    assert shares([]) == []
    assert shares([0, 0]) == [0, 0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234567, "1,234,567"), (2**53 + 1, "9,007,199,254,740,993"), (0.125, "0.125"), (12.345, "12.3"), (1234.5, "1,234"), (-3, "-3"), (None, "-")],
)  # fmt: skip
def test_numbers_are_whole_or_short(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(9_999, "9,999"), (10_000, "10k"), (1_234_567, "1.23M"), (5e9, "5B")]
)
def test_cells_have_little_room(value: float, text: str) -> None:
    assert compact(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\x00b\x1b[31m\nc\t d", "ab[31m c d"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("x" * 300, "x" * 279 + "…"),
        (FIRST, "2026-01-01"),
    ],
    ids=["control", "reversal", "family", "long", "day"],
)  # fmt: skip
def test_values_are_shown_without_what_cannot_be_seen(value: object, text: str) -> None:
    assert shown(value) == text
