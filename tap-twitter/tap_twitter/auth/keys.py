"""The keys and tokens in a group of settings, under any of their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONSUMER: Final = ("consumer_key", "consumer_secret")
ACCESS: Final = ("access_token", "access_token_secret")
BEARER: Final = "bearer_token"
CLIENT_ID: Final = "client_id"
CLIENT_SECRET: Final = "client_secret"
REFRESH: Final = "refresh_token"

TOKENS_OF: Final = {CONSUMER: ACCESS, (CLIENT_ID, CLIENT_SECRET): (REFRESH,)}
"""The keys of an app, and the tokens of an account that need them."""

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "consumer_key": ("consumer_key", "client_access.client_id"),
    "consumer_secret": ("consumer_secret", "client_access.client_secret"),
    "access_token": ("access_token", "oauth_token"),
    "access_token_secret": ("access_token_secret", "oauth_token_secret"),
    **{name: (name,) for name in (BEARER, CLIENT_ID, CLIENT_SECRET, REFRESH)},
}
"""Every key and its accepted names: ours, and Fivetran's."""

SECRET: Final = re.compile(r"[!#-&(-~]+")
"""The characters of keys and tokens: printable ASCII without blanks and quotes. Others would break
the header, and the error of the HTTP library would show it."""

SCHEME: Final = re.compile(r"^(?:authorization\s*:\s*)?bearer(?:\s*:\s*|\s+)", re.IGNORECASE)
"""The prefix of a token that was copied with its whole header."""

STRAY: Final = "\ufeff\u200b"
"""Invisible characters that are copied along from files and pages."""

ACCESS_TOKEN: Final = re.compile(r"[0-9]{1,19}-[0-9A-Za-z]+")
"""The id of the account, a hyphen, and the rest; no other key of OAuth 1.0a has a hyphen."""

NO_ACCESS_TOKENS: Final = (*CONSUMER, "access_token_secret")


def keys_in(group: Mapping[str, Any], where: str) -> dict[str, str]:
    """The keys in a group of settings, by our names for them.

    Args:
        group: The settings.
        where: The name of the group.

    Raises:
        SettingError: A key is damaged, has two names with different values, or is a different
            kind of key than its name says.
    """
    found = {name: _key(group, where, spellings) for name, spellings in SPELLINGS.items()}
    return {name: key for name, key in found.items() if key}


def required(keys: Mapping[str, str], names: Iterable[str], where: str) -> dict[str, str]:
    """The keys of these names.

    Raises:
        SettingError: Some are missing.
    """
    wanted = list(names)
    if missing := [name for name in wanted if name not in keys]:
        others = ", ".join(f"'{where}.{name}'" for name in wanted if name in keys)
        needed = ", ".join(f"'{where}.{name}'" for name in missing)
        msg = f"Credentials are incomplete: {others} also need(s) {needed}."
        raise SettingError(msg)
    return {name: keys[name] for name in wanted}


def with_app(keys: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Keys of an account together with its app's, which may be given once for all accounts."""
    added: dict[str, str] = {}
    for app, tokens in TOKENS_OF.items():
        if not any(name in keys for name in app) and any(name in keys for name in tokens):
            added |= {name: others[name] for name in app if name in others}
    return {**keys, **added}


def _key(group: Mapping[str, Any], where: str, spellings: tuple[str, ...]) -> str:
    given = {name: key for name in spellings if (key := _secret(group, where, name))}
    if len(set(given.values())) > 1:
        names = " and ".join(f"'{where}.{name}'" for name in given)
        msg = f"Settings {names} mean the same but differ: set one of them."
        raise SettingError(msg)
    if spellings[0] in NO_ACCESS_TOKENS and any(map(ACCESS_TOKEN.fullmatch, given.values())):
        msg = f"Setting '{where}.{next(iter(given))}' holds an access token: the keys are mixed up."
        raise SettingError(msg)
    return next(iter(given.values()), "")


def _secret(group: Mapping[str, Any], where: str, name: str) -> str:
    """A secret without the blanks and line ends that were copied along."""
    outer, _, inner = name.rpartition(".")
    holder = (group.get(outer) or {}) if outer else group
    secret = SCHEME.sub("", str(holder.get(inner) or "").strip().strip(STRAY).strip())
    if secret and not SECRET.fullmatch(secret):
        msg = (
            f"Setting '{where}.{name}' contains blanks, quotes or characters that X's keys and "
            "tokens never contain: copy it again."
        )
        raise SettingError(msg)
    return secret
