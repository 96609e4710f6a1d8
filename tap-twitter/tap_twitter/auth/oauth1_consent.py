"""Consent by OAuth 1.0a, in the browser or by PIN.

Sources: https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens,
https://docs.x.com/fundamentals/authentication/oauth-1-0a/pin-based-oauth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from requests_oauthlib import OAuth1

from tap_twitter.auth.consent import DENIED, is_same, needed
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.token_store import Login
from tap_twitter.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests.auth import AuthBase

    from tap_twitter.auth.consent import Query

    PostSigned = Callable[[str, AuthBase], Mapping[str, str]]
    """Sends an empty, signed request to an address of X and returns the response's form."""

OUT_OF_BAND: Final = "oob"
"""The callback address that makes X show a PIN."""


@dataclass(frozen=True, slots=True)
class ConsumerApp:
    """The app's keys for OAuth 1.0a."""

    consumer_key: str
    consumer_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuth1Consent:
    """Consent for a request token of X; `begun` gets one."""

    app: ConsumerApp
    oauth_url: str
    post_signed: PostSigned = field(repr=False)
    request_token: str = field(repr=False)
    request_secret: str = field(repr=False)

    @classmethod
    def begun(
        cls, app: ConsumerApp, oauth_url: str, post_signed: PostSigned, callback: str
    ) -> OAuth1Consent:
        """Request a request token from X.

        Args:
            app: The app that wants access.
            oauth_url: The server that issues tokens.
            post_signed: Sends the request.
            callback: The address to send the user back to, or `OUT_OF_BAND`.

        Raises:
            TapError: X does not know the app or the callback address, or did not answer.
        """
        auth = OAuth1(app.consumer_key, app.consumer_secret, callback_uri=callback)
        answer = post_signed(f"{oauth_url}/oauth/request_token", auth)
        token, secret = needed(answer, "oauth_token"), needed(answer, "oauth_token_secret")
        return cls(app, oauth_url, post_signed, token, secret)

    @property
    def address(self) -> str:
        """The page of X where the user decides; X asks even users who have decided before."""
        return f"{self.oauth_url}/oauth/authorize?{urlencode({'oauth_token': self.request_token})}"

    def owns(self, query: Query) -> bool:
        """Whether a visit names the request token."""
        return is_same(query.get("oauth_token") or query.get("denied"), self.request_token)

    def login(self, query: Query) -> Login:
        """Exchange the verifier, or the PIN, for an access token; X says whose it is."""
        if "denied" in query:
            raise AuthError(DENIED)
        auth = OAuth1(
            self.app.consumer_key,
            self.app.consumer_secret,
            self.request_token,
            self.request_secret,
            verifier=query.get("oauth_verifier", ""),
        )
        try:
            answer = self.post_signed(f"{self.oauth_url}/oauth/access_token", auth)
        except AuthError:
            msg = (
                "X rejected the answer: it was mistyped, has expired or was used before; "
                "connect again."
            )
            raise AuthError(msg) from None
        return Login(
            name="",
            kind=AuthKind.OAUTH1,
            access_token=needed(answer, "oauth_token"),
            access_token_secret=needed(answer, "oauth_token_secret"),
            consumer_key=self.app.consumer_key,
            consumer_secret=self.app.consumer_secret,
            user_id=answer.get("user_id"),
            username=answer.get("screen_name"),
        )
