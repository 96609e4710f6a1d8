"""Credentials from settings and from connected logins."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_twitter.auth.app_only import bearer_credential, consumer_credential
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.keys import (
    ACCESS,
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER,
    REFRESH,
    keys_in,
    required,
    with_app,
)
from tap_twitter.auth.logins import is_seeded
from tap_twitter.auth.oauth1 import oauth1_credential
from tap_twitter.auth.oauth2 import oauth2_credential, seeded_login

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.token_store import Login, TokenStore
    from tap_twitter.clock import Clock


class Keyring:
    """Makes credentials; the same keys give the same credential wherever they are listed.

    So requests that X counts for one app or user are counted together here, too.

    Args:
        store: The connected logins.
        oauth_url: The server that issues tokens.
        post_form: Sends requests for tokens.
        clock: Tells when tokens expire.
    """

    def __init__(
        self, store: TokenStore, oauth_url: str, post_form: PostForm, clock: Clock
    ) -> None:
        self._store = store
        self._oauth_url = oauth_url
        self._post_form = post_form
        self._clock = clock
        self._made: dict[tuple[str, ...], Credential] = {}

    @cached_property
    def logins(self) -> dict[str, Login]:
        """The connected logins by name; the token store is read on first use."""
        return {login.name: login for login in self._store.logins() if not is_seeded(login)}

    def given(
        self,
        group: Mapping[str, Any],
        where: str = "auth",
        app: Mapping[str, Any] | None = None,
    ) -> tuple[Credential, ...]:
        """The credentials in a group of settings: OAuth 1.0a, OAuth 2.0, app-only.

        Args:
            group: The settings.
            where: The name of the group.
            app: The group with the keys of the app, for tokens given without them.

        Raises:
            SettingError: Half of a pair is missing, two spellings differ, or a key is damaged.
        """
        keys = with_app(keys_in(group, where), keys_in(app or {}, "auth"))
        return tuple(self._given(keys, where))

    def login(self, name: str) -> Credential:
        """The credential of a connected login."""
        credential = self._of_login(self.logins[name])
        return self._kept(("login", name), replace(credential, name=f"login {name}"))

    def _given(self, keys: Mapping[str, str], where: str) -> Iterator[Credential]:
        has_access = any(name in keys for name in ACCESS)
        if has_access:
            four = required(keys, (*CONSUMER, *ACCESS), where)
            yield self._kept(tuple(four.values()), oauth1_credential(**four, where=where))
        if REFRESH in keys:
            required(keys, (CLIENT_ID, REFRESH), where)
            yield self._seeded(keys, where)
        if BEARER in keys:
            yield self._kept((keys[BEARER],), bearer_credential(keys[BEARER], where))
        elif not has_access and any(name in keys for name in CONSUMER):
            pair = required(keys, CONSUMER, where)
            yield self._kept(tuple(pair.values()), self._of_app(pair, where))

    def _seeded(self, keys: Mapping[str, str], where: str) -> Credential:
        """The current login for a refresh token in the settings."""
        login = seeded_login(self._store, keys[CLIENT_ID], keys.get(CLIENT_SECRET), keys[REFRESH])
        return self._kept(("login", login.name), self._of_oauth2(login, where))

    def _of_login(self, login: Login) -> Credential:
        if login.kind is AuthKind.OAUTH2:
            return self._of_oauth2(login)
        credential = oauth1_credential(
            login.consumer_key or "",
            login.consumer_secret or "",
            login.access_token,
            login.access_token_secret or "",
        )
        command = f"tap-twitter-accounts connect {shlex.quote(login.name)}"
        return replace(
            credential, user_id=login.user_id, hint=f"connect the account again: {command}"
        )

    def _of_oauth2(self, login: Login, where: str = "auth") -> Credential:
        credential = oauth2_credential(
            login,
            self._store,
            self._oauth_url,
            self._post_form,
            where=where,
            clock=self._clock,
        )
        return replace(credential, name=login.name)

    def _of_app(self, pair: Mapping[str, str], where: str) -> Credential:
        return consumer_credential(
            **pair, oauth_url=self._oauth_url, post_form=self._post_form, where=where
        )

    def _kept(self, keys: tuple[str, ...], credential: Credential) -> Credential:
        return self._made.setdefault(keys, credential)
