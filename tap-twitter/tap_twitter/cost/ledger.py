"""Costs: X's prices, the bill of a run, and its budget.

X charges for each object that it returns, once per object and UTC day; refused requests and
responses without objects are free (https://docs.x.com/x-api/getting-started/pricing). X's own bill
is not visible to the tap, so every bill here is an estimate from the responses.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tap_twitter.clock import Clock

MIN_PLACES: Final = 3
"""Decimal places of an amount."""

MAX_REMEMBERED: Final = 500_000
"""Objects of a day that are remembered, in about 50 MB; repeats of others count as new."""


class Resource(enum.StrEnum):
    """The kinds of objects that X charges for, as the setting `budget.prices` names them."""

    USER = "user"
    POST = "post"
    DM_EVENT = "dm_event"
    FOLLOW = "follow"
    """A follower, or an account that is followed."""
    COUNTS_REQUEST = "counts_request"
    """A request for the number of posts that a query finds."""

    OWNED_READ = "owned_read"
    """Any object that X gives of the account that owns the app, under `/2/users/{id}/`."""


PRICES: Final[Mapping[Resource, Decimal]] = {
    Resource.USER: Decimal("0.010"),
    Resource.POST: Decimal("0.005"),
    Resource.DM_EVENT: Decimal("0.010"),
    Resource.FOLLOW: Decimal("0.010"),
    Resource.COUNTS_REQUEST: Decimal("0.005"),
    Resource.OWNED_READ: Decimal("0.001"),
}
"""X's list prices in USD for one object."""


def prices(config: Mapping[str, Any]) -> dict[Resource, Decimal]:
    """The prices in effect: X's own, unless the settings override them."""
    given = config["budget"]["prices"]
    return {**PRICES, **{Resource(name): Decimal(str(usd)) for name, usd in given.items()}}


def usd(amount: Decimal) -> str:
    """An amount of money for people."""
    return f"{exact(amount)} USD"


def exact(amount: Decimal) -> str:
    """An amount to a tenth of a cent, or more exactly if needed: lines add up to their total."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(MIN_PLACES, -exponent) if isinstance(exponent, int) else MIN_PLACES
    return f"{amount:.{places}f}"


class CostMetric(enum.Enum):
    """What a bill adds to the SDK's metrics."""

    REQUESTS = "billed_requests"
    OBJECTS = "billed_objects"
    GROSS = "cost_usd_gross"
    NET = "cost_usd_net"


@dataclass(slots=True)
class Tally:
    """What a stream has bought.

    Attributes:
        requests: Requests that X has answered successfully.
        objects: Objects returned, repeats included.
        repeats: Those that this run had already read on the same UTC day.
        gross_usd: The price of all objects returned.
        net_usd: The same without repeats.
    """

    requests: int = 0
    objects: int = 0
    repeats: int = 0
    gross_usd: Decimal = Decimal()
    net_usd: Decimal = Decimal()

    def __add__(self, other: Tally) -> Tally:
        """Both bills as one."""
        return Tally(
            self.requests + other.requests,
            self.objects + other.objects,
            self.repeats + other.repeats,
            self.gross_usd + other.gross_usd,
            self.net_usd + other.net_usd,
        )

    def measures(self) -> Iterator[tuple[CostMetric, float]]:
        """The bill as numbers, each with its metric."""
        yield CostMetric.REQUESTS, self.requests
        yield CostMetric.OBJECTS, self.objects
        yield CostMetric.GROSS, float(self.gross_usd)
        yield CostMetric.NET, float(self.net_usd)


@dataclass(slots=True)
class DayBill:
    """What a run has bought on a UTC day, without repeats.

    Attributes:
        posts: Posts, whatever they cost.
        usd: The price of all objects.
        streams: The same by the stream that has requested them.
    """

    posts: int = 0
    usd: Decimal = Decimal()
    streams: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be bought; None if there is no limit."""

    usd: Decimal | None = None
    requests: int | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Budget:
        """The limits in the settings."""
        budget = config["budget"]
        most = budget.get("max_cost_usd")
        return cls(None if most is None else Decimal(str(most)), budget.get("max_requests"))

    def affordable(self, wanted: int, price: Decimal) -> int:
        """How many objects the next request may ask for, assuming that X returns them all.

        Args:
            wanted: How many it would ask for.
            price: Of one object in USD.
        """
        if self.requests is not None and self.requests < 1:
            return 0
        if self.usd is None or not price:
            return wanted
        return max(min(wanted, int(self.usd // price)), 0)

    def less(self, requests: int, usd: Decimal) -> Budget:
        """What is left after a purchase."""
        return Budget(
            None if self.usd is None else self.usd - usd,
            None if self.requests is None else self.requests - requests,
        )


class Ledger:
    """Keeps the bill of a run, by stream.

    Args:
        prices: In USD for one object.
        clock: Tells the UTC day.
        budget: What all streams of the run together may buy. Repeats count in full, because X does
            not guarantee that it charges them only once.

    Attributes:
        cut: The streams whose reading the budget has ended.
    """

    def __init__(
        self, prices: Mapping[Resource, Decimal], clock: Clock, budget: Budget = Budget()
    ) -> None:
        self.prices = prices
        self.budget = budget
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.days: defaultdict[date, DayBill] = defaultdict(DayBill)
        self.cut: set[str] = set()
        self._clock = clock
        self._day: date | None = None
        self._read: defaultdict[Resource, set[int]] = defaultdict(set)

    @property
    def total(self) -> Tally:
        """The bill of all streams together."""
        return sum(self.tallies.values(), Tally())

    def price(self, resource: Resource | None) -> Decimal:
        """X's price of one object, in USD; 0 for what has no price."""
        return self.prices[resource] if resource else Decimal()

    def enter(
        self,
        stream: str,
        resource: Resource,
        ids: Sequence[str | None],
        requests: int = 1,
        *,
        kind: Resource | None = None,
    ) -> None:
        """Enter a response with objects.

        Args:
            stream: The stream that made the request.
            resource: What X charges for in the response.
            ids: The ids of its objects; None for one without an id, which never counts as a repeat.
            requests: How many it took; 0 for further objects of a response that was entered.
            kind: What the objects are, if `resource` is only their price.
        """
        new = len(ids) - self._repeats(resource, ids)
        price, tally = self.prices[resource], self.tallies[stream]
        tally.objects += len(ids)
        tally.repeats += len(ids) - new
        tally.gross_usd += price * len(ids)
        tally.net_usd += price * new
        day = self.days[self._clock.now().date()]
        day.posts += new if (kind or resource) is Resource.POST else 0
        day.usd += price * new
        if price * new:
            day.streams[stream] += price * new
        self.budget = self.budget.less(0, price * len(ids))
        self.enter_requests(stream, requests)

    def enter_requests(self, stream: str, requests: int = 1, *, is_budgeted: bool = True) -> None:
        """Enter responses without objects.

        Args:
            stream: The stream that made the requests.
            requests: How many X has answered.
            is_budgeted: Whether they count against the budget, which is meant for rows.
        """
        self.tallies[stream].requests += requests
        self.budget = self.budget.less(requests * is_budgeted, Decimal())

    def _repeats(self, resource: Resource, ids: Sequence[str | None]) -> int:
        """How many of the objects were already read today; all are from now on."""
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._read = today, defaultdict(set)
        read = self._read[resource]
        keys = [number for each in ids if (number := id_number(each)) is not None]
        repeats = len(keys) - len(set(keys) - read)
        read.update(keys[: max(MAX_REMEMBERED - len(read), 0)])
        return repeats


def objects_of(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects in a response of the API v2; anything else counts as an empty object."""
    data = body.get("data") or []
    for item in data if isinstance(data, list) else [data]:
        yield item if isinstance(item, dict) else {}


def object_ids(body: Mapping[str, Any]) -> Iterator[str | None]:
    """The ids of the objects in a response of the API v2, None where one is missing."""
    for item in objects_of(body):
        found = item.get("id")
        yield found if isinstance(found, str) else None


INCLUDED: Final[Mapping[str, Resource]] = {
    "users": Resource.USER,
    "tweets": Resource.POST,
    "posts": Resource.POST,
}
"""Objects of expansions that X may charge for; its pages do not say whether it does."""


def included(body: Mapping[str, Any]) -> Iterator[tuple[Resource, list[str | None]]]:
    """The ids of the objects of expansions in a response, by what they cost."""
    includes = body.get("includes")
    for name, resource in INCLUDED.items():
        objects = includes.get(name) if isinstance(includes, dict) else None
        if objects:
            yield resource, list(object_ids({"data": objects}))
