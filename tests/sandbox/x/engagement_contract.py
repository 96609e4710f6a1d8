"""What an enterprise contract with X grants: use of the Engagement API, and requests a minute.

Limits are per minute and told by `x-per-minute-limit` and `x-per-minute-remaining`, without a time of
reset (https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api). Whose requests are
counted together is not stated: here it is the app's at one endpoint.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock

_MOST_REMEMBERED: Final = 10_000
_SECONDS: Final = 60


@dataclass(frozen=True)
class Asked:
    """A question that was answered.

    Attributes:
        path: The endpoint.
        body: The request's JSON.
    """

    path: str
    body: Mapping[str, Any]


class Contract:
    """The contract of the sandbox's app.

    Args:
        clock: Tells the minute.

    Attributes:
        allowed: Whether the account manager has allowed the app's id.
        per_minute: Requests that an endpoint takes in a minute.
        old_posts_status: How totals of impressions of old posts are refused: with 400, or with 200
            and no counts (X: unconfirmed).
        days_kept: How far back engagement can be asked for, in days; None stands for 2014-09-01. X's
            pages have both: no limit but that day, and 365 days.
        withheld: Posts that are unavailable for the time being.
        names_foreign: Whether refusals of other accounts' posts name them, as X documents.
        asked: The questions that were answered, oldest first.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Go back to a new contract."""
        self.allowed = True
        self.per_minute = 600
        self.old_posts_status = 400
        self.days_kept: int | None = None
        self.withheld: set[str] = set()
        self.names_foreign = True
        self.asked: deque[Asked] = deque(maxlen=_MOST_REMEMBERED)
        self._used: dict[tuple[str, int], int] = {}

    def take(self, path: str) -> tuple[bool, dict[str, str]]:
        """Count a request: whether it is within the limit, and what its answer says of it."""
        minute = (path, int(self._clock.timestamp()) // _SECONDS)
        used = self._used.get(minute, 0)
        granted = used < self.per_minute
        self._used = {key: count for key, count in self._used.items() if key[1] == minute[1]}
        self._used[minute] = used + granted
        return granted, self._headers(used + granted)

    def exhaust(self, path: str) -> None:
        """Use up what is left of the present minute."""
        self._used[path, int(self._clock.timestamp()) // _SECONDS] = self.per_minute

    def _headers(self, used: int) -> dict[str, str]:
        remaining = max(0, self.per_minute - used)
        return {
            "x-per-minute-limit": str(self.per_minute),
            "x-per-minute-remaining": str(remaining),
        }
