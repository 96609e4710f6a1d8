"""The file of results, and the table."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from bench import report
from bench.measure import Measure, Must, single
from bench.measures import MEASURES
from rich.console import Console

if TYPE_CHECKING:
    from pathlib import Path

    from bench.measure import Figure
    from bench.workshop import Workshop


def four(shop: Workshop) -> Figure:
    """A figure."""
    return single(4.0, requests=9)


HIGH = Measure("high", "what is high", "times", Must("≥", 5), four)
LOW = Measure("low", "what is low", "times", Must("≤", 5), four)


def test_keys_are_distinct() -> None:
    assert len({measure.key for measure in MEASURES}) == len(MEASURES)


def test_an_entry_says_all() -> None:
    entry = report.entry(LOW, single(4.0, requests=9), quick=False)
    assert (entry["value"], entry["must"], entry["met"]) == (4.0, "≤ 5", True)
    assert entry["details"] == {"requests": 9}
    assert entry["machine"]["cores"] >= 1
    assert {"python", "singer-sdk", "target-jsonl", "duckdb"} <= entry["versions"].keys()


@pytest.mark.parametrize(
    ("measures", "quick", "missed"),
    [((LOW,), False, False), ((LOW, HIGH), False, True), ((LOW, HIGH), True, False)],
    ids=["met", "one-missed", "quick-is-not-judged"],
)
def test_whether_something_is_missed(
    measures: tuple[Measure, ...], quick: bool, missed: bool
) -> None:
    entries = [report.entry(each, single(4.0), quick=quick) for each in measures]
    assert report.missed(entries) == missed


def test_figures_that_are_not_taken_again_stay(tmp_path: Path) -> None:
    path = tmp_path / "results" / "results.json"
    report.save({"low": {"value": 1}, "high": {"value": 2}}, path)
    report.save({"high": {"value": 3}}, path)
    assert json.loads(path.read_text()) == {"low": {"value": 1}, "high": {"value": 3}}


def test_the_table_names_what_is_missed() -> None:
    entries = {each.key: report.entry(each, single(4.0), quick=False) for each in (LOW, HIGH)}
    console = Console(width=100, file=StringIO(), record=True)
    console.print(report.table(entries))
    words = [line.split() for line in console.export_text().splitlines()]
    verdicts = {line[0]: line[-1] for line in words if line}
    assert (verdicts["low"], verdicts["high"]) == ("met", "MISSED")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1.2345, "1.23"), (12.345, "12.3"), (1234.5, "1,234")], ids=str
)
def test_numbers_for_people(number: float, text: str) -> None:
    assert report.rounded(number) == text
