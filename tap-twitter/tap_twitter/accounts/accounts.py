"""Accounts: the ones to read, and their credentials."""

from __future__ import annotations

import logging
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.accounts.entries import Entry, empty_auth, read_entries
from tap_twitter.auth.account import UNNAMED, Account
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.keyring import Keyring


logger = logging.getLogger("tap-twitter.accounts")

NO_CREDENTIALS: Final = "No credentials for X: {}."
SETTINGS_OF: Final = {
    AuthKind.OAUTH1: "set 'auth.consumer_key', 'auth.consumer_secret', 'auth.access_token' and "
    "'auth.access_token_secret' (OAuth 1.0a)",
    AuthKind.OAUTH2: "set 'auth.client_id' and 'auth.refresh_token' (OAuth 2.0)",
    AuthKind.APP_ONLY: "set 'auth.bearer_token' (app-only)",
}
"""By kind of credentials: how to give them in the settings."""

CONNECT: Final = "connect an account with `tap-twitter-accounts connect`"
SEVERAL_LOGINS: Final = (
    "Several logins are connected: {}. List those to read in 'accounts'; reads on behalf of no "
    "account, such as a users lookup, use the default credentials: set 'auth' for them."
)
NO_ACCOUNT: Final = (
    "No account to read: app-only credentials belong to no account. List accounts in "
    "'accounts', or set the credentials of a user in 'auth'."
)


class Accounts:
    """The accounts of the settings `auth` and `accounts`.

    Args:
        config: The settings of the tap.
        keyring: Makes credentials.
        kinds: The kinds of credentials that each stream to read takes, for errors.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        keyring: Keyring,
        kinds: Callable[[], Iterable[frozenset[AuthKind]]] = lambda: (),
    ) -> None:
        self._auth = config["auth"]
        self._entries = config.get("accounts") or []
        self._keyring = keyring
        self._kinds = kinds

    @cached_property
    def default(self) -> Account:
        """The account of the default credentials: those of `auth`, and a single connected login.

        Raises:
            SettingError: There are none, or several logins to choose from.
        """
        given = self._keyring.given(self._auth)
        if all(each.is_app_only for each in given) and len(self._keyring.logins) == 1:
            (login,) = self._keyring.logins.values()
            credentials = (self._keyring.login(login.name), *given)
            return Account(login.name, login.user_id, login.username, credentials)
        if not given:
            several = self._keyring.logins
            msg = SEVERAL_LOGINS.format(self._logins) if several else self._no_credentials()
            raise SettingError(msg + _without_environment(os.environ))
        user_id = next((each.user_id for each in given if each.user_id), None)
        return Account(user_id or UNNAMED, user_id, credentials=given)

    def _no_credentials(self) -> str:
        """What to set: the kinds that all streams take, or else those that any of them takes."""
        wanted = list(self._kinds()) or [frozenset(AuthKind)]
        kinds = frozenset.intersection(*wanted) or frozenset.union(*wanted)
        ways = [way for kind, way in SETTINGS_OF.items() if kind in kinds]
        if kinds != {AuthKind.APP_ONLY}:
            ways.append(CONNECT)
        return NO_CREDENTIALS.format(", or ".join(ways))

    @cached_property
    def listed(self) -> list[Account]:
        """The accounts to read: those of `accounts`, else the default one.

        Raises:
            SettingError: An entry identifies no account, two identify the same, credentials are
                incomplete or damaged, or there is no account to read.
        """
        if not self._entries:
            if not self.default.is_user:
                raise SettingError(NO_ACCOUNT + self._which_login())
            return [self.default]
        accounts = list(map(self._account, read_entries(self._entries, logger)))
        _check_distinct(accounts)
        return accounts

    def _account(self, entry: Entry) -> Account:
        name = entry.name or entry.username or entry.user_id
        if name is None:
            msg = f"Setting '{entry.where}' needs an 'id', a 'username', or the 'name' of a login."
            raise SettingError(msg)
        own = self._own(entry, name)
        user_id = entry.user_id or self._known_id(name, entry.username, own)
        if user_id is None and entry.username is None:
            msg = (
                f"Setting '{entry.where}' identifies no account: give it an 'id' or a 'username', "
                f"or connect a login of its name with `{Account(name).connect_command}`."
            )
            raise SettingError(msg)
        credentials = own or self.default.credentials
        return Account(name, user_id, entry.username, credentials, bool(own), entry.ads_account_id)

    def _own(self, entry: Entry, name: str) -> tuple[Credential, ...]:
        """The credentials of an entry, or of the login of its name.

        Raises:
            SettingError: The entry's `auth` has no key in it.
        """
        if entry.auth is not None:
            where = f"{entry.where}.auth"
            if credentials := self._keyring.given(entry.auth, where, self._auth):
                return credentials
            raise SettingError(empty_auth(entry.where))
        return (self._keyring.login(name),) if name in self._keyring.logins else ()

    def _known_id(self, name: str, username: str | None, own: Iterable[Credential]) -> str | None:
        """The id in an account's own credentials, unless the entry names another account."""
        login = self._keyring.logins.get(name)
        if username and (login is None or (login.username or "").lower() != username.lower()):
            return None
        return next((each.user_id for each in own if each.user_id), None)

    def _which_login(self) -> str:
        names = self._logins
        return f" Connected logins: {names}; list those to read in 'accounts'." if names else ""

    @property
    def _logins(self) -> str:
        return ", ".join(f"'{name}'" for name in self._keyring.logins)


def _without_environment(environ: Mapping[str, str]) -> str:
    """A hint if Meltano runs the tap without an environment, as `meltano config` does."""
    if "MELTANO_PROJECT_ROOT" not in environ or environ.get("MELTANO_ENVIRONMENT"):
        return ""
    return (
        " Meltano runs without an environment here, so settings of environments are not read: name "
        "one, such as `meltano --environment=prod config test …`."
    )


def _check_distinct(accounts: Sequence[Account]) -> None:
    """Make sure that no account is listed twice, as far as the settings show it."""
    seen: dict[tuple[str, str], int] = {}
    for position, account in enumerate(accounts):
        # a name may be derived from another trait; then that trait is what the user has written
        traits = {"id": account.user_id, "username": account.username, "name": account.name}
        for trait, value in traits.items():
            if value is None:
                continue
            first = seen.setdefault((trait, value.lower()), position)
            if first != position:
                msg = (
                    f"Settings 'accounts[{first}]' and 'accounts[{position}]' have the same "
                    f"{trait}: list each account once."
                )
                raise SettingError(msg)
