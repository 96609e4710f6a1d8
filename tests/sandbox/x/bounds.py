"""Bounds of lists of posts, by id and by time (https://docs.x.com/x-api/posts/timelines/integrate)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sandbox import moments
from sandbox.pace import milliseconds
from sandbox.x.problems import invalid_request
from sandbox.x.scalars import Moment, Single, moment_of
from sandbox.x.selection import PRIVATE_DAYS, asked_private

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.x.endpoint import Call
    from sandbox.x.parameters import Complaint

POST_ID: Final = "[0-9]{1,19}"
BOUNDS: Final = (
    Single("since_id", pattern=POST_ID),
    Single("until_id", pattern=POST_ID),
    Moment("start_time"),
    Moment("end_time"),
)


def bounds(call: Call) -> tuple[int, int]:
    """The first id that may be shown, and the first that may not again; ids beat times, as on X.

    Raises:
        Problem: 400, if they are not in order.
    """
    check_order(call)
    first = _bound(call, "since_id", "start_time", lambda post_id: post_id + 1, 0)
    return first, _bound(call, "until_id", "end_time", lambda post_id: post_id, 2**63)


def first_private(call: Call) -> int:
    """The first id that is young enough for the private metrics that were asked for."""
    return first_id(call.sandbox.clock.now() - PRIVATE_DAYS) if asked_private(call) else 0


def first_id(moment: datetime) -> int:
    """The least id that can have been given out at a moment."""
    return moments.snowflake_at(milliseconds(moment), 0)


def check_order(call: Call) -> None:
    """Refuse bounds that are not in order, as X's spec 2.167 says.

    Raises:
        Problem: 400.
    """
    complaints: list[Complaint] = []
    for lower, upper, worth in _PAIRS:
        low, high = call.single(lower), call.single(upper)
        if low and high and worth(low) >= worth(high):
            names = {lower: [low], upper: [high]}
            complaints.append((names, f"'{lower}' must be before '{upper}'."))
    if complaints:
        raise invalid_request(call.sandbox.options.problem_base, complaints)


def _bound(
    call: Call, by_id: str, by_time: str, shift: Callable[[int], int], otherwise: int
) -> int:
    if post_id := call.single(by_id):
        return shift(int(post_id))
    moment = moment_of(call.single(by_time) or "")
    return otherwise if moment is None else first_id(moment.replace(microsecond=0))


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


_PAIRS: Final[tuple[tuple[str, str, Callable[[str], float]], ...]] = (
    ("since_id", "until_id", int),
    ("start_time", "end_time", _epoch),
)
