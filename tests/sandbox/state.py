"""One sandbox: its options and everything that lives in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.request_log import RequestLog
from sandbox.tokens import Tokens
from sandbox.world import World
from sandbox.x.bill import Bill
from sandbox.x.limits import Limits
from sandbox.x.oauth1 import OAuth1
from sandbox.x.vocabulary import Vocabulary, spoken

if TYPE_CHECKING:
    from sandbox.options import Options


class Sandbox:
    """What tests and the server share.

    Args:
        options: The settings.

    Attributes:
        url: Where it listens; empty until it does.
        clock: Its time.
        world: Its users.
        tokens: Who may ask.
        limits: The rate limits.
        bill: What all this would cost.
        faults: What shall go wrong.
        requests: What was asked.
    """

    def __init__(self, options: Options) -> None:
        self.url = ""
        self.options = options
        self.clock = Clock(options.clock_start, ticking=options.clock_ticking)
        self.world = World(options.seed, self.clock, options.shares)
        self.tokens = Tokens(options.seed)
        self.oauth1 = OAuth1(
            self.tokens, time.time if options.oauth_clock == "real" else self.clock.timestamp
        )
        self.limits = Limits(
            self.clock, options.window_seconds, options.limit_scale, options.limits
        )
        self.bill = Bill(self.clock)
        self.faults = Faults()
        self.requests = RequestLog()
        self.vocabularies: tuple[Vocabulary, ...] = spoken(
            options.vocabulary, mixed_metrics=options.mixed_metrics
        )

    def reset(self) -> None:
        """Go back to the start: clock, statuses, tokens, limits, bill, faults and requests."""
        self.clock.reset()
        self.world.reset()
        self.tokens.reset()
        self.limits.reset()
        self.bill.reset()
        self.faults.clear()
        self.requests.clear()
