"""OAuth 2.0 application-only access: a bearer token, given or fetched with the consumer pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from requests.auth import HTTPBasicAuth

from tap_twitter.auth.bearer import BearerAuth, RenewableBearerAuth
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.errors import AccessError, AppAccessError, AuthError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests.auth import AuthBase

    PostForm = Callable[[str, Mapping[str, str], AuthBase], dict[str, Any]]
    """Sends a form to an address of X, with retries, and returns the response's JSON object."""

CHECK_PAIR: Final = "check the settings '{where}.consumer_key' and '{where}.consumer_secret'"
NEW_TOKEN: Final = "make a new one in the developer console and set '{where}.bearer_token'"


class FetchedBearerAuth(RenewableBearerAuth):
    """Adds a bearer token that is fetched before the first request and then kept.

    Args:
        fetch: Requests the token from X.
    """

    def __init__(self, fetch: Callable[[], str]) -> None:
        self._fetch = fetch
        self._token: str | None = None

    def token(self) -> str:
        """The token, fetched if there is none yet."""
        if self._token is None:
            self._token = self._fetch()
        return self._token

    def renewed(self, refused: str) -> str:
        """A new token, unless another request has fetched one already."""
        if self._token == refused:
            self._token = self._fetch()
        return self.token()


def bearer_credential(bearer_token: str, where: str = "auth") -> Credential:
    """App-only access with a given bearer token, from a group of settings."""
    hint = NEW_TOKEN.format(where=where)
    return Credential(AuthKind.APP_ONLY, BearerAuth(bearer_token), hint, name=where)


def consumer_credential(
    consumer_key: str,
    consumer_secret: str,
    oauth_url: str,
    post_form: PostForm,
    where: str = "auth",
) -> Credential:
    """App-only access with the bearer token that X gives for the app's consumer pair."""
    hint = CHECK_PAIR.format(where=where)

    def fetch() -> str:
        pair = HTTPBasicAuth(quote(consumer_key, safe=""), quote(consumer_secret, safe=""))
        return fetch_bearer_token(pair, oauth_url, post_form, hint)

    auth = FetchedBearerAuth(fetch)
    return Credential(AuthKind.APP_ONLY, auth, hint, name=where, app=consumer_key)


def fetch_bearer_token(pair: HTTPBasicAuth, oauth_url: str, post_form: PostForm, hint: str) -> str:
    """Request the app's bearer token; X gives the same one until it is invalidated.

    See https://docs.x.com/fundamentals/authentication/oauth-2-0/application-only: key and secret
    are percent-encoded before they become a Basic header.

    Args:
        pair: The app's key and secret.
        oauth_url: The server that issues tokens.
        post_form: Sends the request.
        hint: The fix if X refuses.

    Raises:
        AuthError: X refuses the pair.
        TapError: X did not answer, as for any other request.
    """
    url = f"{oauth_url.rstrip('/')}/oauth2/token"
    try:
        body = post_form(url, {"grant_type": "client_credentials"}, pair)
    except AppAccessError:
        raise  # no other pair of this app would be let in
    except (AuthError, AccessError):
        msg = f"X gave no bearer token: {hint}."
        raise AuthError(msg) from None
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        msg = f"X answered without a bearer token: {hint} and 'api.oauth_url'."
        raise AuthError(msg)
    return token
