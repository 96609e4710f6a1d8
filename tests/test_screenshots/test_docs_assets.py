"""The pictures in pages of the docs: each is made by the command, shown, described and small."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from screenshots import SCHEMES
from screenshots.connect_pages import pages
from screenshots.docs_assets import FOLDER, PICTURES

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*'
    r'<img src="([^"]+)" width="\d+" alt="([^"]+)">\s*</picture>'
)
MAX_BYTES = 150_000


def shown(page: Path) -> list[tuple[str, str, str]]:
    """The pictures of a page: dark, light, and the text for those who do not see it."""
    return SHOWN.findall(page.read_text())


def test_each_picture_is_made_by_the_command() -> None:
    made = {f"{name}-{scheme}.webp" for name, scheme in product(PICTURES, SCHEMES)}
    assert {each.name for each in FOLDER.iterdir() if each.suffix not in {".css", ".js"}} == made
    assert set(PICTURES.values()) <= set(pages())


def test_each_picture_is_shown() -> None:
    found = {FOLDER.parent / path for page in ROOT.glob("docs/*.md") for path in shown_files(page)}
    assert found == {FOLDER / f"{name}-{scheme}.webp" for name in PICTURES for scheme in SCHEMES}


def shown_files(page: Path) -> list[str]:
    return [path for dark, light, _ in shown(page) for path in (dark, light)]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/quick-start.md"])
def test_pages_show_both_color_schemes_and_describe_pictures(page: str) -> None:
    text = (ROOT / page).read_text()
    found = shown(ROOT / page)
    assert len(found) == text.count("<img ") > 0
    for dark, light, description in found:
        assert dark.replace("-dark.", "-light.") == light
        assert (ROOT / page).parent.joinpath(light).is_file()
        assert len(description) > 40


def test_they_are_small() -> None:
    assert {each.name for each in FOLDER.iterdir() if each.stat().st_size > MAX_BYTES} == set()
