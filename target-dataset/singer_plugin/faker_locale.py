"""The locale of the SDK's setting `faker_config`, which the SDK itself never checks."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def problems(config: Mapping[str, Any]) -> list[str]:
    """Say that Faker has no such locale; the SDK finds out at the first SCHEMA, with a traceback.

    Args:
        config: Settings whose types are right.
    """
    locale = (config.get("faker_config") or {}).get("locale")
    if locale is None or find_spec("faker") is None:
        return []
    from faker import Faker  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        if Faker(locale).locales:
            return []
    except AttributeError:
        pass
    return [
        f"Setting 'faker_config.locale' is {locale!r}, but Faker has no such locale; use one "
        "such as en_US or de_DE."
    ]
