"""axe, which finds what people with assistive technology could not use in a page."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_RUN: Final = "axe.run({resultTypes: ['violations']}).then(arguments[0])"
GRAVE: Final = frozenset({"serious", "critical"})


def violations(browser: Chrome) -> list[dict[str, Any]]:
    """What axe finds in the page that the browser shows.

    A page's policy does not hold for scripts of the driver.
    """
    browser.execute_script(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = browser.execute_async_script(_RUN)
    # a page of which axe sees nothing has no violations, either
    assert found["passes"]
    return list(found["violations"])


def grave(browser: Chrome) -> list[str]:
    """The serious and critical ones, each in a line."""
    return [
        f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:80]})"
        for each in violations(browser)
        if each["impact"] in GRAVE
    ]
