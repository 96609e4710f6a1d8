"""Accounts: whose data is read, with which credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.auth.app_only import bearer_credential, consumer_credential
from tap_twitter.auth.oauth1 import oauth1_credential
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.credentials import Credential

CONSUMER = ("consumer_key", "consumer_secret")
ACCESS = ("access_token", "access_token_secret")
BEARER = "bearer_token"

SECRET: Final = re.compile(r"[!-~]+")
"""What X gives out: printable ASCII without blanks. Anything else breaks the header it stands in,
and the error of the HTTP library would show it."""


def default_credential(config: Mapping[str, Any], post_form: PostForm) -> Credential:
    """The credential that the group `auth` describes.

    OAuth 1.0a goes first, since X allows it three times as many lookups as app-only access.

    Args:
        config: The settings of the tap.
        post_form: How a bearer token is asked for, where that is needed.

    Raises:
        SettingError: The group is empty, half of a pair is missing, or a value is damaged.
    """
    auth, api = config["auth"], config["api"]
    given = {name: value for name in (*CONSUMER, *ACCESS) if (value := _secret(auth, name))}
    if any(name in given for name in ACCESS):
        _require(given, (*CONSUMER, *ACCESS))
        return oauth1_credential(**given)
    if token := _secret(auth, BEARER):
        return bearer_credential(token)
    if given:
        _require(given, CONSUMER)
        oauth_url = api.get("oauth_url") or api["base_url"]
        return consumer_credential(**given, oauth_url=oauth_url, post_form=post_form)
    msg = (
        "No credentials for X: set 'auth.consumer_key', 'auth.consumer_secret', "
        "'auth.access_token' and 'auth.access_token_secret' (OAuth 1.0a), "
        "or 'auth.bearer_token' (app-only)."
    )
    raise SettingError(msg)


def _secret(auth: Mapping[str, str], name: str) -> str:
    """A secret without the blanks and line ends that come along when it is copied."""
    secret = (auth.get(name) or "").strip()
    if secret and not SECRET.fullmatch(secret):
        msg = (
            f"Setting 'auth.{name}' holds blanks or characters that X's keys and tokens never "
            "have: copy it again."
        )
        raise SettingError(msg)
    return secret


def _require(given: Mapping[str, str], names: tuple[str, ...]) -> None:
    if missing := [name for name in names if name not in given]:
        others = ", ".join(f"'auth.{name}'" for name in given)
        needed = ", ".join(f"'auth.{name}'" for name in missing)
        msg = f"Credentials are incomplete: {others} need(s) {needed} as well."
        raise SettingError(msg)
