"""What the two taps have written is compared before their pace is."""

from __future__ import annotations

from typing import Any

import pytest
from bench.processes import CommandError
from bench.tap_pace import compare

OURS = [{"id": "1", "name": "Ann", "url": None}, {"id": "2", "name": None, "url": None}]


def test_more_columns_are_no_difference() -> None:
    compare(OURS, [{"id": "1", "name": "Ann"}, {"id": "2"}], 2)


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        ([{"id": "1"}], "2 and 1 records were written instead of 2"),
        ([{"id": "1"}, {"id": "2", "name": "Bob"}], r"differ in \['name'\]"),
        ([{"id": "2"}, {"id": "1"}], r"differ in \['id'\]"),
        ([{"id": "1"}, {"id": "2", "likes": 1}], r"differ in \['likes'\]"),
    ],
    ids=["fewer", "other-value", "other-order", "missing-column"],
)
def test_differences_are_told(theirs: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        compare(OURS, theirs, 2)
