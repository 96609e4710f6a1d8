"""A user in front of a consent page: reads its form, presses a button, follows the way back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from sandbox.credentials import OWNER

if TYPE_CHECKING:
    import requests


class Page(HTMLParser):
    """What a browser would find by id, with the text inside.

    Args:
        html: The page.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self.chosen: str | None = None
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._within = found.get("id") or ""
        self.attributes[self._within] = found
        if tag == "option" and "selected" in found:
            self.chosen = found["value"]

    def handle_data(self, data: str) -> None:
        self.texts[self._within] = self.texts.get(self._within, "") + data


def press(
    session: requests.Session, url: str, button: str = "allow", user_id: str = OWNER.user_id
) -> requests.Response:
    """Open a consent page, choose an account and press a button; redirects are not followed."""
    shown = session.get(url, timeout=10)
    assert shown.status_code == 200
    page = Page(shown.text)
    names = {key: str(page.attributes[key]["name"]) for key in ("account", button)}
    form = {names["account"]: user_id, names[button]: page.attributes[button]["value"]}
    return session.post(url, data=form, allow_redirects=False, timeout=10)
