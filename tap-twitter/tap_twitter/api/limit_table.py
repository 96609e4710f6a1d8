"""The table of X's limits: how each is recognized, and what a run does about it.

Sources: https://docs.x.com/x-api/fundamentals/rate-limits for the windows,
https://docs.x.com/x-ads-api/fundamentals/rate-limiting for those of the Ads API,
https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api for those per minute,
https://docs.x.com/x-api/getting-started/pricing and https://docs.x.com/x-api/fundamentals/post-cap
for money and quotas. The headers of daily limits and of the Ads API's cost are those that public
client libraries read; X's pages name neither them nor the form of limits per second.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, NamedTuple

DAY_SECONDS: Final = 86_400.0
MINUTE_SECONDS: Final = 60.0


class Pool(NamedTuple):
    """The pool that X counts a request in.

    Attributes:
        request: Its method and path, with placeholders.
        asker: The app or user that makes it.
        ads_account: The ads account that it is about; empty if it is about none.
    """

    request: str
    asker: str = ""
    ads_account: str = ""

    def __str__(self) -> str:
        """Its name in log lines."""
        return f"{self.request} ({self.asker})" if self.asker else self.request


class Action(enum.Enum):
    """What a run does about a limit."""

    WAIT = enum.auto()
    """Wait for the window to end, before the next request rather than after a refusal."""

    PAUSE = enum.auto()
    """Pause after a refusal, longer each time: X does not say when the limit ends."""

    END = enum.auto()
    """End the stream with its state saved: waiting does not help."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of limit.

    Attributes:
        name: Its name in log lines.
        action: What a run does about it.
        headers: Prefix of the headers that give what is left, and when the window ends.
        has_reset: Whether they give the latter.
        span_seconds: The longest duration of its window; a later reset is ignored.
        is_shared: Whether it counts the requests of the whole app, whoever makes them.
        is_of_ads_account: Whether it counts the requests about one ads account, whoever makes them.
        is_money: Whether X gives nothing at all without it, rather than one kind of objects.
        replaces: `headers` of a limit that does not apply if this one does.
        marks: What identifies it in a body, if headers do not; see `responses.marks_of`.
        text: The meaning of a refusal, and the fix.
    """

    name: str
    action: Action
    headers: str = ""
    has_reset: bool = True
    span_seconds: float = DAY_SECONDS
    is_shared: bool = False
    is_of_ads_account: bool = False
    is_money: bool = False
    replaces: str = ""
    marks: str = ""
    text: str = ""


WINDOW: Final = "x-rate-limit-"

LIMITS: Final = (
    Limit("15-minute limit", Action.WAIT, WINDOW),
    Limit("24-hour limit of the app", Action.WAIT, "x-app-limit-24hour-", is_shared=True),
    Limit("24-hour limit of the user", Action.WAIT, "x-user-limit-24hour-"),
    Limit(
        "limit of the ads account",
        Action.WAIT,
        "x-account-rate-limit-",
        is_of_ads_account=True,
        replaces=WINDOW,
    ),
    Limit("limit on the cost of analytics", Action.WAIT, "x-cost-rate-limit-"),
    Limit(
        "limit per minute",
        Action.WAIT,
        "x-per-minute-",
        has_reset=False,
        span_seconds=MINUTE_SECONDS,
    ),
    Limit("limit per second, or one that X does not report,", Action.PAUSE),
    Limit(
        "monthly cap",
        Action.END,
        marks="usage-capped usagecapexceeded",
        text="the monthly cap of this X account is used up; wait for the next billing cycle, or "
        "raise the cap in the developer console",
    ),
    Limit(
        "spending limit",
        Action.END,
        is_money=True,
        marks="spendcapreached",
        text="the spending limit of this X account is reached; raise it in the developer console, "
        "or wait for the next billing cycle",
    ),
    Limit(
        "credits",
        Action.END,
        is_money=True,
        marks="credits credits-depleted creditsdepleted",
        text="the credits of this X account are used up; buy credits in the developer console",
    ),
)

WINDOWS: Final = tuple(limit for limit in LIMITS if limit.action is Action.WAIT)
CAPS: Final = tuple(limit for limit in LIMITS if limit.action is Action.END)
UNSHOWN: Final = next(limit for limit in LIMITS if limit.action is Action.PAUSE)
