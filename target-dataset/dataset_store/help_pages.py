"""Where the docs explain an error."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Final

DISTRIBUTION: Final = "opendataset-target-dataset"
FRONT_PAGE: Final = "docs/index.md"
UNEXPECTED: Final = "unexpected-errors"
"""The section about errors that nobody has foreseen."""


def explained(text: str, error: BaseException, otherwise: str = UNEXPECTED) -> str:
    """The text of an error, and the section of the docs about it.

    Args:
        text: One line.
        error: Has a `topic`; none if its text leads to the docs already.
        otherwise: The section about an error without that attribute.
    """
    topic = getattr(error, "topic", otherwise)
    return with_topic(text, topic) if topic else text


def with_topic(text: str, topic: str) -> str:
    """A line that ends with the address of a section of `docs/errors.md`."""
    return f"{text} [{front_page().removesuffix('index.md')}errors.md#{topic}]"


@cache
def front_page() -> str:
    """The address of the docs of this release; their path if it was installed from a clone."""
    try:
        urls = metadata.metadata(DISTRIBUTION).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return FRONT_PAGE
    named = dict(url.split(", ", 1) for url in urls)
    return str(named.get("Documentation", FRONT_PAGE))
