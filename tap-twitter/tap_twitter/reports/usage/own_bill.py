"""The tap's own bill, day by day, as the state of a job keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_twitter.cost.ledger import DayBill

BALANCES: Final = ("total_balance", "prepaid_balance", "free_balance")
"""X's names of what is left, in USD."""


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A UTC day of the runs that share a state.

    Attributes:
        posts: The posts that they have bought.
        usd: The price of all objects that they have bought.
        streams: The same by the stream that has bought them.
        balances: What X has said is left, in the order of `BALANCES`; from the last run of the day.
    """

    posts: int = 0
    usd: Decimal = Decimal()
    streams: Mapping[str, Decimal] = field(default_factory=dict)
    balances: tuple[float | None, ...] = (None, None, None)

    @property
    def columns(self) -> dict[str, Any]:
        """The day as columns of a row."""
        left = dict(zip((f"{name}_usd" for name in BALANCES), self.balances, strict=True))
        by_stream = [
            {"stream": stream, "usd": float(usd)} for stream, usd in sorted(self.streams.items())
        ]
        return {
            "own_posts": self.posts,
            "own_cost_usd": float(self.usd),
            "own_cost_by_stream": by_stream,
            **left,
        }


class OwnBill:
    """The days that the state knows.

    Args:
        days: By UTC day.
    """

    def __init__(self, days: Mapping[date, OwnDay]) -> None:
        self.days = dict(days)

    def add(self, bought: Mapping[date, DayBill]) -> None:
        """Add what a run has bought."""
        for day, bill in bought.items():
            own = self.days.get(day, OwnDay())
            names = own.streams.keys() | bill.streams.keys()
            streams = {
                name: own.streams.get(name, Decimal()) + bill.streams.get(name, Decimal())
                for name in names
            }
            self.days[day] = replace(
                own, posts=own.posts + bill.posts, usd=own.usd + bill.usd, streams=streams
            )

    def note_balances(self, day: date, balances: Iterable[float | None]) -> None:
        """Note what X says is left."""
        self.days[day] = replace(self.days.get(day, OwnDay()), balances=tuple(balances))

    def as_bookmark(self, since: date) -> list[dict[str, Any]]:
        """The days from one on as JSON values: a list, which merged states replace as a whole."""
        return [
            {
                "date": day.isoformat(),
                "posts": own.posts,
                "usd": str(own.usd),
                "streams": {name: str(usd) for name, usd in sorted(own.streams.items())},
                "balances": list(own.balances),
            }
            for day, own in sorted(self.days.items())
            if day >= since
        ]

    @classmethod
    def from_bookmark(cls, bookmark: Any, where: str) -> OwnBill:
        """Read what `as_bookmark` has written.

        Args:
            bookmark: From the state; None makes an empty one.
            where: Its place in the state, for the error.

        Raises:
            StateError: It is none.
        """
        try:
            return cls({date.fromisoformat(each["date"]): _day(each) for each in bookmark or ()})
        except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation):
            raise StateError(where) from None


def _day(kept: Mapping[str, Any]) -> OwnDay:
    total, prepaid, free = (None if each is None else float(each) for each in kept["balances"])
    # states of earlier builds have no streams
    streams = {str(name): Decimal(usd) for name, usd in kept.get("streams", {}).items()}
    return OwnDay(int(kept["posts"]), Decimal(kept["usd"]), streams, (total, prepaid, free))
