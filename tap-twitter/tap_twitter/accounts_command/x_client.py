"""The command's requests to X: get tokens, identify their accounts, revoke them."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from requests_oauthlib import OAuth1

from tap_twitter.api.bounded import Bounds
from tap_twitter.api.call import Call
from tap_twitter.api.client import RETRIED, Client
from tap_twitter.api.endpoints.v2 import ME, USERS
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.responses import error_of
from tap_twitter.api.retries import SOMEBODY_WAITS, RetryState, describe
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.oauth2_client import ClientAuth
from tap_twitter.cost.ledger import Resource, prices, usd
from tap_twitter.errors import (
    AccessError,
    AuthError,
    InvalidRequestError,
    TapError,
    UnreachableError,
)
from tap_twitter.gateways import is_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests.auth import AuthBase

    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.token_store import Login
    from tap_twitter.clock import Clock

MAX_WAIT_SECONDS: Final = 60.0
"""For a rate limit: a person is waiting."""

USER_AGENT: Final = "tap-twitter-accounts"
CHECK_APP: Final = "check 'auth.consumer_key' and 'auth.consumer_secret'"

CALLBACK_PROBLEMS: Final[Mapping[str, str]] = {
    "415": "X does not know the callback address of this command: register it in the app's "
    "settings in the developer console, as http://127.0.0.1:8481/callback or with the port that "
    "--port sets.",
    "417": "X lists the app as a desktop app, which can only use PINs: connect with --pin, or "
    "register a callback address in the developer console.",
}
"""The problem and its fix by X's code (https://docs.x.com/fundamentals/developer-apps)."""

CODE: Final = re.compile(r'\bcode"?\s*[:=]\s*"?(\d+)')
"""A code in a response about tokens, which may be JSON or XML."""

USERNAME: Final = re.compile(r"\w{1,50}", re.ASCII)
"""A handle; old ones may be longer than today's 15 characters."""


class Identity(NamedTuple):
    """The account behind a login, as X identifies it now."""

    user_id: str
    username: str
    access_level: str | None = None
    """What OAuth 1.0a allows the app; X sends it in a header."""


class XServer:
    """X, at the address in the settings.

    Args:
        config: The settings.
        oauth_url: The server that issues tokens.
        clock: Tells the time and waits.
    """

    def __init__(self, config: Mapping[str, Any], oauth_url: str, clock: Clock) -> None:
        self._config = config
        self._oauth_url = oauth_url
        self._session = requests.Session()
        self._limits = RateLimits(
            clock, MAX_WAIT_SECONDS, logging.getLogger(__name__), endurance=SOMEBODY_WAITS
        )
        api = config["api"]
        self._client = Client(
            self._session,
            self._limits,
            Bounds(SOMEBODY_WAITS.timeout(api["timeout_seconds"]), api["max_response_mb"]),
            USER_AGENT,
        )

    @property
    def price(self) -> str:
        """X's price for identifying an account."""
        return usd(prices(self._config)[Resource.USER])

    @property
    def post_form(self) -> PostForm:
        """Sends forms of OAuth 2.0."""
        return self._client.post_form

    def post_signed(self, url: str, auth: AuthBase) -> dict[str, str]:
        """Send a signed request of OAuth 1.0a whose response is a form; retries as for others.

        Raises:
            TapError: X refuses it, or does not answer in any of the tries.
        """
        pool, retries = Pool(f"POST {urlsplit(url).path}"), RetryState()
        while True:
            try:
                return self._signed(url, auth)
            except RETRIED as error:
                if not self._limits.wait_after(error, retries, pool):
                    msg = (
                        f"{describe(error)} That was the last try at "
                        f"{self._oauth_url}; check the network, 'api.base_url' and "
                        "'api.oauth_url', and connect again."
                    )
                    raise UnreachableError(msg) from None
            except requests.RequestException as error:
                msg = f"X cannot be reached ({type(error).__name__}); check 'api.oauth_url'."
                raise UnreachableError(msg) from None

    def _signed(self, url: str, auth: AuthBase) -> dict[str, str]:
        headers = {"User-Agent": USER_AGENT}
        response = self._session.post(url, auth=auth, headers=headers, allow_redirects=False)
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise token_problem(response)
        return dict(parse_qsl(response.text))

    def identity(self, credential: Credential) -> Identity:
        """Ask X for the account of a credential; X charges for one user.

        Raises:
            TapError: X does not accept the credential, or did not answer.
        """
        answers: list[requests.Response] = []
        call = Call(
            "GET",
            f"{self._config['api']['base_url'].rstrip('/')}{ME.template}",
            Pool(f"GET {ME.template}", credential.pool),
            credential.auth,
            hint=credential.hint,
        )
        body = self._client.send(call, dict, answers.append)
        user = body["data"] if isinstance(body.get("data"), dict) else {}
        level = answers[-1].headers.get("x-access-level")
        return identity_of(user.get("id"), user.get("username"))._replace(access_level=level)

    def check_credential(self, credential: Credential) -> None:
        """Ask X for a user who does not exist: it is free, and shows if X accepts a credential.

        Raises:
            TapError: X does not accept it, or did not answer.
        """
        assert USERS.probe is not None
        call = Call(
            "GET",
            f"{self._config['api']['base_url'].rstrip('/')}{USERS.template}",
            Pool(f"GET {USERS.template}", credential.pool),
            credential.auth,
            query=urlencode(USERS.probe.params),
            hint=credential.hint,
        )
        self._client.send(call, dict)

    def check_client(self, client_id: str, client_secret: str | None) -> None:
        """Revoke a token that does not exist: X answers apps that it knows, and refuses others.

        Raises:
            AuthError: X does not know the app, or its secret is another one.
            TapError: X did not answer.
        """
        client = ClientAuth(client_id, client_secret)
        form = client.completed({"token": "this-is-no-token"})
        try:
            self.post_form(f"{self._oauth_url}/2/oauth2/revoke", form, client)
        except (AuthError, AccessError):
            msg = "X does not accept the client ID and secret: copy both again."
            raise AuthError(msg) from None
        except InvalidRequestError:
            return  # about the token

    def revoke(self, login: Login) -> None:
        """Revoke a login at X.

        Raises:
            AuthError: X no longer knows it; only OAuth 1.0a says so.
            TapError: X does not revoke it, or did not answer.
        """
        if login.kind is AuthKind.OAUTH1:
            keys = (login.consumer_key, login.consumer_secret)
            token = OAuth1(*keys, login.access_token, login.access_token_secret)
            self.post_form(f"{self._oauth_url}/1.1/oauth/invalidate_token.json", {}, token)
            return
        client = ClientAuth(login.client_id, login.client_secret)
        try:
            for each in filter(None, (login.refresh_token, login.access_token)):
                form = client.completed({"token": each})
                self.post_form(f"{self._oauth_url}/2/oauth2/revoke", form, client)
        except AuthError:
            msg = "X does not know the app that the login was granted to."
            raise AccessError(msg) from None


def identity_of(user_id: object, username: object) -> Identity:
    """The account in X's response.

    Raises:
        AuthError: The response does not name it.
    """
    found = Identity(str(user_id or ""), str(username or ""))
    if found.user_id.isdecimal() and USERNAME.fullmatch(found.username):
        return found
    msg = "X's response does not say whose login this is; check 'api.base_url', and try again."
    raise AuthError(msg)


def token_problem(response: requests.Response) -> TapError:
    """The error for a refused request for a token."""
    codes = [] if is_page(response) else CODE.findall(response.text)
    for code in codes:
        if code in CALLBACK_PROBLEMS:
            return AccessError(CALLBACK_PROBLEMS[code])
    try:
        body = response.json()
    except ValueError:
        body = None
    return error_of(response, body, CHECK_APP)
