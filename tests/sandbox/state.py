"""One sandbox: its options and everything that lives in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sandbox.ads.advertising import Advertising
from sandbox.clock import Clock
from sandbox.domo.oauth import DomoTokens
from sandbox.domo.warehouse import Warehouse
from sandbox.faults import Faults
from sandbox.grants import Grants
from sandbox.handshakes import Handshakes
from sandbox.request_log import RequestLog
from sandbox.tokens import Tokens
from sandbox.world import World
from sandbox.x.account import Account
from sandbox.x.bill import Bill
from sandbox.x.engagement_contract import Contract
from sandbox.x.limits import Limits
from sandbox.x.oauth1 import OAuth1
from sandbox.x.page_tokens import PageTokens
from sandbox.x.vocabulary import Vocabulary, spoken

if TYPE_CHECKING:
    from sandbox.options import Options


MAX_CALLBACKS: Final = 10


class Sandbox:
    """What tests and the server share.

    Args:
        options: The settings.

    Attributes:
        url: Where it listens; empty until it does.
        clock: Its time.
        world: Its users, posts and messages.
        callbacks: The callback URLs that are registered for the app.
        tokens: Who may ask.
        grants: What users granted by OAuth 2.0.
        handshakes: OAuth 1.0a flows under way.
        limits: The rate limits.
        bill: What all this would cost.
        account: What is left to spend.
        engagement: What the contract about the Engagement API grants.
        pages: Tokens that lead from page to page.
        faults: What shall go wrong.
        requests: What was asked.
        domo: What a Domo instance holds.
        domo_tokens: Who may ask Domo.
        ads: The ads accounts.
    """

    def __init__(self, options: Options) -> None:
        self.url = ""
        self.options = options
        self.clock = Clock(options.clock_start, ticking=options.clock_ticking)
        self.world = World(options.seed, self.clock, options.shares)
        self.register_callbacks(*options.callbacks)
        self.tokens = Tokens(options.seed)
        self.grants = Grants(self.clock, options.seed)
        self.handshakes = Handshakes(options.seed)
        self.oauth1 = OAuth1(
            self.tokens, time.time if options.oauth_clock == "real" else self.clock.timestamp
        )
        self.limits = Limits(
            self.clock, options.window_seconds, options.limit_scale, options.limits
        )
        self.bill = Bill(self.clock)
        self.account = Account(options, self.bill, self.clock)
        self.engagement = Contract(self.clock)
        self.pages = PageTokens(self.clock, options.seed, options.page_token_seconds)
        self.faults = Faults()
        self.requests = RequestLog()
        self.domo = Warehouse(self.clock, options.seed)
        self.domo_tokens = DomoTokens()
        self.ads = Advertising(self.world, self.clock, options)
        self.vocabularies: tuple[Vocabulary, ...] = spoken(
            options.vocabulary, mixed_metrics=options.mixed_metrics
        )

    def revoke(self, token: str) -> bool:
        """Stop an access token, app-only token or refresh token from working.

        Returns:
            Whether it worked until now.
        """
        return self.tokens.revoke(token) or self.grants.revoke(token)

    def register_callbacks(self, *callbacks: str) -> None:
        """Register other callback URLs for the app, in place of the present ones.

        Raises:
            ValueError: If there are more than X allows.
        """
        if len(callbacks) > MAX_CALLBACKS:
            msg = f"An app has {MAX_CALLBACKS} callback URLs at most, not {len(callbacks)}"
            raise ValueError(msg)
        self.callbacks = list(callbacks)

    def reset(self) -> None:
        """Go back to the start: clock, statuses, posts, tokens, limits, bill, faults and requests."""
        self.clock.reset()
        self.world.reset()
        self.register_callbacks(*self.options.callbacks)
        self.tokens.reset()
        self.grants.reset()
        self.handshakes.reset()
        self.limits.reset()
        self.bill.reset()
        self.account.reset()
        self.engagement.reset()
        self.pages.reset()
        self.faults.clear()
        self.requests.clear()
        self.domo.reset()
        self.domo_tokens.revoke_all()
        self.ads.reset()
