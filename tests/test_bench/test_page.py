"""The figures as they stand in the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bench import page, report
from bench.floor import PARTS, measured
from bench.measure import Measure, Must, middle, single
from bench.posts import messages, write

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES: dict[str, Any] = {
    key: report.entry(Measure(key, "", "times", must, lambda _: single(0)), figure, quick=False)
    for key, must, figure in [
        ("state_bytes_1m_ids", Must("<", 10_000), single(146)),
        (
            "target_append_vs_target_jsonl",
            Must("≥", 18),
            middle([17, 20, 16], []),
        ),
        ("target_append_vs_dlt", None, single(40)),
        (
            "target_cpu_vs_floor",
            None,
            single(3.5, microseconds_per_record={"a part": 0.617, "whole run": 3.6}),
        ),
    ]
}


@pytest.fixture
def text(tmp_path: Path) -> str:
    """What stands in a page after figures were written twice."""
    path = tmp_path / "page.md"
    path.write_text(f"before\n{page.BEGIN}| `old_key` | 1 |\n{page.END}after\n")
    page.write({"state_bytes_1m_ids": ENTRIES["state_bytes_1m_ids"]}, path)
    page.write(ENTRIES, path)
    return path.read_text()


def test_the_text_around_the_figures_stays(text: str) -> None:
    assert text.startswith(f"before\n{page.BEGIN}")
    assert text.endswith(f"{page.END}after\n")
    assert "old_key" not in text


def test_every_figure_is_a_row(text: str) -> None:
    rows = [line[:-13] for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        "| `state_bytes_1m_ids` | 146 | | | times | < 10000 | met |",
        "| `target_append_vs_target_jsonl` | 17 | 16 | 20 | times | ≥ 18 | **missed** |",
        "| `target_append_vs_dlt` | 40 | | | times |  |  |",
        "| `target_cpu_vs_floor` | 3.5 | | | times |  |  |",
    ]
    assert text.count("Machine: ") == 1


def test_paces_are_bars(text: str) -> None:
    chart = text.partition("```text\n")[2].partition("```")[0].splitlines()
    assert chart == [
        f"target-dataset  {'█' * 50} 100",
        "target-jsonl    ███ 5.88",
        "dlt             █ 2.5",
    ]


def test_the_profile_is_a_table(text: str) -> None:
    assert "| a part | 0.62 |\n| whole run | 3.60 |\n" in text


def test_the_page_has_a_place_for_figures() -> None:
    found = page.PAGE.read_text()
    assert found.count(page.BEGIN) == found.count(page.END) == 1


def test_every_part_of_an_append_is_measured(tmp_path: Path) -> None:
    source = write(tmp_path / "input.jsonl", messages(range(200)))
    parts = measured(source, tmp_path / "store")
    assert list(parts) == list(PARTS)
    assert all(seconds > 0 for seconds in parts.values())
