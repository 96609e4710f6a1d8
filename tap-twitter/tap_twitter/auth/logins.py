"""The source of an OAuth 2.0 login, its current tokens, and the hint if access is lost."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tap_twitter.errors import AuthError

if TYPE_CHECKING:
    from tap_twitter.auth.token_store import Login, TokenStore

SEEDED: Final = "refresh token of client "
"""The prefix of the names of logins that come from a refresh token in the settings."""


def is_seeded(login: Login) -> bool:
    """Whether a login comes from a refresh token in the settings rather than from a connection."""
    return login.name.startswith(SEEDED)


@dataclass(frozen=True, slots=True)
class LoginSource:
    """A login of the token store, connected or seeded by the settings."""

    login: Login
    """The login as it was when the run started."""

    store: TokenStore

    where: str
    """The group of settings of a seeded login."""

    def current(self) -> Login:
        """The current login: other processes may have refreshed it.

        Raises:
            AuthError: It was removed, or its name was given to another account.
            SettingError: The store cannot be read.
        """
        stored = self.store.get(self.login.name)
        if is_seeded(self.login):
            client_id, client_secret = self.login.client_id, self.login.client_secret
            return replace(stored or self.login, client_id=client_id, client_secret=client_secret)
        if stored is None or stored.user_id != self.login.user_id:
            msg = (
                f"Login '{self.login.name}' was removed or given to another account while this run "
                f"was using it; {self.reconnect}."
            )
            raise AuthError(msg)
        return stored

    @property
    def reconnect(self) -> str:
        """The hint if access is lost, as the end of a sentence."""
        if is_seeded(self.login):
            return (
                f"get a new refresh token, set '{self.where}.refresh_token', and keep the file of "
                "'auth.token_store' between runs, because a refresh token works once; or connect "
                "the account: tap-twitter-accounts connect"
            )
        command = f"tap-twitter-accounts connect {shlex.quote(self.login.name)}"
        return f"connect the account again: {command}"

    @property
    def check_client(self) -> str:
        """The hint if X does not know the app, as the end of a sentence."""
        if is_seeded(self.login):
            return f"check '{self.where}.client_id' and '{self.where}.client_secret'"
        return self.reconnect
