"""What the Hub needs of a definition and its schemas do not say."""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def faults(definition: Mapping[str, Any], assets: Path) -> Iterator[str]:
    """What is wrong with a definition.

    Args:
        definition: The definition of an extractor or a loader.
        assets: The folder that `/assets` of a `logo_url` stands for.
    """
    settings = definition.get("settings", ())
    names = [setting["name"] for setting in settings]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"settings: '{name}' stands there twice"
    for setting, key in product(settings, ("label", "description")):
        if not setting.get(key):
            yield f"settings: '{setting['name']}' has no {key}"
    yield from _of_combinations(definition.get("settings_group_validation"), names)
    logo = str(definition.get("logo_url"))
    if not (assets / logo.removeprefix("/assets/")).is_file():
        yield f"logo_url: {logo} is not in {assets}"


def _of_combinations(combinations: list[list[str]] | None, names: list[str]) -> Iterator[str]:
    if combinations is None:
        yield "settings_group_validation: it is missing"
    for name in chain.from_iterable(combinations or ()):
        if name not in names:
            yield f"settings_group_validation: there is no setting '{name}'"
