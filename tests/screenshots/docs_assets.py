"""The pictures that pages of the docs hold, in `docs/assets`, light and dark."""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenshots import SCHEMES, connect_pages, shot

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

FOLDER: Final = Path(__file__).parents[2] / "docs/assets"
PICTURES: Final = {
    "connected": "connected",
    "connected-in-setup": "connected-in-setup",
    "denied": "failed",
}
"""The names of the pictures, and of the pages of the connect flow that they show."""

WIDTH: Final = 500
"""Of the window in CSS pixels: a picture that phones show at two thirds of its size can be read."""


def write(browser: Chrome, folder: Path = FOLDER) -> list[Path]:
    """Write the pictures, each in both color schemes, as `<name>-<scheme>.webp`."""
    pages = connect_pages.pages()
    written = []
    with tempfile.TemporaryDirectory() as place:
        for (name, page), scheme in product(PICTURES.items(), SCHEMES):
            file = Path(place) / f"{name}.html"
            file.write_text(pages[page], "utf-8")
            path = folder / f"{name}-{scheme}.webp"
            written.append(shot(browser, file.as_uri(), path, WIDTH, scheme, height=1, scale=2))
    return written
