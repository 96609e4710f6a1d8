"""The pages that a browser shows when an account is connected, with made-up accounts."""

from __future__ import annotations

from tap_twitter.accounts_command import html_pages


def pages() -> dict[str, str]:
    """The pages by name, as HTML."""
    return {
        "connected": html_pages.connected("NorthwindTea"),
        "undecided": html_pages.undecided("NorthwindTea"),
        "failed": html_pages.failed("Access was denied at X, so nothing was stored."),
        "refused": html_pages.refused(),
        "nothing-here": html_pages.nothing_here(),
    }
