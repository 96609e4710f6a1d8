"""The pages that a browser shows when X sends it back: self-contained, and without tokens.

Texts are escaped; `HEADERS` keep a page out of caches and from loading anything.
"""

from __future__ import annotations

import shlex
from html import escape
from typing import TYPE_CHECKING, Final

from tap_twitter.accounts_command.permissions import duration, permissions
from tap_twitter.accounts_command.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_twitter.auth.token_store import Login

HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The address of a page contains what X has sent; these headers keep it from third parties."""

LAYOUT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - tap-twitter</title>
<style>
{style}
</style>
</head>
<body>
<main>
<header class="{state}">
<h1 id="title">{title}</h1>
</header>
{content}
</main>
<footer>tap-twitter, on this machine. You can close this page.</footer>
</body>
</html>
"""

NEXT_STEP: Final = "Go back to the terminal. To check what X allows, run:"
NEXT_COMMAND: Final = "tap-twitter-accounts test"


def connected(login: Login, next_step: str = NEXT_STEP, command: str | None = NEXT_COMMAND) -> str:
    """An account is connected.

    Args:
        login: The login, as it was stored.
        next_step: What to do now.
        command: The command that does it, if it is one.
    """
    facts = {
        "Account": f"@{login.username}" if login.username else login.name,
        "Login": login.name,
        "Signed in by": login.kind.value,
        "Access lasts": duration(login),
    }
    return _page(
        "done",
        f"Connected as {facts['Account']}",
        _facts(facts),
        _section("What it may read", _list(permissions(login))),
        _section("What comes next", _text(next_step), _command(command)),
        _section(
            "To end it",
            _text("This revokes access at X and deletes the login:"),
            _command(f"tap-twitter-accounts remove {shlex.quote(login.name)}"),
        ),
    )


def undecided(login: Login) -> str:
    """Access was granted, and the terminal asks a question before anything is stored."""
    return _page(
        "waits",
        f"Access granted by @{login.username or login.name}",
        _text(f"Another login is called '{login.name}'. Nothing is stored yet."),
        _section(
            "What comes next",
            _text("Go back to the terminal, which asks whether to replace that login."),
        ),
    )


def failed(reason: str) -> str:
    """No account was connected; the reason includes the fix."""
    return _page(
        "failed",
        "Not connected",
        _text(reason),
        _section(
            "What comes next",
            _text("Go back to the terminal, which shows the same. Nothing was stored."),
        ),
    )


NOT_OURS: Final = (
    "This visit does not belong to the pending connection: it may come from an earlier attempt, "
    "or from somebody else."
)


def refused() -> str:
    """A visit that does not belong to the pending request."""
    return _page(
        "failed",
        "This is not the expected response",
        _text(NOT_OURS),
        _section(
            "What comes next",
            _text("Nothing was stored. Continue with the address that the terminal shows."),
        ),
    )


def nothing_here() -> str:
    """An unknown address."""
    return _page(
        "waits",
        "Nothing here",
        _text("tap-twitter waits here for X to send a browser back."),
        _section("What comes next", _text("Continue with the address that the terminal shows.")),
    )


def _page(state: str, title: str, *parts: str) -> str:
    return LAYOUT.format(
        style=STYLE,
        state=state,
        title=escape(title),
        content="\n".join(filter(None, parts)),
    )


def _section(title: str, *parts: str) -> str:
    return "\n".join(["<section>", f"<h2>{escape(title)}</h2>", *filter(None, parts), "</section>"])


def _text(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _command(command: str | None) -> str:
    return f"<pre><code>{escape(command)}</code></pre>" if command else ""


def _list(items: Iterable[str]) -> str:
    return "\n".join(["<ul>", *(f"<li>{escape(item)}</li>" for item in items), "</ul>"])


def _facts(facts: Mapping[str, str]) -> str:
    rows = [
        f"<div><dt>{escape(name)}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items()
    ]
    return "\n".join(["<dl>", *rows, "</dl>"])
