"""When a read that goes in circles ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tap_twitter.errors import InvalidRequestError, UnreachableError
from tap_twitter.streams.pages import MAX_IDLE_PAGES, PageGuard

if TYPE_CHECKING:
    from collections.abc import Sequence


class Page(NamedTuple):
    ids: Sequence[int]
    next_token: str | None = "t"


def test_pages_that_bring_nothing_end_a_read() -> None:
    guard = PageGuard("posts", 10)
    for _ in range(MAX_IDLE_PAGES):
        guard.check(Page([]), None, 10)
    with pytest.raises(UnreachableError, match="21 pages in a row without any other posts"):
        guard.check(Page([]), None, 10)


@pytest.mark.parametrize("before", [None, 10], ids=["from the top", "resumed"])
def test_a_page_with_something_new_is_worth_twenty_others(before: int | None) -> None:
    guard = PageGuard("posts", before)
    for position in (9, 8, 7):
        for _ in range(MAX_IDLE_PAGES):
            guard.check(Page([]), None, before)
        guard.check(Page([position]), None, position)
        before = position


@pytest.mark.parametrize(
    ("asked_for", "positions"), [(None, (7, 7, 7)), ("t", (7, 6))], ids=["known ids", "same token"]
)
def test_pages_that_repeat_end_a_read(asked_for: str | None, positions: Sequence[int]) -> None:
    guard = PageGuard("messages")
    *before, last = positions
    for position in before:
        guard.check(Page([7]), asked_for, position)
    with pytest.raises(UnreachableError, match="same page of messages repeatedly"):
        guard.check(Page([7]), asked_for, last)


def test_a_read_may_begin_anew_as_long_as_it_comes_deeper() -> None:
    guard, error = PageGuard("posts"), InvalidRequestError("refused")
    for lowest in (None, 50, 40):
        guard.restart(lowest, error)
    with pytest.raises(InvalidRequestError):
        guard.restart(40, error)
