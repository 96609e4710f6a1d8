"""The locale of the SDK's setting `faker_config`, which the SDK itself does not check."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def problems(config: Mapping[str, Any]) -> list[str]:
    """Report a locale that Faker lacks; the SDK fails at the first SCHEMA, with a traceback.

    Args:
        config: Settings of valid types.
    """
    locale = (config.get("faker_config") or {}).get("locale")
    if locale is None or find_spec("faker") is None:
        return []
    from faker import Faker  # noqa: PLC0415 - slow to import and rarely needed

    try:
        if Faker(locale).locales:
            return []
    except AttributeError:
        pass
    return [
        f"Setting 'faker_config.locale' is {locale!r}, but Faker has no such locale; use one "
        "such as en_US or de_DE."
    ]
