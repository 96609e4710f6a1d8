"""Pictures of pages, in a real browser."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from screenshots import SCHEMES, WIDTHS, docs_assets, shoot

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("browser"),
    pytest.mark.tells_secrets("ids of browsers look like secrets"),
]

PAGE = """<!DOCTYPE html><html lang="en"><title>a page</title>
<style>
:root {{ color-scheme: light dark }}
body {{ background: light-dark(#fff, #000); margin: 0 }}
div {{ width: {width}; height: {height} }}
</style><body><div></div></body></html>
"""


def size(picture: Path) -> tuple[int, int]:
    """Width and height, from the header of a PNG."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def test_one_for_each_width_and_scheme_as_high_as_the_page(browser: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(width="100%", height="1234px"))
    pictures = shoot(page, tmp_path / "pictures", "a-page", browser)
    expected = {f"a-page-{width}-{scheme}.png" for width in WIDTHS for scheme in SCHEMES}
    assert {each.name for each in pictures} == expected
    assert {size(each) for each in pictures} == {(width, 1234) for width in WIDTHS}
    by_scheme = [
        {each.read_bytes() for each in pictures if scheme in each.name} for scheme in SCHEMES
    ]
    assert not by_scheme[0] & by_scheme[1]


def test_a_page_that_is_too_wide_for_a_phone_is_an_error(browser: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "wide.html"
    page.write_text(PAGE.format(width="600px", height="10px"))
    with pytest.raises(ValueError, match=r"^wide-360-light.png: the page is 600 pixels wide"):
        shoot(page.as_uri(), tmp_path, "wide", browser)


@pytest.mark.torture
def test_the_pictures_of_the_docs(browser: Chrome, tmp_path: Path) -> None:
    written = docs_assets.write(browser, tmp_path)
    names = {each.name for each in docs_assets.FOLDER.glob("*.webp")}
    assert {each.name for each in written} == names
    assert all(each.read_bytes()[8:12] == b"WEBP" for each in written)
