"""What X would charge: per object returned, once per object and UTC day.

Prices: https://docs.x.com/x-api/getting-started/pricing. Requests that fail and answers without
objects are free; counts are charged by the request.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sandbox.clock import Clock

PRICES: Final[Mapping[str, Decimal]] = {
    "Post": Decimal("0.005"),
    "User": Decimal("0.010"),
    "DmEvent": Decimal("0.010"),
    "OwnedRead": Decimal("0.001"),
    "FollowRead": Decimal("0.010"),
    "List": Decimal("0.005"),
    "CountsRequest": Decimal("0.005"),
}
_DAYS_REMEMBERED: Final = 2


@dataclass(frozen=True, slots=True)
class Resource:
    """An object of an answer, as it is charged.

    Attributes:
        type: What it is: a key of `PRICES`.
        id: Its id.
        tariff: The key of its price, where that is another one than its type's.
    """

    type: str
    id: str
    tariff: str = ""

    @property
    def priced_as(self) -> str:
        """The key of its price, under which the bill lists it."""
        return self.tariff or self.type


@dataclass
class Tally:
    """Sums over a part of the bill.

    Attributes:
        requests: Requests answered with success.
        gross_objects: Objects returned, however often.
        net_objects: Objects charged: the first time on a UTC day.
        gross_usd: Price of all objects returned.
        net_usd: What is charged.
    """

    requests: int = 0
    gross_objects: int = 0
    net_objects: int = 0
    gross_usd: Decimal = field(default=Decimal())
    net_usd: Decimal = field(default=Decimal())

    def add(self, price: Decimal, *, charged: bool) -> None:
        """Count one object."""
        self.gross_objects += 1
        self.gross_usd += price
        self.net_objects += charged
        self.net_usd += price * charged

    def as_json(self) -> dict[str, Any]:
        """The sums, as JSON values."""
        return {
            "requests": self.requests,
            "gross_objects": self.gross_objects,
            "net_objects": self.net_objects,
            "gross_usd": float(self.gross_usd),
            "net_usd": float(self.net_usd),
        }


@dataclass
class Month:
    """What a calendar month adds up to.

    Attributes:
        net_usd: What is charged.
        posts: Posts that are charged.
    """

    net_usd: Decimal = field(default=Decimal())
    posts: int = 0


class Bill:
    """The account kept over all requests.

    Only the newest two days' objects are remembered, so that memory does not grow with the days.

    Args:
        clock: Tells the day.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.total = Tally()
        self.resources: dict[str, Tally] = {}
        self.endpoints: dict[str, Tally] = {}
        self.days: dict[date, Tally] = {}
        self._charged: dict[date, dict[str, set[str]]] = {}
        self._months: dict[tuple[int, int], Month] = {}
        self._posts: Counter[date] = Counter()

    def charge(self, endpoint: str, resources: Iterable[Resource]) -> None:
        """Enter a successful answer.

        Args:
            endpoint: Method and path.
            resources: The objects in it.
        """
        today = self._clock.now().date()
        charged = self._charged_on(today)
        month = self.month(today)
        whole = (
            self.total,
            self.endpoints.setdefault(endpoint, Tally()),
            self.days.setdefault(today, Tally()),
        )
        types = set()
        for resource in resources:
            price = PRICES[resource.priced_as]
            tallies = (*whole, self.resources.setdefault(resource.priced_as, Tally()))
            types.add(resource.priced_as)
            paid = charged.setdefault(resource.type, set())
            first = resource.id not in paid
            for tally in tallies:
                tally.add(price, charged=first)
            month.net_usd += price * first
            posts = first and resource.type == "Post"
            month.posts += posts
            self._posts[today] += posts
            paid.add(resource.id)
        for tally in (*whole, *(self.resources[kind] for kind in types)):
            tally.requests += 1

    def month(self, day: date) -> Month:
        """The month in which a day lies."""
        return self._months.setdefault((day.year, day.month), Month())

    def posts_on(self, day: date) -> int:
        """The posts that were charged on a day."""
        return self._posts[day]

    def as_json(self) -> dict[str, Any]:
        """The whole bill, as `GET /sandbox/bill` shows it."""
        return {
            "total": self.total.as_json(),
            "resources": {kind: tally.as_json() for kind, tally in self.resources.items()},
            "endpoints": {name: tally.as_json() for name, tally in self.endpoints.items()},
            "days": {day.isoformat(): tally.as_json() for day, tally in self.days.items()},
        }

    def _charged_on(self, today: date) -> dict[str, set[str]]:
        charged = self._charged.setdefault(today, {})
        for day in list(self._charged)[:-_DAYS_REMEMBERED]:
            del self._charged[day]
        return charged
