"""Figures and what they must reach."""

from __future__ import annotations

import pytest
from bench.bound import least_seconds
from bench.measure import Figure, Must, middle, ratio
from bench.processes import Taken


@pytest.mark.parametrize(
    ("must", "met", "missed"),
    [
        (Must("≥", 3), (3, 3.1), (2.99,)),
        (Must("≤", 600), (600, 0), (600.1,)),
        (Must("<", 10_000), (9_999,), (10_000,)),
        (Must("=", 0), (0,), (-1, 1)),
    ],
    ids=str,
)
def test_what_a_figure_must_reach(
    must: Must, met: tuple[float, ...], missed: tuple[float, ...]
) -> None:
    assert all(must.is_met_by(value) for value in met)
    assert not any(must.is_met_by(value) for value in missed)


def test_a_ratio_is_the_median_over_pairs_not_over_sides() -> None:
    ours = [Taken(1, 0, cpu_seconds=2), Taken(2, 0, cpu_seconds=2), Taken(10, 0, cpu_seconds=2)]
    theirs = [Taken(4, 0, cpu_seconds=3), Taken(4, 0, cpu_seconds=1), Taken(30, 0, cpu_seconds=2)]
    figure = ratio(ours, theirs, records=8)
    assert (figure.value, figure.least, figure.most) == (3.0, 2.0, 4.0)
    assert figure.runs[2] == {
        "our_seconds": 10,
        "their_seconds": 30,
        "our_cpu_seconds": 2,
        "their_cpu_seconds": 2,
    }
    assert figure.details["cpu_ratio"] == 1
    assert figure.details["our_records_per_second"] == 4
    assert figure.details["their_records_per_second"] == 2


def test_a_ratio_wants_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([Taken(1, 0), Taken(2, 0)], [Taken(1, 0)], records=1)


def test_the_middle_of_an_even_number_of_runs() -> None:
    assert middle([1.0, 4.0], []) == Figure(2.5, 1.0, 4.0)


@pytest.mark.parametrize(
    ("requests", "per_window", "window", "latency", "least"),
    [
        pytest.param(0, 5, 10, 1, 0, id="nothing"),
        pytest.param(5, 5, 10, 1, 5, id="one-window"),
        pytest.param(6, 5, 10, 1, 11, id="a-wait"),
        pytest.param(15, 5, 10, 1, 25, id="two-waits"),
        pytest.param(6, 5, 3, 1, 6, id="slower-than-the-limit"),
        pytest.param(4, 2, 3, 2, 8, id="as-fast-as-the-limit"),
    ],
)
def test_the_least_time(
    requests: int, per_window: int, window: float, latency: float, least: float
) -> None:
    assert least_seconds(requests, per_window, window, latency) == least
