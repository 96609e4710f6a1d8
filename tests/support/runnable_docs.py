"""The shell blocks of the docs, and whether they are run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE: Final = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n\n?)?^```(?P<language>bash|console|sh)\n(?P<text>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
RUNNABLE: Final = "runnable"
NOT_RUN: Final = re.compile(r"not run: \S+.*")
WRITTEN: Final = "<!-- Written by "
"""How a page begins whose blocks stand in the README that it is written from."""


@dataclass(frozen=True)
class ShellBlock:
    """A fenced block of a page.

    Attributes:
        page: The path of the page in the repository.
        line: Where the block begins.
        mark: The comment before it: `runnable`, or `not run:` with the reason.
        text: What stands in it.
    """

    page: str
    line: int
    mark: str
    text: str
    is_session: bool
    """Whether commands stand after `$`, with what they print below them."""

    @property
    def is_runnable(self) -> bool:
        """Whether the block is run as it stands."""
        return self.mark == RUNNABLE

    @property
    def is_marked(self) -> bool:
        """Whether the page says if the block is run."""
        return self.is_runnable or NOT_RUN.fullmatch(self.mark) is not None

    @property
    def script(self) -> str:
        """The commands."""
        if not self.is_session:
            return self.text
        return "".join(f"{line[2:]}\n" for line in self.text.splitlines() if line.startswith("$ "))

    @property
    def printed(self) -> list[str]:
        """The lines of a session that are no commands."""
        lines = self.text.splitlines() if self.is_session else []
        return [line for line in lines if not line.startswith("$ ")]


def shell_blocks(root: Path) -> Iterator[ShellBlock]:
    """The shell blocks of all pages that are written by hand."""
    pages = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("ta*-*/README.md")]
    for path in sorted(pages):
        text = path.read_text()
        if text.startswith(WRITTEN):
            continue
        for found in FENCE.finditer(text):
            yield ShellBlock(
                page=str(path.relative_to(root)),
                line=text.count("\n", 0, found.start("language")) + 1,
                mark=found["mark"] or "",
                text=found["text"],
                is_session=found["language"] == "console",
            )
