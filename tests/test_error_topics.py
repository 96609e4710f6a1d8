"""Each kind of error has a section in `docs/errors.md`, and each section a kind of error."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from about.readme_pages import slug

import dataset_store
import tap_twitter
import target_dataset
from dataset_store.errors import DatasetError
from dataset_store.help_pages import UNEXPECTED
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[1] / "docs/errors.md").read_text()
OF_THE_SDK = {"settings", "stream-maps", UNEXPECTED}
"""Sections that errors without a topic of their own lead to."""


def kinds(base: type[Exception]) -> Iterator[type[Exception]]:
    """A kind of error and those that derive from it."""
    yield base
    for each in base.__subclasses__():
        yield from kinds(each)


@pytest.fixture(scope="module")
def topics() -> dict[str, str]:
    """The topics of all errors of the four packages, by their class."""
    for package in (dataset_store, tap_twitter, target_dataset):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    ours = {*kinds(DatasetError), *kinds(UserError)}
    return {
        each.__name__: each.topic  # type: ignore[attr-defined]
        for each in ours
        if not each.__module__.startswith("test")
    }


def test_each_error_has_a_section_and_each_section_an_error(topics: dict[str, str]) -> None:
    by_kind = PAGE.partition("\n## By kind\n")[2].partition("\n## ")[0]
    sections = {slug(heading) for heading in re.findall(r"^### (.*)$", by_kind, re.MULTILINE)}
    assert len(sections) > 15
    assert {*topics.values(), *OF_THE_SDK} - {""} == sections


def test_errors_without_a_section_are_few(topics: dict[str, str]) -> None:
    """Slips at a prompt or a closed pipe need none; what ends the reading of X does."""
    without = {name for name, topic in topics.items() if not topic}
    assert without == {"UserError", "RunError"}
