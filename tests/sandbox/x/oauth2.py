"""The app-only token: `POST /oauth2/token` and `POST /oauth2/invalidate_token`.

https://docs.x.com/fundamentals/authentication/oauth-2-0/application-only
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from starlette.responses import JSONResponse, Response

from sandbox.credentials import OWNER
from sandbox.x import authentication, forms
from sandbox.x.problems import JSON, Problem, coded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from sandbox.state import Sandbox


def routes(sandbox: Sandbox) -> list[Route]:
    """The two endpoints as routes of the server."""

    def token(request: Request, body: bytes) -> Response:
        _check_basic(sandbox, request)
        return _issue(sandbox, forms.fields(request, body))

    def invalidate(request: Request, body: bytes) -> Response:
        _check_owner(sandbox, request, body)
        return _invalidate(sandbox, forms.fields(request, body))

    return [
        forms.route(sandbox, "/oauth2/token", token),
        forms.route(sandbox, "/oauth2/invalidate_token", invalidate),
    ]


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
    key, secret = map(unquote_plus, forms.basic_pair(request) or ("", ""))
    app = sandbox.tokens.app(key)
    if app is None or secret != app.consumer_secret:
        raise _refusal()


def _check_owner(sandbox: Sandbox, request: Request, body: bytes) -> None:
    """Basic, or a signature of the app's owner: X's pages say the one here and the other there."""
    if not request.headers.get("authorization", "").lower().startswith("oauth "):
        _check_basic(sandbox, request)
    elif sandbox.oauth1.verify(authentication.signed(request, body)).user_id != OWNER.user_id:
        raise _refusal()


def _refusal() -> Problem:
    return coded(403, 99, label="authenticity_token_error")
