"""The report in a real browser: widths, color schemes, accessibility, hostile values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from screenshots import WIDTHS, looking
from selenium.webdriver.common.by import By
from support.accessibility import grave, violations

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

KINDS = ("filled", "empty", "hostile")


@pytest.mark.parametrize(
    ("kind", "width", "scheme"),
    [
        ("filled", 360, "light"),
        ("empty", 360, "dark"),
        pytest.param("filled", 2560, "dark", marks=pytest.mark.torture),
        pytest.param("hostile", 1280, "light", marks=pytest.mark.torture),
    ],
)
def test_it_is_accessible_and_fits(
    kind: str, width: int, scheme: str, pages: dict[str, Path], browser: Chrome
) -> None:
    with looking(browser, width, scheme):
        browser.get(pages[kind].as_uri())
        for summary in browser.find_elements(By.TAG_NAME, "summary")[:1]:
            summary.click()
        page_width = browser.execute_script("return document.documentElement.scrollWidth")
        assert page_width <= width
        assert grave(browser) == []


def test_axe_finds_what_is_wrong(browser: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<!DOCTYPE html><html lang=en><title>t</title><main><h1>t</h1><img src='data:,'></main>"
    )
    browser.get(page.as_uri())
    assert [each["id"] for each in violations(browser)] == ["image-alt"]
    assert len(grave(browser)) == 1


def test_numbers_open_without_a_script(pages: dict[str, Path], browser: Chrome) -> None:
    browser.get(pages["filled"].as_uri())
    table = browser.find_element(By.CSS_SELECTOR, "details table")
    assert not table.is_displayed()
    browser.find_element(By.TAG_NAME, "summary").click()
    assert table.is_displayed()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_runs_and_nothing_is_requested(
    kind: str, pages: dict[str, Path], browser: Chrome
) -> None:
    browser.get(pages[kind].as_uri())
    requested = browser.execute_script(
        "return performance.getEntriesByType('resource').map(each => each.name)"
    )
    assert requested == []
    elements = browser.execute_script(
        "return [...document.querySelectorAll('*')].map(each => each.localName)"
    )
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(elements)
    assert elements.count("style") == 1
    assert browser.title == "X report"
    # no policy was violated, and no script of a value spoke
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_names_are_shown_as_they_are(pages: dict[str, Path], browser: Chrome) -> None:
    browser.get(pages["hostile"].as_uri())
    names = [element.text for element in browser.find_elements(By.CSS_SELECTOR, "h3")]
    (name,) = {each for each in names if "script" in each}
    assert name.startswith("</title></style><script>alert(1)</script>")
    # neither the reversal of the text nor the bell
    assert name.endswith("gnp.exe")


def styled(browser: Chrome, selector: str, attribute: str) -> Any:
    script = f"return getComputedStyle(document.querySelector({selector!r}))[{attribute!r}]"
    return browser.execute_script(script)


@pytest.mark.parametrize(
    ("scheme", "ground", "accent"),
    [("light", "rgb(255, 255, 255)", "rgb(63, 81, 181)"), ("dark", "rgb(20, 23, 28)", "rgb(159, 168, 255)")],
)  # fmt: skip
def test_charts_have_the_colors_of_the_scheme(
    scheme: str, ground: str, accent: str, pages: dict[str, Path], browser: Chrome
) -> None:
    with looking(browser, WIDTHS[0], scheme):
        browser.get(pages["filled"].as_uri())
        assert styled(browser, "body", "backgroundColor") == ground
        assert styled(browser, ".lines path", "stroke") == accent
        assert styled(browser, ".bars path", "fill") == accent


def test_the_numbers_are_printed(pages: dict[str, Path], browser: Chrome) -> None:
    browser.get(pages["filled"].as_uri())
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        table = browser.find_element(By.CSS_SELECTOR, "details table")
        height = browser.execute_script("return arguments[0].offsetHeight", table)
        assert height > 1_000
        assert styled(browser, "nav", "display") == "none"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
