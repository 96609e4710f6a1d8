"""The choice among an account's credentials: the cheapest that X allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.api.endpoints.base import APP_ONLY
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.auth.credentials import Credential


def choose_credential(endpoint: Endpoint, account: Account) -> Credential:
    """Choose the credential for an endpoint and an account.

    The cheapest comes first: if X has a lower price for the account's own reads, that is the
    account's own login. Next comes the one that X allows more requests, then the order of the
    settings.

    Raises:
        AccessError: X would refuse each of them; the text has the reasons and the fix.
    """
    refusals = {each: _refusal(endpoint, each, account) for each in account.credentials}
    allowed = [credential for credential, refusal in refusals.items() if refusal is None]
    if not allowed:
        reasons = "; ".join(filter(None, refusals.values()))
        msg = f"X does not allow {endpoint.template} for account '{account.name}': {reasons}."
        raise AccessError(msg)
    return min(allowed, key=lambda each: _rank(endpoint, each, account))


def is_allowed(endpoint: Endpoint, account: Account) -> bool:
    """Whether X allows at least one of an account's credentials for an endpoint."""
    return any(_refusal(endpoint, each, account) is None for each in account.credentials)


def _rank(endpoint: Endpoint, credential: Credential, account: Account) -> tuple[bool, int]:
    is_own = credential.user_id is not None and credential.user_id == account.user_id
    return not (endpoint.is_owned and is_own), -(endpoint.limit(credential) or 0)


def _refusal(endpoint: Endpoint, credential: Credential, account: Account) -> str | None:
    """Why X would refuse the credential, with the fix; None if it would not."""
    connect = f"`{account.connect_command}`"
    if credential.kind not in endpoint.kinds:
        if endpoint.kinds == APP_ONLY:
            return "it accepts a bearer token alone (set 'auth.bearer_token')"
        kinds = " or ".join(kind for kind in AuthKind if kind in endpoint.kinds)
        return (
            f"it requires {kinds}, but '{credential.name}' is {credential.kind} (give the account "
            f"such credentials in the settings, or {connect})"
        )
    if endpoint.is_private and not account.may_be_asked_as(credential):
        return f"'{credential.name}' belongs to another account ({connect})"
    missing = endpoint.scopes - credential.scopes if credential.scopes is not None else set()
    if missing:
        return f"'{credential.name}' lacks the scope {' '.join(sorted(missing))} ({connect})"
    return None
