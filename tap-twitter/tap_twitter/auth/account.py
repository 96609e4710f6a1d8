"""An account of X: its name, and the credentials that may read it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from tap_twitter.auth.credentials import Credential

UNNAMED: Final = "auth"
"""The name of the default account if its credentials do not identify it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of X to read, or on whose behalf to make requests.

    Attributes:
        name: Its name in the settings.
        user_id: X's id, if known.
        username: Its handle without `@`, if the settings give it.
        credentials: The credentials for requests about it.
        has_own: Whether the credentials belong to this account, or are the default ones.
        ads_account_id: The ads account that its credentials read, if the settings give one.
    """

    name: str
    user_id: str | None = None
    username: str | None = None
    credentials: tuple[Credential, ...] = ()
    has_own: bool = True
    ads_account_id: str | None = None

    @property
    def noun(self) -> str:
        """What it is, in messages."""
        return "account"

    @property
    def path_id(self) -> str | None:
        """X's id of it, for the path of requests."""
        return self.user_id

    @property
    def key(self) -> str:
        """What identifies it within the settings; shards are assigned by this."""
        return self.user_id or (self.username or self.name).lower()

    @property
    def alias(self) -> str | None:
        """The key under which to remember an id from X; None if nothing is sure to last."""
        if self.username:
            return self.username.lower()
        logins = (each.name for each in self.credentials if each.kind is AuthKind.OAUTH2)
        return next(logins, None)

    def called(self, username: str | None) -> str:
        """Its name, or the handle if it was given no name of its own.

        Args:
            username: The handle, if known.
        """
        is_named = self.name not in {self.user_id, UNNAMED}
        return self.name if is_named or username is None else username

    @property
    def connect_command(self) -> str:
        """The command that connects the account again."""
        command = "tap-twitter-accounts connect"
        return command if self.name == UNNAMED else f"{command} {shlex.quote(self.name)}"

    @property
    def is_user(self) -> bool:
        """Whether requests can be made in the name of an account at all."""
        return any(not each.is_app_only for each in self.credentials)

    def may_be_asked_as(self, credential: Credential) -> bool:
        """Whether data that X gives this credential about its own account is this account's."""
        return None in {self.user_id, credential.user_id} or self.user_id == credential.user_id
