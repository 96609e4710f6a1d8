"""Logins by OAuth 2.0 that users of a sandbox granted, and runs in their names."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.credentials import CLIENT, OWNER
from sandbox.grants import ACCESS_SECONDS, Grant
from support.sandbox_clock import SandboxClock
from tap_twitter.api.bounded import Bounds
from tap_twitter.api.client import Client
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.responses import body_of
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.oauth2 import oauth2_credential
from tap_twitter.auth.token_store import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import requests

    from sandbox import Sandbox
    from sandbox.credentials import Client as App
    from tap_twitter.auth.token_store import TokenStore

SCOPES = ("tweet.read", "users.read", "offline.access")


def oauth2_login(
    sandbox: Sandbox, name: str, user_id: str, scopes: str, app: App = CLIENT
) -> Login:
    """A login as a connection leaves it."""
    pair = sandbox.grants.issue(Grant(app.client_id, user_id, tuple(scopes.split())))
    return Login(
        name=name,
        kind=AuthKind.OAUTH2,
        user_id=user_id,
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        client_id=app.client_id,
        client_secret=app.client_secret,
        expires_at=sandbox.clock.now() + timedelta(seconds=ACCESS_SECONDS),
        scopes=frozenset(scopes.split()),
    )


def seed_auth(
    sandbox: Sandbox,
    user_id: str = OWNER.user_id,
    scopes: Iterable[str] = SCOPES,
    app: App = CLIENT,
) -> dict[str, Any]:
    """The settings of a login that begins with a refresh token."""
    pair = sandbox.grants.issue(Grant(app.client_id, user_id, tuple(scopes)))
    return {**asdict(app), "refresh_token": pair.refresh_token}


@dataclass
class Grants:
    """Logins that users of a sandbox granted, and requests in their names.

    Args:
        sandbox: The sandbox.
        store: Where logins are kept.
        session: What runs ask through.
    """

    sandbox: Sandbox
    store: TokenStore
    session: requests.Session

    @property
    def clock(self) -> SandboxClock:
        return SandboxClock(self.sandbox)

    @property
    def asked(self) -> list[str]:
        """The paths of what the sandbox was asked for, in order."""
        return [entry.path for entry in self.sandbox.requests]

    def connect(
        self,
        name: str = "brand",
        app: App = CLIENT,
        user_id: str = OWNER.user_id,
        scopes: tuple[str, ...] = SCOPES,
    ) -> Login:
        """Store a login as a connection leaves it."""
        login = oauth2_login(self.sandbox, name, user_id, " ".join(scopes), app)
        self.store.put(login)
        return login

    def stored(self, name: str = "brand") -> Login:
        login = self.store.get(name)
        assert login is not None
        return login

    def asker(self, login: Login, where: str = "auth") -> Callable[[], str]:
        """A run that asks X who the user is, each time it is called."""
        limits = RateLimits(self.clock, 900, logging.getLogger("tests"))
        client = Client(self.session, limits, Bounds(5), "tests")
        credential = oauth2_credential(
            login, self.store, self.sandbox.url, client.post_form, where=where, clock=self.clock
        )
        url = f"{self.sandbox.url}/2/users/me"

        def ask() -> str:
            answer = self.session.get(url, auth=credential.auth, timeout=5)
            return str(body_of(answer, credential.hint)["data"]["id"])

        return ask

    def expire(self) -> None:
        """Let all access tokens expire."""
        self.sandbox.clock.advance(ACCESS_SECONDS)
