"""OAuth 1.0a: checks that a request was signed by who it says.

The signature must fit the URL that the request claims by its `Host` and `X-Forwarded-Proto`, as it
does behind any TLS proxy; hosts that are not X's get nothing.
https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from oauthlib.oauth1.rfc5849 import signature
from oauthlib.oauth1.rfc5849.utils import unescape

from sandbox.tokens import Credential, Tokens
from sandbox.x.problems import coded

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.credentials import App
    from sandbox.handshakes import Handshakes

MAX_SKEW_SECONDS: Final = 300
_FORM: Final = "application/x-www-form-urlencoded"
_LOOSE: Final = frozenset({"oauth_callback", "oauth_token", "oauth_verifier"})
_REQUIRED: Final = frozenset(
    {
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
    }
)


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers.

    Attributes:
        method: HTTP method.
        uri: The whole URL, with its query as it came.
        authorization: The `Authorization` header.
        content_type: The `Content-Type` header; a form's parameters are signed, JSON is not.
        body: The body.
    """

    method: str
    uri: str
    authorization: str
    content_type: str = ""
    body: str = ""


@dataclass(frozen=True)
class _Verifiable:
    """What oauthlib wants to see of a request."""

    http_method: str
    uri: str
    params: list[tuple[str, str]]
    signature: str


class OAuth1:
    """The verifier of one sandbox; it remembers nonces.

    Args:
        tokens: The tokens that work.
        now: Gives the time, in epoch seconds, that timestamps are compared with.
    """

    def __init__(self, tokens: Tokens, now: Callable[[], float] = time.time) -> None:
        self._tokens = tokens
        self._now = now
        self._nonces: dict[tuple[str, str], float] = {}

    def verify(self, request: SignedRequest) -> Credential:
        """The credential behind a signed request.

        Raises:
            Problem: 401 with code 32 (does not authenticate: malformed, repeated parameters or
                nonce, wrong signature), 89 (token does not work) or 135 (timestamp out of bounds).
        """
        oauth, app = self._read(request)
        if "oauth_token" not in oauth:
            raise coded(401, 32)
        token = self._tokens.user_token(oauth["oauth_token"])
        if token is None:
            raise coded(401, 89)
        check_signature(request, app.consumer_secret, token.access_token_secret)
        self._use_nonce(token.access_token, oauth["oauth_nonce"])
        return Credential("oauth1", token.user_id, token.access_level)

    def verify_app(self, request: SignedRequest) -> dict[str, str]:
        """The OAuth parameters of a request that the app signed without a token.

        Raises:
            Problem: As `verify` does.
        """
        oauth, app = self._read(request)
        check_signature(request, app.consumer_secret, "")
        self._use_nonce("", oauth["oauth_nonce"])
        return oauth

    def verify_handshake(self, request: SignedRequest, handshakes: Handshakes) -> dict[str, str]:
        """The OAuth parameters of a request that was signed with a request token.

        Raises:
            Problem: As `verify` does.
        """
        oauth, app = self._read(request)
        handshake = handshakes.find(oauth.get("oauth_token", ""))
        if handshake is None:
            raise coded(401, 89)
        check_signature(request, app.consumer_secret, handshake.secret)
        self._use_nonce(handshake.token, oauth["oauth_nonce"])
        return oauth

    def _read(self, request: SignedRequest) -> tuple[dict[str, str], App]:
        oauth = _loose_parameters(request) | _oauth_parameters(request.authorization)
        app = self._tokens.app(oauth["oauth_consumer_key"])
        if app is None or oauth.get("oauth_version", "1.0") != "1.0":
            raise coded(401, 32)
        self._check_timestamp(oauth["oauth_timestamp"])
        return oauth, app

    def _check_timestamp(self, text: str) -> None:
        if not text.isdecimal() or abs(int(text) - self._now()) > MAX_SKEW_SECONDS:
            raise coded(401, 135)

    def _use_nonce(self, token: str, nonce: str) -> None:
        now = self._now()
        while self._nonces and next(iter(self._nonces.values())) < now - 2 * MAX_SKEW_SECONDS:
            del self._nonces[next(iter(self._nonces))]
        if (token, nonce) in self._nonces:
            raise coded(401, 32)
        self._nonces[token, nonce] = now


def check_signature(request: SignedRequest, consumer_secret: str, token_secret: str) -> None:
    """Compare a request's HMAC-SHA1 signature with the one it should have.

    Raises:
        Problem: 401 with code 32, if they differ or the parameters cannot be read.
    """
    oauth = _oauth_parameters(request.authorization)
    form = _form(request)
    try:
        parameters = signature.collect_parameters(
            uri_query=urlsplit(request.uri).query,
            body=form,
            headers={"Authorization": request.authorization},
        )
    except ValueError:
        raise coded(401, 32) from None
    # X's own SDK names its token in the header and in the query, and signs it once
    parameters = [
        pair
        for place, pair in enumerate(parameters)
        if not (pair[0].startswith("oauth_") and pair in parameters[:place])
    ]
    verifiable = _Verifiable(request.method, request.uri, parameters, oauth["oauth_signature"])
    repeated = max(Counter(name for name, _ in parameters).values()) > 1
    genuine = oauth["oauth_signature_method"] == "HMAC-SHA1" and signature.verify_hmac_sha1(
        verifiable, consumer_secret, token_secret
    )
    if repeated or not genuine:
        raise coded(401, 32)


def _form(request: SignedRequest) -> str:
    return request.body if request.content_type.partition(";")[0].strip() == _FORM else ""


def _loose_parameters(request: SignedRequest) -> dict[str, str]:
    """What of the flow may stand in the query or in a form (RFC 5849, section 3.5)."""
    query = urlsplit(request.uri).query
    pairs = [*parse_qsl(query), *parse_qsl(_form(request))]
    return {name: value for name, value in pairs if name in _LOOSE}


def _oauth_parameters(authorization: str) -> dict[str, str]:
    scheme, _, rest = authorization.partition(" ")
    items = parse_http_list(rest)
    try:
        pairs = parse_keqv_list(items)
    except (IndexError, ValueError):
        raise coded(401, 32) from None
    if scheme.lower() != "oauth" or not pairs.keys() >= _REQUIRED or len(pairs) < len(items):
        raise coded(401, 32)
    return {name: unescape(value) for name, value in pairs.items()}
