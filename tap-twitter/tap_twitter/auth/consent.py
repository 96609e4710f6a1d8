"""A user's consent: the page where it is given, and the login that results.

`oauth1_consent` and `oauth2_consent` implement X's two protocols.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, Protocol

from tap_twitter.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.auth.token_store import Login

    Query = Mapping[str, str]

DENIED: Final = "Access was denied at X, so nothing was stored; connect again to allow it."
NO_TOKENS: Final = "X answered without tokens; check 'api.oauth_url'."


class Consent(Protocol):
    """A pending request for a user's consent."""

    @property
    def address(self) -> str:
        """The page of X where the user decides."""

    def owns(self, query: Query) -> bool:
        """Whether a visit to the callback address belongs to this request.

        Anybody may send a browser there with a forged answer, which must be refused.
        """

    def login(self, query: Query) -> Login:
        """The login that results; it has no name yet, and its account may be unknown.

        Raises:
            AuthError: The user denied access, or X no longer accepts the answer.
            TapError: X did not answer, as for any other request.
        """


def needed(answer: Mapping[str, str], name: str) -> str:
    """A token in X's response.

    Raises:
        AuthError: It is missing.
    """
    if not answer.get(name):
        raise AuthError(NO_TOKENS)
    return answer[name]


def is_same(given: str | None, ours: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest((given or "").encode(), ours.encode())
