"""The docs site as `make docs` builds it: without the internet, and without a byte from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[1]
NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that nobody runs."""

LOADED: Final = {
    ("script", "src"), ("link", "href"), ("img", "src"), ("source", "src"), ("source", "srcset"),
    ("iframe", "src"), ("object", "data"), ("embed", "src"), ("video", "src"), ("use", "href"),
}  # fmt: skip
"""What a browser fetches by itself when it shows a page."""

OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


class Fetched(HTMLParser):
    """The addresses that a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if (tag, name) in LOADED]


def fetched(text: str) -> list[str]:
    parser = Fetched()
    parser.feed(text)
    return parser.addresses


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site. Its tools are installed first; the build itself has no network."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(["make", ".venv-docs/.installed"], cwd=ROOT, check=True, capture_output=True)
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    done = subprocess.run(
        ["make", "docs", f"SITE={folder}"],
        cwd=ROOT,
        env={**os.environ, **proxies},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_an_address_elsewhere_is_noticed() -> None:
    page = (
        '<link href="a.css"><script src="//b.example/c.js"></script><a href="https://x.com">x</a>'
    )
    assert fetched(page) == ["a.css", "//b.example/c.js"]


@pytest.mark.usefixtures("site")
def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# A\n\n[b](b.md)\n")
    command = re.findall(r"^\t(.*mkdocs build.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[
        0
    ]
    options = command.partition(" build ")[2].partition(" --site-dir")[0].split()
    (tmp_path / "mkdocs.yml").write_text("site_name: a\n")
    mkdocs = str(ROOT / ".venv-docs/bin/mkdocs")
    done = subprocess.run(
        [mkdocs, "build", *options], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 1


def test_every_page_is_built(site: Path) -> None:
    pages = {
        path.relative_to(ROOT / "docs").with_suffix(".html") for path in ROOT.glob("docs/**/*.md")
    }
    assert pages <= {path.relative_to(site) for path in site.rglob("*.html")}


def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    addresses = {page: fetched(page.read_text()) for page in site.rglob("*.html")}
    assert sum(map(len, addresses.values())) > len(addresses) * 3
    outside = {each for found in addresses.values() for each in found if OUTSIDE.match(each)}
    assert outside == set()


def test_styles_and_pictures_fetch_nothing_from_elsewhere(site: Path) -> None:
    styles = [*site.rglob("*.css"), *site.rglob("*.svg")]
    assert len(styles) > 3
    for path in styles:
        found = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", path.read_text())
        assert [each for pair in found for each in pair if OUTSIDE.match(each)] == [], path


def test_pages_draw_no_diagrams_and_embed_no_frames(site: Path) -> None:
    """The theme would fetch a program for these."""
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert 'class="mermaid"' not in text, page
        assert "<iframe" not in text, page
