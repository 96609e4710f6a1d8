"""OAuth 2.0 with PKCE, the user's part: `GET /i/oauth2/authorize` and `GET /2/oauth2/authorize`.

https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code. A request that is
wrong gets a page that says so and no redirect; X's pages do not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response

from sandbox.credentials import CLIENTS
from sandbox.grants import Binding, Grant
from sandbox.x import consent, forms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.routing import Route

    from sandbox.state import Sandbox

PATHS: Final = ("/i/oauth2/authorize", "/2/oauth2/authorize")
SCOPES: Final = frozenset(
    [
        "block.read",
        "block.write",
        "bookmark.read",
        "bookmark.write",
        "broadcast.read",
        "broadcast.write",
        "dm.read",
        "dm.write",
        "follows.read",
        "follows.write",
        "like.read",
        "like.write",
        "list.read",
        "list.write",
        "media.write",
        "mute.read",
        "mute.write",
        "offline.access",
        "space.read",
        "timeline.read",
        "tweet.moderate.write",
        "tweet.read",
        "tweet.write",
        "users.email",
        "users.read",
    ]
)
_STATE_LENGTH: Final = 500
# RFC 7636 wants 43 characters and more; X's own examples are shorter
_CHALLENGE_LENGTH: Final = 128


def routes(sandbox: Sandbox) -> list[Route]:
    """Both addresses of the consent page."""

    def page(request: Request, body: bytes) -> Response:
        asked = forms.single(request.url.query)
        complaints = [*_repeated(request.url.query), *_complaints(sandbox, asked)]
        if complaints:
            return consent.refuse("; ".join(complaints))
        if request.method == "GET":
            return consent.ask(sandbox, asked["scope"].split())
        decision = consent.decided(sandbox, request, body)
        if decision is None:
            return consent.refuse("That was no answer of this page")
        return _send_back(sandbox, asked, decision)

    return [forms.route(sandbox, path, page, ["GET", "POST"]) for path in PATHS]


def _send_back(sandbox: Sandbox, asked: dict[str, str], decision: consent.Decision) -> Response:
    answer = {"state": asked["state"]}
    if decision.user_id is None:
        answer["error"] = "access_denied"
    else:
        grant = Grant(asked["client_id"], decision.user_id, tuple(asked["scope"].split()))
        binding = Binding(
            asked["redirect_uri"], asked["code_challenge"], asked["code_challenge_method"]
        )
        answer["code"] = sandbox.grants.issue_code(grant, binding)
    separator = "&" if "?" in asked["redirect_uri"] else "?"
    return RedirectResponse(f"{asked['redirect_uri']}{separator}{urlencode(answer)}", 302)


def _repeated(query: str) -> Iterator[str]:
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    yield from (f"{name} is given twice" for name in set(names) if names.count(name) > 1)


def _complaints(sandbox: Sandbox, asked: dict[str, str]) -> Iterator[str]:
    """What is wrong with a request."""
    scopes = asked.get("scope", "").split()
    rules = {
        "response_type must be code": asked.get("response_type") == "code",
        "client_id is unknown": asked.get("client_id") in {c.client_id for c in CLIENTS},
        "redirect_uri is not registered": asked.get("redirect_uri") in sandbox.callbacks,
        "scope must name known scopes": bool(scopes) and SCOPES.issuperset(scopes),
        "state must have 1 to 500 characters": _fits(asked.get("state"), _STATE_LENGTH),
        "code_challenge must have 1 to 128 characters": _fits(
            asked.get("code_challenge"), _CHALLENGE_LENGTH
        ),
        "code_challenge_method must be S256 or plain": asked.get("code_challenge_method")
        in {"S256", "plain", *(["s256"] if sandbox.options.lenient_oauth2 else [])},
    }
    yield from (complaint for complaint, fine in rules.items() if not fine)


def _fits(text: str | None, most: int) -> bool:
    return 1 <= len(text or "") <= most
