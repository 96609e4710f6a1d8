"""OAuth 1.0a in three legs: request token, the user's consent, access token; and its end.

https://docs.x.com/fundamentals/authentication/api-reference and, for PINs,
https://docs.x.com/fundamentals/authentication/oauth-1-0a/pin-based-oauth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

from sandbox.handshakes import OUT_OF_BAND, Handshake
from sandbox.x import authentication, consent, forms
from sandbox.x.problems import JSON, coded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.routing import Route

    from sandbox.credentials import AccessLevel
    from sandbox.state import Sandbox

_WHOLE_LEVEL: Final = "read-write-directmessages"
_LEVELS: Final[Mapping[str, AccessLevel]] = {"read": "read", "write": "read-write"}
_WANTS: Final[Mapping[AccessLevel, tuple[str, ...]]] = {
    "read": ("see Posts and profiles",),
    "read-write": ("see Posts and profiles", "post for you"),
    "read-write-directmessages": ("see Posts and profiles", "post for you", "read your messages"),
}
_COOKIE: Final = "sandbox_account"


def routes(sandbox: Sandbox) -> list[Route]:
    """All endpoints of the flow."""

    def request_token(request: Request, body: bytes) -> Response:
        signed = authentication.signed(request, body)
        given = sandbox.oauth1.verify_app(signed) | forms.fields(request, body)
        callback = given.get("oauth_callback", "")
        _check_callback(sandbox, callback)
        asked = (forms.single(request.url.query) | given).get("x_auth_access_type", "")
        begun = sandbox.handshakes.begin(callback, _LEVELS.get(asked, _WHOLE_LEVEL))
        return _encoded(
            oauth_token=begun.token,
            oauth_token_secret=begun.secret,
            oauth_callback_confirmed="true",
        )

    def access_token(request: Request, body: bytes) -> Response:
        signed = authentication.signed(request, body)
        given = sandbox.oauth1.verify_handshake(signed, sandbox.handshakes)
        given |= forms.fields(request, body)
        handshake = sandbox.handshakes.find(given["oauth_token"])
        return _exchange(sandbox, handshake, given.get("oauth_verifier"))

    def authorize(request: Request, body: bytes) -> Response:
        return _consent(sandbox, request, body)

    def invalidate(request: Request, body: bytes) -> Response:
        signed = authentication.signed(request, body)
        sandbox.oauth1.verify(signed)
        token = authentication.claimed_token(request)
        sandbox.tokens.revoke(token)
        return JSONResponse({"access_token": token}, media_type=JSON)

    return [
        forms.route(sandbox, "/oauth/request_token", request_token),
        forms.route(sandbox, "/oauth/authorize", authorize, ["GET", "POST"]),
        forms.route(sandbox, "/oauth/authenticate", authorize, ["GET", "POST"]),
        forms.route(sandbox, "/oauth/access_token", access_token),
        forms.route(sandbox, "/1.1/oauth/invalidate_token.json", invalidate),
    ]


def _check_callback(sandbox: Sandbox, callback: str) -> None:
    """An app without registered callbacks is a desktop app, which may use PINs alone."""
    if callback == OUT_OF_BAND:
        return
    if not sandbox.callbacks:
        raise coded(401, 417)
    if callback not in sandbox.callbacks:
        raise coded(403, 415)


def _consent(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    query = forms.single(request.url.query)
    handshake = sandbox.handshakes.find(query.get("oauth_token", ""))
    if handshake is None or handshake.user_id is not None:
        return consent.refuse("The request token for this page is invalid: begin again", 403)
    if request.method == "GET":
        user_id = request.cookies.get(_COOKIE, "")
        if _skips(sandbox, request, user_id) and query.get("force_login") != "true":
            return _approve(sandbox, handshake, user_id)
        wants = _WANTS[handshake.access_level]
        return consent.ask(sandbox, wants, query.get("screen_name", ""))
    decision = consent.decided(sandbox, request, body)
    if decision is None:
        return consent.refuse("That was no answer of this page")
    if decision.user_id is None:
        return _deny(sandbox, handshake)
    return _approve(sandbox, handshake, decision.user_id)


def _skips(sandbox: Sandbox, request: Request, user_id: str) -> bool:
    """Whether the page may be skipped: at `authenticate`, for who is logged in and has granted."""
    return request.url.path.endswith("/authenticate") and sandbox.tokens.has_granted(user_id)


def _approve(sandbox: Sandbox, handshake: Handshake, user_id: str) -> Response:
    verifier = sandbox.handshakes.approve(handshake, user_id)
    if handshake.callback == OUT_OF_BAND:
        response = consent.show_pin(verifier)
    else:
        response = _redirect(handshake, oauth_token=handshake.token, oauth_verifier=verifier)
    response.set_cookie(_COOKIE, user_id, httponly=True)
    return response


def _deny(sandbox: Sandbox, handshake: Handshake) -> Response:
    sandbox.handshakes.close(handshake)
    if handshake.callback == OUT_OF_BAND:
        return consent.refuse("The app was denied access", 200)
    return _redirect(handshake, denied=handshake.token)


def _exchange(sandbox: Sandbox, handshake: Handshake | None, verifier: str | None) -> Response:
    if handshake is None or handshake.user_id is None or handshake.verifier != verifier:
        raise coded(401, 89)
    sandbox.handshakes.close(handshake)
    token = sandbox.tokens.issue(handshake.user_id, handshake.access_level)
    return _encoded(
        oauth_token=token.access_token,
        oauth_token_secret=token.access_token_secret,
        user_id=token.user_id,
        screen_name=sandbox.world.handle(token.user_id),
    )


def _redirect(handshake: Handshake, **answer: str) -> Response:
    separator = "&" if "?" in handshake.callback else "?"
    return RedirectResponse(f"{handshake.callback}{separator}{urlencode(answer)}", 302)


def _encoded(**pairs: str) -> Response:
    return Response(urlencode(pairs), media_type=forms.FORM)
