"""`/oauth/token`: access tokens by client credentials, and whom a token is."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import uuid
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.domo.clients import CLIENTS, CUSTOMER
from sandbox.domo.refusals import Refusal, Unauthenticated
from sandbox.injection import canned, injected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.domo.clients import DomoClient
    from sandbox.faults import Fault
    from sandbox.state import Sandbox

_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


class DomoTokens:
    """The access tokens that were given out."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[DomoClient, tuple[str, ...], float]] = {}
        self._key = b"sandbox"

    def issue(
        self,
        client: DomoClient,
        scopes: tuple[str, ...],
        now: float,
        seconds: float,
        *,
        opaque: bool,
    ) -> str:
        """Give out a token."""
        expires = now + seconds
        token = uuid.uuid4().hex if opaque else self._jwt(client, scopes, now, expires)
        self._given[token] = (client, scopes, expires)
        return token

    def _jwt(self, client: DomoClient, scopes: tuple[str, ...], now: float, expires: float) -> str:
        claims = {
            "sub": client.user_id,
            "scope": scopes,
            "customer": CUSTOMER,
            "iat": int(now),
            "exp": int(expires),
            "jti": str(uuid.uuid4()),
        }
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (_HEADER, claims))
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_encoded(signature)}"

    def owner(self, header: str, now: float) -> tuple[DomoClient, tuple[str, ...]]:
        """Whose token stands in an Authorization header, and its scopes.

        Raises:
            Unauthenticated: If there is none that works.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or token not in self._given:
            raise Unauthenticated("Full authentication is required to access this resource")
        client, scopes, expires = self._given[token]
        if now >= expires:
            raise Unauthenticated(f"Access token expired: Jwt expired at {int(expires)}")
        return client, scopes

    def revoke_all(self) -> None:
        """Stop all tokens from working."""
        self._given.clear()


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def routes(sandbox: Sandbox) -> list[Route]:
    """The endpoint, which takes GET with a query and POST with a form."""

    def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
        if (answer := canned(faults)) is not None:
            return answer
        try:
            return _token(sandbox, request, body)
        except Refusal as refusal:
            return refusal.response(request)

    serve = injected(sandbox, handle)
    return [Route("/oauth/token", serve, methods=["GET", "POST"])]


def _token(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    form = dict(request.query_params) | dict(parse_qsl(body.decode()))
    client = _client(request.headers.get("authorization", ""))
    if form.get("grant_type") != "client_credentials":
        raise Refusal(400, "Unsupported grant type")
    scopes = tuple(form.get("scope", "").split()) or client.scopes
    if not set(scopes) <= set(client.scopes):
        raise Refusal(400, f"Invalid scope: {' '.join(scopes)}")
    now, switches = sandbox.clock.timestamp(), sandbox.domo.switches
    token = sandbox.domo_tokens.issue(
        client, scopes, now, switches.token_seconds, opaque=switches.opaque_tokens
    )
    answer: dict[str, Any] = {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": int(switches.token_seconds),
        "scope": " ".join(scopes),
        "customer": CUSTOMER,
        "env": "prod1",
        "userId": client.user_id,
        "role": "Admin",
        "jti": str(uuid.uuid4()),
    }
    return JSONResponse(answer)


def _client(header: str) -> DomoClient:
    scheme, _, encoded = header.partition(" ")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name = secret = ""
    for each in CLIENTS:
        if scheme.lower() == "basic" and (name, secret) == (each.client_id, each.client_secret):
            return each
    raise Refusal(401, "Bad credentials")
