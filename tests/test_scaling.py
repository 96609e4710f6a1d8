"""The arithmetic of `docs/scaling.md`, from the table of endpoints and X's prices."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tap_twitter.api.endpoints.v2 import USERS
from tap_twitter.cost.ledger import PRICES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text()
IDS: Final = 100_000_000
WINDOWS_PER_DAY: Final = 24 * 4
PRICE: Final = PRICES[USERS.buys] if USERS.buys else None
ROWS: Final = dict(re.findall(r"^\| ([^|]+?) +\| (.+?) \|$", PAGE, re.MULTILINE))
"""The rows of its tables: what stands first, and the rest."""


def figures(name: str) -> list[float]:
    return [float(cell.replace(",", "")) for cell in ROWS[name].split(" | ")]


def windows(limit: int) -> Iterator[tuple[str, float]]:
    """The figures of one pass with so many requests in a window."""
    requests = math.ceil(IDS / USERS.per_request)
    waits = (requests - 1) // limit
    a_day = limit * USERS.per_request * WINDOWS_PER_DAY
    yield "Requests in 15 minutes", limit
    yield "Ids in 15 minutes", limit * USERS.per_request
    yield "Ids per day", a_day
    yield "Requests of the pass", requests
    yield "Waits for a window", waits
    yield "Days of waiting", round(waits / WINDOWS_PER_DAY, 1)
    yield "Users (or apps) to finish within a day", math.ceil(IDS / a_day)


@pytest.mark.parametrize(
    ("column", "limit"), [(0, USERS.user_limit), (1, USERS.app_limit)], ids=["user", "app_only"]
)
def test_windows_of_a_hundred_million_ids(column: int, limit: int) -> None:
    computed = dict(windows(limit))
    assert {name: figures(name)[column] for name in computed} == computed


def test_money_of_a_hundred_million_ids() -> None:
    assert PRICE is not None
    assert USERS.user_limit is not None
    a_day = USERS.user_limit * USERS.per_request * WINDOWS_PER_DAY
    computed = {
        f"One pass, at {PRICE} per user": IDS * PRICE,
        "A day of one user's windows, at most": a_day * PRICE,
        "A page that a kill loses, if it is bought again on another day": USERS.per_request * PRICE,
        "Twelve passes a year": 12 * IDS * PRICE,
    }
    assert {name: figures(name) for name in computed} == {
        name: [float(usd)] for name, usd in computed.items()
    }
