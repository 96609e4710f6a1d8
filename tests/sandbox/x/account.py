"""The app's account at X: prepaid credits, a spending limit and the monthly cap on Posts.

https://docs.x.com/x-api/getting-started/pricing and https://docs.x.com/x-api/fundamentals/post-cap.
All three refuse requests while the rate limits are healthy, and waiting for a window is no mend.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sandbox.x import problems

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.options import Options
    from sandbox.x.bill import Bill
    from sandbox.x.problems import Problem

_SETTABLE: Final = ("balance_usd", "spend_cap_usd", "post_cap")


class Account:
    """What is left to spend. A billing cycle is a calendar month of the sandbox's clock, in UTC.

    Args:
        options: The credits and caps that it begins with.
        bill: What is charged.
        clock: Tells the cycle.

    Attributes:
        spend_cap_usd: The most that a cycle may cost; None for no limit.
        post_cap: The most Posts that are charged in a cycle; None for no limit.
    """

    spend_cap_usd: Decimal | None
    post_cap: Decimal | None

    def __init__(self, options: Options, bill: Bill, clock: Clock) -> None:
        self._options = options
        self._bill = bill
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Go back to the options."""
        self.set(
            balance_usd=self._options.credits_usd,
            spend_cap_usd=self._options.spend_cap_usd,
            post_cap=self._options.post_cap,
        )

    def set(self, **amounts: float | None) -> None:
        """Change the balance or a cap at once; None takes it away.

        Raises:
            ValueError: If there is no such amount.
        """
        if unknown := set(amounts) - set(_SETTABLE):
            msg = f"An account has no {sorted(unknown)}; it has {list(_SETTABLE)}"
            raise ValueError(msg)
        exact = {name: None if n is None else Decimal(str(n)) for name, n in amounts.items()}
        if "balance_usd" in exact:
            balance = exact.pop("balance_usd")
            self._granted = None if balance is None else balance + self._bill.total.net_usd
        for name, amount in exact.items():
            setattr(self, name, amount)

    @property
    def balance_usd(self) -> Decimal | None:
        """Credits that are left; the last request may take it below zero. None where unlimited."""
        return None if self._granted is None else self._granted - self._bill.total.net_usd

    def refusal(self, problem_base: str, *, gives_posts: bool) -> Problem | None:
        """Why a request is refused, or None.

        Args:
            problem_base: Start of problem types.
            gives_posts: Whether the endpoint can give Posts, in `data` or `includes`.
        """
        cycle = self._bill.month(self._clock.now().date())
        if self.balance_usd is not None and self.balance_usd <= 0:
            return problems.credits_depleted(problem_base)
        if self.spend_cap_usd is not None and cycle.net_usd >= self.spend_cap_usd:
            return problems.spend_cap_reached(problem_base)
        if gives_posts and self.post_cap is not None and cycle.posts >= self.post_cap:
            return problems.usage_capped(problem_base)
        return None

    def as_json(self) -> dict[str, Any]:
        """The account, as `GET /sandbox/account` shows it."""
        cycle = self._bill.month(self._clock.now().date())
        amounts = {name: getattr(self, name) for name in _SETTABLE}
        return {
            **{name: None if n is None else float(n) for name, n in amounts.items()},
            "cycle": {"net_usd": float(cycle.net_usd), "posts": cycle.posts},
        }
