"""OAuth 2.0 with PKCE, the client's part: `POST /2/oauth2/token` and `POST /2/oauth2/revoke`.

https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token. A refresh token works
once; the answer brings the next one.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response

from sandbox.credentials import CLIENTS
from sandbox.grants import ACCESS_SECONDS, Grant, Pair
from sandbox.x import forms
from sandbox.x.problems import JSON, Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from sandbox.grants import Binding
    from sandbox.state import Sandbox

_UNPROVEN: Final = "Missing valid authorization header"
_MISSING: Final = "Missing required parameter [{}]."
_WRONG: Final = "Value passed for the {} was invalid."


def routes(sandbox: Sandbox) -> list[Route]:
    """The two endpoints as routes of the server."""

    def given(request: Request, body: bytes) -> dict[str, str]:
        form = forms.fields(request, body)
        may_be_json = sandbox.options.lenient_oauth2 and not form
        return forms.members(request, body) if may_be_json else form

    def token(request: Request, body: bytes) -> Response:
        form = given(request, body)
        client_id = _client(request, form)
        match form.get("grant_type"):
            case "authorization_code":
                grant = _redeemed(sandbox, form, client_id)
                return _issued(grant, sandbox.grants.issue(grant))
            case "refresh_token":
                rotated = sandbox.grants.rotate(_needed(form, "refresh_token"), client_id)
                if rotated is None:
                    raise _refusal(_WRONG.format("token"))
                return _issued(*rotated)
        raise _refusal(_WRONG.format("grant type"))

    def revoke(request: Request, body: bytes) -> Response:
        form = given(request, body)
        client_id = _client(request, form)
        held = _needed(form, "token")
        if sandbox.grants.client_of(held) == client_id:
            sandbox.grants.revoke(held)
        return JSONResponse({"revoked": True}, media_type=JSON)

    return [
        forms.route(sandbox, "/2/oauth2/token", token),
        forms.route(sandbox, "/2/oauth2/revoke", revoke),
    ]


def _client(request: Request, form: dict[str, str]) -> str:
    """Who asks: a confidential client proves it by Basic, a public one gives its name.

    Raises:
        Problem: 401, if it does not.
    """
    secrets = {client.client_id: client.client_secret for client in CLIENTS}
    name, password = forms.basic_pair(request) or (form.get("client_id", ""), None)
    if name not in secrets or secrets[name] != password:
        raise _refusal(_UNPROVEN, 401, "unauthorized_client")
    return name


def _redeemed(sandbox: Sandbox, form: dict[str, str], client_id: str) -> Grant:
    code, verifier = _needed(form, "code"), _needed(form, "code_verifier")
    redirect_uri = _needed(form, "redirect_uri")
    redeemed = sandbox.grants.redeem(code)
    if redeemed is None or redeemed[0].client_id != client_id:
        raise _refusal(_WRONG.format("authorization code"))
    grant, binding = redeemed
    if binding.redirect_uri != redirect_uri:
        raise _refusal(_WRONG.format("redirect uri"))
    if not fits(binding, verifier):
        raise _refusal(_WRONG.format("code verifier"))
    return grant


def fits(binding: Binding, verifier: str) -> bool:
    """Whether a verifier is the one that a code's challenge was made of (RFC 7636, section 4.6)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    shown = (
        urlsafe_b64encode(digest).rstrip(b"=").decode()
        if binding.method.upper() == "S256"
        else verifier
    )
    return hmac.compare_digest(shown.encode(), binding.challenge.encode())


def _issued(grant: Grant, pair: Pair) -> Response:
    body = {
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "access_token": pair.access_token,
        "scope": " ".join(grant.scopes),
    }
    refresh = {"refresh_token": pair.refresh_token} if pair.refresh_token else {}
    return JSONResponse(body | refresh, media_type=JSON)


def _needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise _refusal(_MISSING.format(name))
    return form[name]


def _refusal(description: str, status: int = 400, error: str = "invalid_request") -> Problem:
    return Problem(status, {"error": error, "error_description": description})
