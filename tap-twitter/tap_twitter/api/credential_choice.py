"""The choice among an account's credentials: the cheapest that X allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.api.endpoints.base import APP_ONLY
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.partition import Partition


def choose_credential(endpoint: Endpoint, partition: Partition) -> Credential:
    """Choose the credential for an endpoint and a partition.

    The cheapest comes first: if X has a lower price for an account's own reads, that is the
    account's own login. Next comes the one that X allows more requests, then the order of the
    settings.

    Raises:
        AccessError: X would refuse each of them; the text has the reasons and the fix.
    """
    refusals = {each: _refusal(endpoint, each, partition) for each in partition.credentials}
    allowed = [credential for credential, refusal in refusals.items() if refusal is None]
    if not allowed:
        reasons = "; ".join(filter(None, refusals.values()))
        whose = f"{partition.noun} '{partition.name}'"
        msg = f"X does not allow {endpoint.template} for {whose}: {reasons}."
        raise AccessError(msg)
    return min(allowed, key=lambda each: _rank(endpoint, each, partition))


def is_allowed(endpoint: Endpoint, partition: Partition) -> bool:
    """Whether X allows at least one of a partition's credentials for an endpoint."""
    return any(_refusal(endpoint, each, partition) is None for each in partition.credentials)


def _rank(endpoint: Endpoint, credential: Credential, partition: Partition) -> tuple[bool, int]:
    is_own = credential.user_id is not None and credential.user_id == partition.path_id
    return not (endpoint.is_owned and is_own), -(endpoint.limit(credential) or 0)


def _refusal(endpoint: Endpoint, credential: Credential, partition: Partition) -> str | None:
    """Why X would refuse the credential, with the fix; None if it would not."""
    connect = f"`{partition.connect_command}`"
    if credential.kind not in endpoint.kinds:
        if endpoint.kinds == APP_ONLY:
            return "it accepts a bearer token alone (set 'auth.bearer_token')"
        kinds = " or ".join(kind for kind in AuthKind if kind in endpoint.kinds)
        return (
            f"it requires {kinds}, but '{credential.name}' is {credential.kind} (give the account "
            f"such credentials in the settings, or {connect})"
        )
    if endpoint.is_private and not partition.may_be_asked_as(credential):
        return f"'{credential.name}' belongs to another account ({connect})"
    missing = endpoint.scopes - credential.scopes if credential.scopes is not None else set()
    if missing:
        return f"'{credential.name}' lacks the scope {' '.join(sorted(missing))} ({connect})"
    return None
