"""The SDK's `faker_config` is checked with all other settings."""

from __future__ import annotations

from typing import Any

import pytest

from singer_plugin.faker_locale import problems

UNKNOWN = (
    "Setting 'faker_config.locale' is {}, but Faker has no such locale; use one such as en_US or "
    "de_DE."
)


@pytest.mark.parametrize(
    "config",
    [{}, {"faker_config": None}, *({"faker_config": {"locale": locale}} for locale in
     (None, "de_DE", "de-DE", ["en_US", "fr_FR"]))],
    ids=str,
)  # fmt: skip
def test_locales_that_faker_has(config: dict[str, Any]) -> None:
    assert problems(config) == []


@pytest.mark.parametrize("locale", ["xx_YY", "../..", ["en_US", "tlh"], []], ids=repr)
def test_locales_that_faker_does_not_have_are_named(locale: Any) -> None:
    assert problems({"faker_config": {"locale": locale}}) == [UNKNOWN.format(repr(locale))]
