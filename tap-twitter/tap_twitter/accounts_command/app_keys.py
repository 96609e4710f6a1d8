"""The keys of the app that requests access: from the settings, or from hidden prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.accounts_command import prompts
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.keys import CLIENT_ID, CLIENT_SECRET, CONSUMER, keys_in
from tap_twitter.auth.oauth1_consent import ConsumerApp
from tap_twitter.auth.oauth2_consent import ClientApp

if TYPE_CHECKING:
    from collections.abc import Mapping

    App = ConsumerApp | ClientApp

OPTIONS: Final = {AuthKind.OAUTH1: "--oauth1", AuthKind.OAUTH2: "--oauth2"}
CHOICES: Final = {"1.0a": AuthKind.OAUTH1, "2.0": AuthKind.OAUTH2}
LABELS: Final = {
    "consumer_key": "API key (consumer key)",
    "consumer_secret": "API key secret (consumer secret)",
    "client_id": "Client ID",
    "client_secret": "Client secret (none for a public client)",
}
"""Names of keys as X's developer console has them, where they differ from the setting's."""

NEEDED: Final = {AuthKind.OAUTH1: CONSUMER, AuthKind.OAUTH2: (CLIENT_ID,)}


def app_of(auth: Mapping[str, Any], wanted: AuthKind | None) -> App:
    """The app, for the requested OAuth version or the one that has its keys at hand.

    Args:
        auth: The group of settings.
        wanted: The OAuth version; None to decide by the keys at hand, or ask the user.

    Raises:
        UserError: A key is damaged or missing, and there is no terminal to ask on.
    """
    keys = keys_in(auth, "auth")
    kind = wanted or _kind(keys)
    typed = {name: typed_key(name) for name in NEEDED[kind] if name not in keys}
    if CLIENT_ID in typed:
        typed[CLIENT_SECRET] = typed_key(CLIENT_SECRET, is_optional=True)
    keys |= keys_in(typed, "auth")
    if kind is AuthKind.OAUTH1:
        return ConsumerApp(*(keys[name] for name in CONSUMER))
    return ClientApp(keys[CLIENT_ID], keys.get(CLIENT_SECRET))


def _kind(keys: Mapping[str, str]) -> AuthKind:
    """The OAuth version that the keys at hand are for; if that is ambiguous, the user chooses."""
    at_hand = [kind for kind, names in NEEDED.items() if all(name in keys for name in names)]
    if len(at_hand) == 1:
        return at_hand[0]
    otherwise = f"give {' or '.join(OPTIONS.values())}"
    return CHOICES[prompts.chosen("Connect by OAuth", list(CHOICES), otherwise)]


def typed_key(name: str, *, is_optional: bool = False) -> str:
    """A key of the group `auth` that the user types without echo.

    Raises:
        UserError: There is no terminal to ask on.
    """
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    hint = f"set TAP_TWITTER_AUTH_{name.upper()}, or 'auth.{name}' in the file of --config"
    return prompts.secret(label, hint, is_optional=is_optional)
