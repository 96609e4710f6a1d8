"""Tells who asks, from the `Authorization` header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.tokens import Credential
from sandbox.x.oauth1 import SignedRequest
from sandbox.x.problems import Problem, blank, coded

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.state import Sandbox


def authenticate(sandbox: Sandbox, request: Request) -> Credential:
    """The credential that a request carries.

    Raises:
        Problem: 401, if there is none or it does not work; 403, if its account is suspended.
    """
    try:
        credential = _credential(sandbox, request)
        _check_account(sandbox, credential)
    except Problem as problem:
        if sandbox.options.unauthorized_body == "codes":
            raise
        raise blank(problem.status) from None
    return credential


def claimed_token(request: Request) -> str:
    """The token that a request names, valid or not; empty where it names none."""
    header = request.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest
    named = re.search(r'oauth_token="([^"]*)"', rest)
    return named[1] if named else ""


def _credential(sandbox: Sandbox, request: Request) -> Credential:
    header = request.headers.get("authorization", "")
    if not header:
        raise blank(401)
    if header.lower().startswith("bearer "):
        return _bearer(sandbox, header[len("bearer ") :])
    return sandbox.oauth1.verify(signed(request))


def _check_account(sandbox: Sandbox, credential: Credential) -> None:
    status = sandbox.world.status(credential.user_id) if credential.user_id else "found"
    if status == "suspended":
        raise coded(403, 64)
    if status == "not_found":
        raise coded(401, 89)


def signed(request: Request, body: bytes = b"") -> SignedRequest:
    """The parts of a request that its signature covers."""
    return SignedRequest(
        method=request.method,
        uri=str(request.url),
        authorization=request.headers.get("authorization", ""),
        content_type=request.headers.get("content-type", ""),
        body=body.decode("latin-1"),
    )


def _bearer(sandbox: Sandbox, token: str) -> Credential:
    if sandbox.tokens.is_app_only(token):
        return Credential("app_only")
    credential = sandbox.grants.credential(token)
    if credential is None:
        raise coded(401, 89)
    return credential
