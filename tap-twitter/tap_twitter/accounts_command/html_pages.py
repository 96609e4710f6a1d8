"""The pages that a browser shows when X sends it back: self-contained, and without tokens.

Texts are escaped; `HEADERS` keep a page out of caches and from loading anything.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-ConnectOptions": "nosniff",
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
body {{ font: 1.125rem/1.5 system-ui, sans-serif; margin: 12vh auto; max-width: 36rem; }}
main {{ padding: 0 1rem; }}
h1 {{ font-size: 1.75rem; line-height: 1.2; }}
</style>
</head>
<body>
<main>
<h1 id="title">{title}</h1>
{paragraphs}
</main>
</body>
</html>
"""


def connected(username: str) -> str:
    """An account is connected."""
    return _page(
        f"Connected as @{username}",
        "tap-twitter can now read with this account.",
        "You can close this page.",
    )


def undecided(username: str) -> str:
    """Access was granted, and the terminal asks a question before anything is stored."""
    return _page(
        f"Access granted by @{username}",
        "A login of this name already exists: go back to the terminal, which asks whether to "
        "replace it.",
        "You can close this page.",
    )


def failed(reason: str) -> str:
    """No account was connected; the reason includes the fix."""
    return _page("Not connected", reason, "The terminal shows the same. You can close this page.")


NOT_OURS: Final = (
    "This visit does not belong to the pending connection: it may come from an earlier attempt, "
    "or from somebody else."
)


def refused() -> str:
    """A visit that does not belong to the pending request."""
    return _page(
        "This is not the expected response",
        NOT_OURS,
        "Nothing was stored. Continue with the address that the terminal shows.",
    )


def nothing_here() -> str:
    """An unknown address."""
    return _page("Nothing here", "tap-twitter waits here for X to send a browser back.")


def _page(title: str, *paragraphs: str) -> str:
    content = "\n".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return LAYOUT.format(title=escape(title), paragraphs=content)
