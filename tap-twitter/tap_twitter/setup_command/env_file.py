"""A `.env` file: variables are replaced in their lines, and all other lines stay."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN: Final = re.compile(r"[\w.:/@%+,=~-]+", re.ASCII)
"""Values that need no quotes."""


def variables(text: str) -> dict[str, str]:
    """The variables in the text of a file."""
    from dotenv import dotenv_values  # noqa: PLC0415 - an extra

    return {name: value or "" for name, value in dotenv_values(stream=io.StringIO(text)).items()}


def with_variables(text: str, values: Mapping[str, str]) -> str:
    """The text of a file with variables set; new ones come last.

    Raises:
        UserError: A value cannot be written so that it is read back as it is.
    """
    from dotenv.parser import parse_stream  # noqa: PLC0415 - an extra

    parts, missing = [], dict(values)
    for binding in parse_stream(io.StringIO(text)):
        original = binding.original.string
        name = binding.key or ""
        if name in values:
            missing.pop(name, None)
            export = "export " if original.lstrip().startswith("export ") else ""
            parts.append(f"{export}{_line(name, values[name])}")
        else:
            parts.append(original)
    if parts and missing and not parts[-1].endswith("\n"):
        parts.append("\n")
    parts += [_line(name, value) for name, value in missing.items()]
    changed = "".join(parts)
    found = variables(changed)
    if wrong := [name for name, value in values.items() if found.get(name) != value]:
        msg = (
            f"File .env cannot hold the value of {', '.join(wrong)}: it has quotes, '${{' or line "
            "ends in it. Choose another one."
        )
        raise UserError(msg)
    return changed


def _line(name: str, value: str) -> str:
    if not value or PLAIN.fullmatch(value):
        return f"{name}={value}\n"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'\n"
