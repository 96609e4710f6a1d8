"""The first pages of the docs site in a real browser: they fit, and are accessible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screenshots import SCHEMES, WIDTHS, docs_pages, looking
from support.accessibility import grave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.torture,  # the site is built by tools that `make test` does not install
    pytest.mark.xdist_group("browser"),
    pytest.mark.tells_secrets("ids of browsers look like secrets"),
]


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, str]]:
    with docs_pages.served() as pages:
        yield pages


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", docs_pages.PAGES)
def test_pages_fit_and_are_accessible(
    page: str, width: int, scheme: str, site: dict[str, str], browser: Chrome
) -> None:
    with looking(browser, width, scheme):
        browser.get(site[page])
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert grave(browser) == []
