"""The pages that a browser shows: what they say, and how they look in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from screenshots import SCHEMES, WIDTHS, looking
from screenshots.connect_pages import BY_OAUTH1, BY_OAUTH2, pages
from support.accessibility import grave

from tap_twitter.accounts_command import html_pages
from tap_twitter.accounts_command.style import STYLE

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

SCOPES = {
    "what was asked for": (
        "tweet.read users.read offline.access",
        ["Posts", "Profiles", "Nothing else"],
    ),
    "messages": ("dm.read", ["Direct messages", "Nothing else"]),
    "more than the tap needs": ("tweet.read tweet.write", ["Posts", "tweet.write: granted, but"]),
    "unknown to us": ("users.read brand.new", ["Profiles", "brand.new: granted, but"]),
}


@pytest.mark.parametrize("case", SCOPES)
def test_scopes_in_plain_words(case: str) -> None:
    scopes, expected = SCOPES[case]
    page = html_pages.connected(replace(BY_OAUTH2, scopes=frozenset(scopes.split())))
    items = re.findall(r"<li>(.*?)</li>", page)
    assert len(items) == len(expected)
    assert all(item.startswith(begin) for item, begin in zip(items, expected, strict=True)), items


def test_access_ends_where_it_cannot_be_refreshed() -> None:
    page = html_pages.connected(replace(BY_OAUTH2, refresh_token=None))
    assert "two hours, because the scope offline.access was not granted" in page
    assert "until you end it" in html_pages.connected(BY_OAUTH1)


def test_commands_can_be_pasted() -> None:
    page = html_pages.connected(replace(BY_OAUTH1, name="it's & <ours>"))
    assert (
        "tap-twitter-accounts remove &#x27;it&#x27;&quot;&#x27;&quot;&#x27;s &amp; &lt;ours&gt;&#x27;"
        in page
    )


@pytest.mark.parametrize("name", pages())
def test_pages_load_nothing_and_show_no_token(name: str) -> None:
    page = pages()[name]
    assert not re.search(r"https?:|url\(|<script|<img|<link|@import|made-up", page)
    assert page.count("<h1") == 1
    assert "What comes next" in page


def test_headers_that_keep_the_address_from_others() -> None:
    assert html_pages.HEADERS["X-Content-Type-Options"] == "nosniff"
    assert html_pages.HEADERS["Referrer-Policy"] == "no-referrer"


TOKENS = re.compile(r"--(?:ground|ink|soft|line|accent): #[0-9a-f]+")


def test_colors_are_those_of_the_report() -> None:
    report = files("dataset_store.report").joinpath("style.css").read_text("utf-8")
    assert len(TOKENS.findall(STYLE)) == 10
    assert TOKENS.findall(STYLE) == TOKENS.findall(report)


@pytest.mark.pipeline
@pytest.mark.xdist_group("browser")
@pytest.mark.tells_secrets("ids of browsers look like secrets")
def test_pages_fit_and_are_accessible(browser: Chrome, tmp_path: Path) -> None:
    for name, page in pages().items():
        file = tmp_path / f"{name}.html"
        file.write_text(page)
        for width, scheme in zip((WIDTHS[0], WIDTHS[-1]), SCHEMES, strict=True):
            with looking(browser, width, scheme):
                browser.get(file.as_uri())
                wide = browser.execute_script("return document.documentElement.scrollWidth")
                assert wide <= width, name
                assert grave(browser) == [], (name, scheme)
