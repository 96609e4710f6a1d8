"""The pages on which a user allows or denies an app: plain HTML forms with ids, for any browser.

A form is sent to the address of its own page, so that the request it answers travels in the query.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from sandbox import people
from sandbox.x import forms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.state import Sandbox

_PAGE: Final = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    "<body><main><h1>{title}</h1>{content}</main></body></html>"
)
_FORM: Final = (
    "<p>The app may:</p><ul>{wants}</ul>"
    '<form id="consent" method="post">'
    '<label>Account <select id="account" name="user_id">{accounts}</select></label> '
    '<button id="allow" name="decision" value="allow">Authorize app</button> '
    '<button id="deny" name="decision" value="deny">Cancel</button></form>'
)


@dataclass(frozen=True)
class Decision:
    """What the user chose; no user where the app was denied."""

    user_id: str | None


def ask(sandbox: Sandbox, wants: Iterable[str], chosen: str = "") -> Response:
    """The page with both buttons.

    Args:
        sandbox: Whose accounts can be chosen.
        wants: What the app asks for, one line each.
        chosen: Handle of the account that is chosen at first.
    """
    options = "".join(
        f'<option value="{user_id}"{" selected" if name.lower() == chosen.lower() else ""}>'
        f"@{escape(name)}</option>"
        for user_id, name in _accounts(sandbox).items()
    )
    items = "".join(f"<li>{escape(want)}</li>" for want in wants)
    return _page("Authorize the sandbox's app", _FORM.format(wants=items, accounts=options))


def show_pin(pin: str) -> Response:
    """The page from which the user copies a PIN into the app."""
    return _page("Enter this PIN in the app", f'<p><code id="pin">{escape(pin)}</code></p>')


def refuse(reason: str, status: int = 400) -> Response:
    """The page that a request gets which makes no sense; it never leads back to the app."""
    return _page("Something went wrong", f'<p id="reason">{escape(reason)}</p>', status)


def decided(sandbox: Sandbox, request: Request, body: bytes) -> Decision | None:
    """What a form says; None where it is none of ours, or names an account that cannot log in."""
    form = forms.fields(request, body)
    user_id = form.get("user_id", "")
    match form.get("decision"):
        case "deny":
            return Decision(None)
        case "allow" if user_id in _accounts(sandbox):
            return Decision(user_id)
    return None


def _accounts(sandbox: Sandbox) -> dict[str, str]:
    """Handles of the accounts that can log in: those with names, unless suspended or deleted."""
    ids = map(str, people.NAMED)
    return {
        user_id: sandbox.world.handle(user_id)
        for user_id in ids
        if sandbox.world.status(user_id) in {"found", "protected"}
    }


def _page(title: str, content: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), content=content), status)
