"""The setting `source_default_schema`: columns with one value, added to every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTING: Final = "source_default_schema"

TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
}
"""The JSON type of a column by the Python type of its value."""


@dataclass(frozen=True, slots=True)
class ConstantColumns:
    """Columns by name, each with its value for every row."""

    values: Mapping[str, Any]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ConstantColumns:
        """Read the setting.

        Raises:
            SettingError: It contains no columns; discovery uses settings that were not validated.
        """
        values = config.get(SETTING) or {}
        if not isinstance(values, dict):
            msg = f"Setting '{SETTING}' must hold columns, each with a text, number or boolean."
            raise SettingError(msg)
        if wrong := [name for name, value in values.items() if type(value) not in TYPES]:
            msg = f"Setting '{SETTING}.{wrong[0]}' must be a text, a number or a boolean."
            raise SettingError(msg)
        return cls(values)

    def added_to(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A stream's JSON schema with these columns after its own.

        They are nullable: rows in a dataset from before a column was added have no value.
        """
        types = {name: TYPES[type(value)] for name, value in self.values.items()}
        added = {name: {"type": [kind, "null"]} for name, kind in types.items()}
        return {**schema, "properties": {**schema["properties"], **added}}

    def check(self, stream: str, own: Mapping[str, Any]) -> None:
        """Make sure that a stream has no column with one of these names, in any case.

        Raises:
            SettingError: It has one.
        """
        taken = {name.casefold() for name in own}
        if clashes := sorted(name for name in self.values if name.casefold() in taken):
            names = ", ".join(f"'{name}'" for name in clashes)
            msg = (
                f"Setting '{SETTING}' names {names}, but the stream '{stream}' already has such a "
                "column: choose another name."
            )
            raise SettingError(msg)
