"""Screenshots of what the project shows in a browser: phone, laptop and large screen, light and dark."""

from __future__ import annotations

import base64
from contextlib import contextmanager, nullcontext
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.browsers import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

WIDTHS: Final = (360, 1280, 2560)
"""Widths of the window in CSS pixels."""

SCHEMES: Final = ("light", "dark")
HEIGHT: Final = 800
"""Of the window; a picture is as high as its page if that is higher."""


def shoot(
    url_or_file: str | Path, folder: Path, name: str, browser: Chrome | None = None
) -> list[Path]:
    """Write pictures of a page, one for each width and color scheme.

    Args:
        url_or_file: The page, as an address or as a file.
        folder: Where the pictures go; it is created.
        name: Of the page; the files are `<name>-<width>-<scheme>.png`.
        browser: A browser that runs already; by default, one is started for this page.

    Raises:
        NoBrowserError: There is no Chromium.
        ValueError: The page is wider than the window, so that a reader had to scroll sideways.
    """
    is_address = isinstance(url_or_file, str) and "://" in url_or_file
    address = str(url_or_file) if is_address else Path(url_or_file).resolve().as_uri()
    folder.mkdir(parents=True, exist_ok=True)
    with nullcontext(browser) if browser else chromium() as chrome:
        return [
            shot(chrome, address, folder / f"{name}-{width}-{scheme}.png", width, scheme)
            for width, scheme in product(WIDTHS, SCHEMES)
        ]


@contextmanager
def looking(
    browser: Chrome, width: int, scheme: str, *, height: int = HEIGHT, scale: int = 1
) -> Iterator[None]:
    """Give the window a size in CSS pixels and pixels of the screen for each, and its user a color scheme.

    Chromium's own windows are at least 500 pixels wide, so the device is emulated. Scrollbars are
    hidden, as on phones: a picture has none, so its page would be laid out wider than it was measured.
    """
    browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": False})


def shot(
    browser: Chrome,
    address: str,
    path: Path,
    width: int,
    scheme: str,
    *,
    height: int = HEIGHT,
    scale: int = 1,
) -> Path:
    """Write a picture of a page, at least as high as the window; the ending sets its format.

    Raises:
        ValueError: The page is wider than the window.
    """
    with looking(browser, width, scheme, height=height, scale=scale):
        browser.get(address)
        wide, high = browser.execute_script(
            "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]"
        )
        if wide > width:
            msg = f"{path.name}: the page is {wide} pixels wide in a window of {width}."
            raise ValueError(msg)
        clip = {"x": 0, "y": 0, "width": width, "height": max(high, height), "scale": 1}
        shot = browser.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"format": path.suffix[1:], "clip": clip, "captureBeyondViewport": True},
        )
    path.write_bytes(base64.b64decode(shot["data"]))
    return path
