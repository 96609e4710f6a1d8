"""A user's consent: the page on which it is given, and the login that comes of it.

`oauth1_consent` and `oauth2_consent` hold the two ways of X.
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
    """What a user is asked for."""

    @property
    def address(self) -> str:
        """The page of X on which the user decides."""

    def owns(self, query: Query) -> bool:
        """Whether a visit to the callback address answers this very question.

        Anybody may send a browser there with an answer of their own; that must not be taken.
        """

    def login(self, query: Query) -> Login:
        """The login that the answer brings; it has no name yet, and may not know whose it is.

        Raises:
            AuthError: The user has denied access, or X no longer accepts the answer.
            TapError: X did not answer, as for any other request.
        """


def needed(answer: Mapping[str, str], name: str) -> str:
    """A token of X's answer.

    Raises:
        AuthError: It is not there.
    """
    if not answer.get(name):
        raise AuthError(NO_TOKENS)
    return answer[name]


def is_same(given: str | None, ours: str) -> bool:
    """Compare in a time that tells nothing about where they differ."""
    return hmac.compare_digest((given or "").encode(), ours.encode())
