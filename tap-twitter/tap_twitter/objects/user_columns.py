"""The columns of a user, read from X's user object, whatever values it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import ValidationError, convert, defstruct
from msgspec.structs import asdict

from tap_twitter.objects.fields import PUBLIC
from tap_twitter.objects.user_fields import USER_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping


FIELDS: Final = sorted(USER_FIELDS, key=lambda field: field.part_of is not None)
"""The user's own fields first, then those of its metrics."""


def _attributes(part_of: str | None) -> list[tuple[str, Any, Any]]:
    return [(each.name, each.type.kind, None) for each in FIELDS if each.part_of == part_of]


Metrics: Final = defstruct("Metrics", _attributes(PUBLIC), frozen=True)
User: Final = defstruct("User", [*_attributes(None), (PUBLIC, Metrics, Metrics())])


def user_columns(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user object (in `tweet` words) as columns; missing fields are null, new ones dropped."""
    try:
        columns = asdict(convert(user, User))
    except ValidationError:
        return columns_one_by_one(user)
    columns.update(asdict(columns.pop(PUBLIC)))
    return columns


def columns_one_by_one(user: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a user that differs somewhere from X's documentation."""
    return {field.name: field.value(user) for field in FIELDS}
