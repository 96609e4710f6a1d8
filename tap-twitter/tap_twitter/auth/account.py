"""An account of X: what it is called, and the credentials that may ask about it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from tap_twitter.auth.credentials import Credential

UNNAMED: Final = "auth"
"""What the default account is called where its credentials do not tell who it is."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of X that is read, or in whose name X is asked.

    Attributes:
        name: What the settings call it.
        user_id: X's id, where that is known.
        username: Its handle without `@`, where the settings give it.
        credentials: What X may be asked with.
        has_own: Whether the credentials are meant for this account, or are the default ones.
    """

    name: str
    user_id: str | None = None
    username: str | None = None
    credentials: tuple[Credential, ...] = ()
    has_own: bool = True

    @property
    def key(self) -> str:
        """What tells it from others, as far as the settings know; a shard takes it by this."""
        return self.user_id or (self.username or self.name).lower()

    @property
    def alias(self) -> str | None:
        """What an id that X has told can be remembered by; None where nothing is sure to last."""
        if self.username:
            return self.username.lower()
        logins = (each.name for each in self.credentials if each.kind is AuthKind.OAUTH2)
        return next(logins, None)

    def called(self, username: str | None) -> str:
        """Its name, or the handle where nobody has given it a name of its own.

        Args:
            username: The handle, where that is known.
        """
        is_named = self.name not in {self.user_id, UNNAMED}
        return self.name if is_named or username is None else username

    @property
    def connect_command(self) -> str:
        """What connects the account anew."""
        command = "tap-twitter-accounts connect"
        return command if self.name == UNNAMED else f"{command} {shlex.quote(self.name)}"

    @property
    def is_user(self) -> bool:
        """Whether X can be asked in the name of an account at all."""
        return any(not each.is_app_only for each in self.credentials)

    def may_be_asked_as(self, credential: Credential) -> bool:
        """Whether what X gives this credential of its own account is this account's."""
        return None in {self.user_id, credential.user_id} or self.user_id == credential.user_id
