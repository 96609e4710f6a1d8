"""What the next sync would request and cost, as an estimate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from singer_plugin.text_table import aligned
from tap_twitter.cost.ledger import exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_twitter.cost.ledger import Budget

WINDOW_SECONDS: Final = 900
"""Most of X's limits hold for 15 minutes (https://docs.x.com/x-api/fundamentals/rate-limits)."""

NOTES: Final = (
    "Objects and USD are upper bounds: X charges for what it finds, and for an object once per UTC "
    "day; the plan assumes that everything is found and that nothing was bought before.",
    "The wait is the minimum that X's limits force, starting with full windows; response times "
    "come on top.",
)
CUT_NOTE: Final = (
    "The budget leaves {left} objects for later runs. What X does not find costs nothing, so the "
    "run may get further, with more requests for the same money."
)
OPEN_NOTE: Final = (
    "Figures with a '+' are minimums: X does not say beforehand how much follows. The settings of "
    "'budget' cap it."
)
COUNTS_NOTE: Final = (
    "X has counted the posts that searches find, for {usd}. It counts deleted posts, too, so a "
    "search may return fewer."
)
HEADINGS: Final = ("stream", "requests", "objects", "USD", "wait")


class Demand(NamedTuple):
    """Objects that a sync requests from one endpoint.

    Attributes:
        objects: The maximum number.
        per_request: How many of them one request returns.
        requests_per_window: How many requests X allows in 15 minutes; None if a contract
            decides, so that no waits are estimated.
        price: Of one object, in USD.
        open_ended: Whether more may follow, without X saying so beforehand.
        probes: Requests before these, which ask for no object and are outside the budget.
    """

    objects: int
    per_request: int
    requests_per_window: int | None
    price: Decimal
    open_ended: bool = False
    probes: int = 0

    @property
    def usd(self) -> Decimal:
        """The price of all of them."""
        return self.objects * self.price


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a stream would request and cost at most.

    Attributes:
        requests: To X.
        objects: Requested within the budget.
        usd: The price of all of them.
        wait_seconds: The minimum that X's limits force.
        left: Objects that the budget leaves for later runs.
        open_ended: Whether the figures are minimums rather than maximums: more may follow.
    """

    requests: int = 0
    objects: int = 0
    usd: Decimal = Decimal()
    wait_seconds: int = 0
    left: int = 0
    open_ended: bool = False

    def __add__(self, other: Estimate) -> Estimate:
        """The sum of both."""
        return Estimate(
            self.requests + other.requests,
            self.objects + other.objects,
            self.usd + other.usd,
            self.wait_seconds + other.wait_seconds,
            self.left + other.left,
            self.open_ended or other.open_ended,
        )

    def as_json(self) -> dict[str, Any]:
        """The estimate as JSON values."""
        return {
            "requests": self.requests,
            "objects": self.objects,
            "usd": float(self.usd),
            "wait_seconds": self.wait_seconds,
            "left": self.left,
            "open_ended": self.open_ended,
        }


def estimate(demands: Iterable[Demand], budget: Budget) -> Estimate:
    """The sum of a stream's demands within a budget, assuming that X finds everything."""
    total = Estimate()
    for demand in demands:
        part = _within(demand, budget)
        budget = budget.less(part.requests, part.usd)
        total += part
    return total


def _within(demand: Demand, budget: Budget) -> Estimate:
    requests, objects, price = 0, 0, demand.price
    while objects < demand.objects:
        wanted = min(demand.objects - objects, demand.per_request)
        count = budget.affordable(wanted, price)
        budget = budget.less(1, count * price)
        requests, objects = requests + bool(count), objects + count
        if count < wanted:
            break
    windows = max(requests - 1, 0) // (demand.requests_per_window or requests or 1)
    left = demand.objects - objects
    goes_on = demand.open_ended and not left
    requests += demand.probes
    return Estimate(requests, objects, objects * price, windows * WINDOW_SECONDS, left, goes_on)


@dataclass(frozen=True, slots=True)
class Plan:
    """The estimates of the selected streams, by name."""

    streams: dict[str, Estimate]
    unknown: tuple[str, ...] = ()
    """Notes on what the estimates cannot include."""

    @property
    def total(self) -> Estimate:
        """All streams together."""
        return sum(self.streams.values(), Estimate())

    @property
    def notes(self) -> list[str]:
        """Notes on how to read the figures."""
        total = self.total
        notes = [*NOTES, *([OPEN_NOTE] if total.open_ended else []), *self.unknown]
        return [*notes, CUT_NOTE.format(left=total.left)] if total.left else notes

    def as_json(self) -> str:
        """The plan for programs."""
        streams = [{"stream": name, **each.as_json()} for name, each in self.streams.items()]
        plan = {"streams": streams, "total": self.total.as_json(), "notes": self.notes}
        return json.dumps(plan, indent=2)

    def as_table(self) -> str:
        """The plan for people."""
        rows = [HEADINGS, *(_cells(name, each) for name, each in self.streams.items())]
        rows.append(_cells("total", self.total))
        return "\n".join([*aligned(rows), "", *self.notes])


def _cells(name: str, each: Estimate) -> tuple[str, ...]:
    mark = "+" if each.open_ended else ""
    figures = (str(each.requests), str(each.objects), exact(each.usd))
    wait = timedelta(seconds=each.wait_seconds)
    return (name, *(f"{figure}{mark}" for figure in figures), str(wait))
