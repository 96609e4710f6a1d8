"""Pages of the docs site that are sections of the READMEs.

The READMEs go to the package index, so they have to be whole. The site has their sections as pages of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARK: Final = "<!-- Written by `make about` from {}. -->\n\n"
PROJECT: Final = "README.md"
TAP: Final = "tap-twitter/README.md"
TARGET: Final = "target-dataset/README.md"


@dataclass(frozen=True)
class Section:
    """A section of a README.

    Attributes:
        readme: The path of the README.
        heading: The section's heading there.
        shown: Its heading on the page, if another one.
    """

    readme: str
    heading: str
    shown: str = ""

    def text(self, root: Path) -> str:
        """The section without its heading, with the links of its README.

        Raises:
            ValueError: The README has no such section.
        """
        _, found, rest = (root / self.readme).read_text().partition(f"\n## {self.heading}\n")
        if not found:
            msg = f"{self.readme} has no section '{self.heading}'."
            raise ValueError(msg)
        return rest.partition("\n## ")[0].strip() + "\n"


@dataclass(frozen=True)
class Page:
    """A page: its title, and the sections below it."""

    title: str
    sections: tuple[Section, ...]


PAGES: Final[Mapping[str, Page]] = {
    "quick-start": Page(
        "Quick start",
        (
            Section(PROJECT, "Try it"),
            Section(PROJECT, "With your own credentials"),
            Section(PROJECT, "In your own Meltano project"),
        ),
    ),
    "lookup": Page("Users lookup", (Section(TAP, "The stream `users_lookup`"),)),
    "accounts": Page(
        "Credentials and accounts",
        (
            Section(TAP, "Credentials"),
            Section(TAP, "Connecting accounts"),
            Section(TAP, "Accounts"),
        ),
    ),
    "connection-test": Page("Connection test", (Section(TAP, "Test before the first sync"),)),
    "meltano": Page(
        "Meltano",
        (
            Section(TAP, "Under Meltano", "tap-twitter"),
            Section(TARGET, "Under Meltano", "target-dataset"),
        ),
    ),
    "loading": Page(
        "How rows are loaded",
        (
            Section(TARGET, "Which dataset gets the rows"),
            Section(TARGET, "How rows are loaded"),
        ),
    ),
    "values": Page("Types and values", (Section(TARGET, "What values become"),)),
    "datasets": Page("Local datasets", (Section(TARGET, "Local datasets"),)),
    "dataset-command": Page("The dataset command", (Section(TARGET, "The `dataset` command"),)),
}


def readme_pages(root: Path) -> dict[Path, str]:
    """The pages and their texts."""
    anchors = _anchors(root)
    return {root / f"docs/{name}.md": _page(root, page, anchors) for name, page in PAGES.items()}


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _page(root: Path, page: Page, anchors: Mapping[str, str]) -> str:
    readmes = dict.fromkeys(section.readme for section in page.sections)
    parts = [MARK.format(" and ".join(readmes)), f"# {page.title}\n"]
    for section in page.sections:
        text = _linked(section.text(root), section.readme, anchors)
        if len(page.sections) > 1:
            parts.append(f"\n## {section.shown or section.heading}\n")
        else:
            text = re.sub(r"^##(#+ )", r"#\1", text, flags=re.MULTILINE)
        parts.append(f"\n{text}")
    return "".join(parts)


def _anchors(root: Path) -> dict[str, str]:
    """Where the site has the headings of the READMEs: links by paths and anchors."""
    found = {TAP: "streams.md", TARGET: "loading.md", PROJECT: "index.md"}
    for readme, name in ((TAP, "settings-tap.md"), (TARGET, "settings-target.md")):
        found[f"{readme}#settings"] = name
    for name, page in PAGES.items():
        for section in page.sections:
            inner = re.findall(r"^###+ (.*)$", section.text(root), re.MULTILINE)
            for heading in inner:
                found[f"{section.readme}#{slug(heading)}"] = f"{name}.md#{slug(heading)}"
            alone = len(page.sections) == 1
            anchor = "" if alone else f"#{slug(section.shown or section.heading)}"
            found[f"{section.readme}#{slug(section.heading)}"] = f"{name}.md{anchor}"
    return found


def _linked(text: str, readme: str, anchors: Mapping[str, str]) -> str:
    """A text whose links lead to pages of the site; what the site lacks is named without a link."""
    folder = readme.rpartition("/")[0]

    def linked(match: re.Match[str]) -> str:
        label, link = match.groups()
        if link.startswith("https://"):
            return match.group()
        path, _, anchor = link.partition("#")
        inside = f"{folder}/{path}".lstrip("/") if path else readme
        inside = re.sub(r"^[\w-]+/\.\./", "", inside)
        if inside.startswith("docs/"):
            return f"[{label}]({link[link.index('docs/') + 5 :]})"
        target = anchors.get(f"{inside}#{anchor}" if anchor else inside)
        return f"[{label}]({target})" if target else label

    text = re.sub(r'\b(src|srcset)="docs/', r'\1="', text)
    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", linked, text)
