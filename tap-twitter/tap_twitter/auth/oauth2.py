"""OAuth 2.0 user context: logins whose access tokens expire after two hours and are refreshed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tap_twitter.auth.bearer import RenewableBearerAuth
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.auth.logins import SEEDED, LoginSource
from tap_twitter.auth.refresh import Refresher
from tap_twitter.auth.token_store import Login
from tap_twitter.clock import SystemClock

if TYPE_CHECKING:
    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.token_store import TokenStore
    from tap_twitter.clock import Clock

TOKEN_PATH: Final = "/2/oauth2/token"


def oauth2_credential(  # noqa: PLR0913 - the settings', but for the login and the clock
    login: Login,
    store: TokenStore,
    oauth_url: str,
    post_form: PostForm,
    *,
    where: str = "auth",
    clock: Clock | None = None,
) -> Credential:
    """Make requests as a login, and refresh it when its access token is no longer valid.

    Nothing is requested or written before the first request.

    Args:
        login: Of kind `OAUTH2`; from the store, or from `seeded_login`.
        store: The store of its tokens.
        oauth_url: The server that issues tokens.
        post_form: Sends the requests for tokens, with retries.
        where: The group of settings that holds the refresh token of a seeded login.
        clock: Tells when tokens expire.
    """
    source = LoginSource(login, store, where)
    token_url = f"{oauth_url.rstrip('/')}{TOKEN_PATH}"
    refresher = Refresher(source, token_url, post_form, clock or SystemClock())
    return Credential(
        kind=AuthKind.OAUTH2,
        auth=UserTokenAuth(login, refresher),
        hint=source.reconnect,
        user_id=login.user_id,
        scopes=login.scopes or None,
        app=login.client_id,
    )


def seeded_login(
    store: TokenStore, client_id: str, client_secret: str | None, refresh_token: str
) -> Login:
    """The current login for a refresh token in the settings.

    That token works once; its successors are in the store, under a name made of the client and a
    hash of the token. So another token in the settings starts another login.

    Args:
        store: The store of its successors; nothing is written yet.
        client_id: The app's.
        client_secret: The app's; None for a public client.
        refresh_token: From the settings.

    Raises:
        SettingError: The store cannot be read.
    """
    digest = hashlib.sha256(f"{client_id}\n{refresh_token}".encode()).hexdigest()[:16]
    name = f"{SEEDED}{client_id} ({digest})"
    seed = Login(name=name, kind=AuthKind.OAUTH2, access_token="", refresh_token=refresh_token)
    return replace(store.get(name) or seed, client_id=client_id, client_secret=client_secret)


class UserTokenAuth(RenewableBearerAuth):
    """Signs with the access token of a login.

    Args:
        login: The login.
        refresher: Refreshes it.
    """

    def __init__(self, login: Login, refresher: Refresher) -> None:
        self._login = login
        self._refresher = refresher

    def token(self) -> str:
        """The access token, refreshed if it has expired; raises as `Refresher.renewed`."""
        if not self._refresher.is_valid(self._login):
            self._login = self._refresher.renewed(self._login.access_token)
        return self._login.access_token

    def renewed(self, refused: str) -> str:
        """An access token other than the refused one; raises as `Refresher.renewed`."""
        self._login = self._refresher.renewed(refused)
        return self._login.access_token
