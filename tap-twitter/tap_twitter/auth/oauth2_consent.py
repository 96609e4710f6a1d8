"""Consent by OAuth 2.0 with PKCE (RFC 7636) and a random state (RFC 6749, section 10.12).

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from oauthlib.oauth2 import WebApplicationClient

from tap_twitter.auth.consent import DENIED, NO_TOKENS, is_same
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.oauth2 import TOKEN_PATH
from tap_twitter.auth.oauth2_client import ClientAuth, with_tokens
from tap_twitter.auth.token_store import Login
from tap_twitter.errors import AuthError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.consent import Query
    from tap_twitter.clock import Clock

VERIFIER_LENGTH: Final = 64
"""RFC 7636 requires 43 to 128 characters."""

REFUSALS: Final[Mapping[str, str]] = {
    "access_denied": DENIED,
    "invalid_scope": "X does not know one of the scopes; choose others with --scope.",
    "unauthorized_client": "The X app may not ask users for access; turn on user authentication in "
    "the developer console.",
}
"""The meaning of X's error codes (RFC 6749, section 4.1.2.1)."""

UNKNOWN_REFUSAL: Final = "X sent neither a code nor a known reason; connect again."


@dataclass(frozen=True, slots=True)
class ClientApp:
    """The app's keys for OAuth 2.0; a public client has no secret."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)


def _verifier() -> str:
    verifier: str = WebApplicationClient("").create_code_verifier(VERIFIER_LENGTH)
    return verifier


@dataclass(frozen=True, slots=True)
class OAuth2Consent:
    """A request for consent; only this process can know its state and its verifier."""

    app: ClientApp
    authorize_url: str
    oauth_url: str
    callback: str
    scopes: Sequence[str]
    post_form: PostForm = field(repr=False)
    clock: Clock = field(repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=_verifier, repr=False)

    @property
    def address(self) -> str:
        """The page of X where the user decides."""
        challenge = WebApplicationClient("").create_code_challenge(self.verifier, "S256")
        params = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.callback,
            "scope": " ".join(self.scopes),
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.authorize_url}?{urlencode(params, quote_via=quote)}"

    def owns(self, query: Query) -> bool:
        """Whether a visit returns the state."""
        return is_same(query.get("state"), self.state)

    def login(self, query: Query) -> Login:
        """Exchange the code for tokens; X does not say whose they are."""
        if "code" not in query:
            raise AuthError(REFUSALS.get(query.get("error", ""), UNKNOWN_REFUSAL))
        login = Login(
            name="",
            kind=AuthKind.OAUTH2,
            access_token="",
            client_id=self.app.client_id,
            client_secret=self.app.client_secret,
            scopes=frozenset(self.scopes),
        )
        granted = with_tokens(login, self._exchanged(query["code"]), self.clock.now())
        if granted is None:
            raise AuthError(NO_TOKENS)
        return granted

    def _exchanged(self, code: str) -> dict[str, Any]:
        client = ClientAuth(self.app.client_id, self.app.client_secret)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
        }
        try:
            url = f"{self.oauth_url}{TOKEN_PATH}"
            return self.post_form(url, client.completed(form), client)
        except InvalidRequestError:
            msg = "X rejected the code: it works once and expires after 30 seconds; connect again."
            raise AuthError(msg) from None
        except AuthError:
            msg = (
                "X does not know the app; check 'auth.client_id' and 'auth.client_secret' (a "
                "public client has no secret)."
            )
            raise AuthError(msg) from None
