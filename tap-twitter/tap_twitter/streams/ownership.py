"""Whether credentials belong to an account of which only the handle is known.

X gives private data only to the account itself, and refuses by id. For a handle, X must be asked
first who it is: `--test` and the run ask before anything else is bought, and the plan says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account

NO_OWN: Final = (
    "Stream '{}' reads what X gives only to the account itself, but no account has credentials of "
    "its own: connect one with `tap-twitter-accounts connect`, or set 'auth' in its entry of "
    "'accounts'."
)
MAX_NAMED: Final = 3


def depends_on_id(account: Account, endpoints: Iterable[Endpoint]) -> bool:
    """Whether X answers or refuses depending on whose handle this is."""
    is_told = any(each.user_id for each in account.credentials)
    is_private = any(endpoint.is_private for endpoint in endpoints)
    return account.user_id is None and account.username is not None and is_told and is_private


def refusal(account: Account, endpoints: Iterable[Endpoint]) -> AccessError | None:
    """Why X would refuse requests about an account; None if it would not."""
    try:
        for endpoint in endpoints:
            choose_credential(endpoint, account)
    except AccessError as error:
        return error
    return None


def condition(stream: str, accounts: Sequence[Account]) -> str:
    """The plan's note on accounts of which only the handles are known."""
    handles = [f"@{account.username}" for account in accounts]
    named = ", ".join(handles[:MAX_NAMED])
    more = f" and {len(handles) - MAX_NAMED} more" if len(handles) > MAX_NAMED else ""
    owns = "owns" if len(handles) == 1 else "each own"
    return (
        f"'{stream}' is refused unless {named}{more} {owns} these keys: the run asks X first who "
        "that is, and buys nothing else before."
    )
