"""Ways to ask a sandbox, each over one session that is closed with the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import requests
from requests_oauthlib import OAuth1Session

from sandbox import Sandbox, credentials
from sandbox.grants import Grant

if TYPE_CHECKING:
    from contextlib import ExitStack


class Ask(Protocol):
    """Asks for a path; parameters are spelled with `_fields` for `.fields`."""

    def __call__(self, path: str, **params: str) -> requests.Response: ...


class Start(Protocol):
    """Starts a sandbox that stops with the test."""

    def __call__(self, **settings: Any) -> Sandbox: ...


class Asking:
    """Makes askers.

    Args:
        stack: Closes their sessions.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def app(self, sandbox: Sandbox) -> Ask:
        """Ask with the app-only token of this moment."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {sandbox.tokens.app_only()}"
        return self._over(session, sandbox)

    def user(self, sandbox: Sandbox, token: credentials.UserToken = credentials.OWNER) -> Ask:
        """Ask as a user, with signed requests."""
        app = credentials.APP
        session = OAuth1Session(
            app.consumer_key, app.consumer_secret, token.access_token, token.access_token_secret
        )
        return self._over(session, sandbox)

    def granted(
        self, sandbox: Sandbox, scopes: str, user_id: str = credentials.OWNER.user_id
    ) -> Ask:
        """Ask as a user who granted scopes by OAuth 2.0, with the token of this moment."""
        grant = Grant(credentials.CLIENT.client_id, user_id, tuple(scopes.split()))
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {sandbox.grants.issue(grant).access_token}"
        return self._over(session, sandbox)

    def _over(self, session: requests.Session, sandbox: Sandbox) -> Ask:
        self._stack.enter_context(session)

        def ask(path: str, **params: str) -> requests.Response:
            query = {name.replace("_fields", ".fields"): text for name, text in params.items()}
            return session.get(sandbox.url + path, params=query, timeout=10)

        return ask
