"""Errors lead to the docs: of the release that is installed, or of the clone."""

from __future__ import annotations

from email.message import Message
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from dataset_store.errors import DatasetNotFoundError, StoreError
from dataset_store.help_pages import explained, front_page

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "https://example.org/o/n/blob/v1.2.3/docs"


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution as `make dist` builds it."""
    found = Message()
    found["Project-URL"] = "Homepage, https://example.org/o/n"
    found["Project-URL"] = f"Documentation, {ADDRESS}/index.md"
    monkeypatch.setattr(metadata, "metadata", lambda _: found)
    front_page.cache_clear()
    yield
    front_page.cache_clear()


class SilentError(StoreError):
    topic = ""


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("No disk.", StoreError(), "No disk. [docs/errors.md#stores]"),
        ("No x", DatasetNotFoundError(), "No x [docs/errors.md#dataset-not-found]"),
        ("A bug", ValueError(), "A bug [docs/errors.md#unexpected-errors]"),
        ("A slip.", SilentError(), "A slip."),
        ("Cut off?", StoreError(), "Cut off? [docs/errors.md#stores]"),
    ],
    ids=["of-a-kind", "no-period", "foreign", "plain", "question"],
)
def test_in_a_clone(text: str, error: Exception, line: str) -> None:
    assert explained(text, error) == line


@pytest.mark.usefixtures("release")
def test_of_a_release() -> None:
    assert explained("No disk.", StoreError()) == f"No disk. [{ADDRESS}/errors.md#stores]"


def test_without_a_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    front_page.cache_clear()
    assert front_page() == "docs/index.md"
    front_page.cache_clear()
