"""The app-only token: `POST /oauth2/token` and `POST /oauth2/invalidate_token`.

https://docs.x.com/fundamentals/authentication/oauth-2-0/application-only
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote_plus

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.credentials import OWNER
from sandbox.injection import canned, injected
from sandbox.x import authentication
from sandbox.x.problems import JSON, Problem, coded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request

    from sandbox.faults import Fault
    from sandbox.state import Sandbox

FORM: Final = "application/x-www-form-urlencoded"


def routes(sandbox: Sandbox) -> list[Route]:
    """The two endpoints as routes of the server."""

    def token(request: Request, body: bytes) -> Response:
        _check_basic(sandbox, request)
        return _issue(sandbox, _form(request, body))

    def invalidate(request: Request, body: bytes) -> Response:
        _check_owner(sandbox, request, body)
        return _invalidate(sandbox, _form(request, body))

    return [
        Route("/oauth2/token", _endpoint(sandbox, token), methods=["POST"]),
        Route("/oauth2/invalidate_token", _endpoint(sandbox, invalidate), methods=["POST"]),
    ]


def _endpoint(
    sandbox: Sandbox, answer: Callable[[Request, bytes], Response]
) -> Callable[[Request], Awaitable[Response]]:
    def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
        try:
            return canned(faults) or answer(request, body)
        except Problem as problem:
            return JSONResponse(problem.body, problem.status, media_type=JSON)

    return injected(sandbox, handle)


def _issue(sandbox: Sandbox, form: dict[str, str]) -> Response:
    if form.get("grant_type") != "client_credentials":
        raise _refusal()
    issued = {"token_type": "bearer", "access_token": sandbox.tokens.app_only()}
    return JSONResponse(issued, media_type=JSON)


def _invalidate(sandbox: Sandbox, form: dict[str, str]) -> Response:
    token = form.get("access_token", "")
    if not sandbox.tokens.is_app_only(token):
        raise _refusal()
    sandbox.tokens.revoke(token)
    return JSONResponse({"access_token": token}, media_type=JSON)


def _check_basic(sandbox: Sandbox, request: Request) -> None:
    """Basic authentication with the consumer pair, each half URL-encoded beforehand."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise _refusal() from None
    key, _, secret = pair.partition(":")
    app = sandbox.tokens.app(unquote_plus(key))
    if scheme.lower() != "basic" or app is None or unquote_plus(secret) != app.consumer_secret:
        raise _refusal()


def _check_owner(sandbox: Sandbox, request: Request, body: bytes) -> None:
    """Basic, or a signature of the app's owner: X's pages say the one here and the other there."""
    if not request.headers.get("authorization", "").lower().startswith("oauth "):
        _check_basic(sandbox, request)
    elif sandbox.oauth1.verify(authentication.signed(request, body)).user_id != OWNER.user_id:
        raise _refusal()


def _form(request: Request, body: bytes) -> dict[str, str]:
    """The form's fields; none where the body is not declared to be a UTF-8 form."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != FORM or parameters.strip() not in {"", "charset=utf-8"}:
        return {}
    fields = parse_qs(body.decode("latin-1"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _refusal() -> Problem:
    return coded(403, 99, label="authenticity_token_error")
