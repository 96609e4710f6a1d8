"""The pages that a browser shows when an account is connected, with made-up accounts."""

from __future__ import annotations

from typing import Final

from tap_twitter.accounts_command import html_pages
from tap_twitter.auth.consent import DENIED
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.token_store import Login

BY_OAUTH2: Final = Login(
    name="NorthwindTea",
    username="NorthwindTea",
    kind=AuthKind.OAUTH2,
    access_token="made-up",
    refresh_token="made-up",
    scopes=frozenset({"tweet.read", "users.read", "dm.read", "offline.access"}),
)
BY_OAUTH1: Final = Login(
    name="a login with a rather long name that somebody chose",
    username="AnAccountWithALongName",
    kind=AuthKind.OAUTH1,
    access_token="made-up",
)


def pages() -> dict[str, str]:
    """The pages by name, as HTML."""
    return {
        "connected": html_pages.connected(BY_OAUTH2),
        "connected-oauth1": html_pages.connected(BY_OAUTH1),
        "connected-in-setup": html_pages.connected(
            BY_OAUTH2, "Go back to the terminal, where the set-up continues.", None
        ),
        "undecided": html_pages.undecided(BY_OAUTH2),
        "failed": html_pages.failed(DENIED),
        "refused": html_pages.refused(),
        "nothing-here": html_pages.nothing_here(),
    }
