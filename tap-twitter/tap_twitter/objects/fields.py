"""Columns, and the fields of X's objects that fill them.

A column is defined once: rows, JSON schemas, requests and the tables of the docs follow from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from msgspec import Meta

from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_twitter.api.vocabulary import Vocabulary

    Schema = dict[str, Any]

COUNT_DIGITS: Final = 18
"""This many digits fit into 64 bits."""

COUNT_TEXT: Final = re.compile(rf"[0-9]{{1,{COUNT_DIGITS}}}", re.ASCII)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a list; a single object counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, dict))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    """A count: an integer by X's specification, a text by its documentation."""
    digits = text(value)
    return int(digits) if digits and COUNT_TEXT.fullmatch(digits) else None


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _objects(value: Any) -> list[dict[str, Any]] | None:
    return [each for each in objects(value) if each] or None


def _texts(value: Any) -> list[str] | None:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None


def _ids(value: Any) -> list[str] | None:
    """Ids, which X has also sent as numbers."""
    items = value if isinstance(value, list) else []
    return [found for each in items if (found := text(each)) is not None] or None


def _numbers(value: Any) -> list[int] | None:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, int)] or None


class ValueType(NamedTuple):
    """The values of a column.

    Attributes:
        schema: Their JSON schema, including null.
        read: Converts whatever X has sent; null for values of another type.
        kind: The documented type, with which `msgspec` checks a whole user at once.
    """

    schema: Schema
    read: Callable[[Any], Any] = text
    kind: Any = None


def list_of(items: Schema) -> Schema:
    """The JSON schema of a list."""
    return {"type": ["array", "null"], "items": items}


def record(**parts: Schema) -> Schema:
    """The JSON schema of an object."""
    return {"type": ["object", "null"], "properties": parts}


def spans(number: Schema, **parts: Schema) -> Schema:
    """The JSON schema of a list of parts of a text: their start, their end, and their content."""
    return list_of(record(start=number, end=number, **parts))


STRING: Final[Schema] = {"type": ["string", "null"]}
MOMENT: Final[Schema] = {**STRING, "format": "date-time"}
INTEGER: Final[Schema] = {"type": ["integer", "null"]}
NUMBER: Final[Schema] = {"type": ["number", "null"]}
BOOLEAN: Final[Schema] = {"type": ["boolean", "null"]}
STRINGS: Final = list_of({"type": "string"})

ENTITIES: Final[Mapping[str, Schema]] = {
    "urls": spans({"type": "integer"}, url=STRING, expanded_url=STRING, display_url=STRING),
    "hashtags": spans({"type": "integer"}, tag=STRING),
    "mentions": spans({"type": "integer"}, username=STRING, id=STRING),
    "cashtags": spans({"type": "integer"}, tag=STRING),
}
"""The entities in the profile of a user, and in a message."""

TEXT: Final = ValueType(STRING, text, str | None)
TIME: Final = ValueType(MOMENT, text, str | None)
DATE: Final = ValueType({**STRING, "format": "date"})
FLAG: Final = ValueType(BOOLEAN, _flag, bool | None)
COUNT: Final = ValueType(INTEGER, _count, Annotated[int, Meta(ge=0, lt=10**COUNT_DIGITS)] | None)
AMOUNT: Final = ValueType(NUMBER, _amount)
TEXTS: Final = ValueType(STRINGS, _texts, list[str] | None)
IDS: Final = ValueType(STRINGS, _ids)
NUMBERS: Final = ValueType(list_of({"type": "integer"}), _numbers)


def object_type(**parts: Schema) -> ValueType:
    """An object of X, unchanged."""
    kind = Annotated[dict[str, Any], Meta(min_length=1)] | None
    return ValueType(record(**parts), _object, kind)


def objects_type(**parts: Schema) -> ValueType:
    """A list of objects of X, unchanged."""
    return ValueType(list_of(record(**parts)), _objects)


OBJECT: Final = object_type()


@dataclass(frozen=True)
class Column:
    """A column of a stream.

    Attributes:
        name: Its name.
        type: The type of its values.
        description: Its meaning.
        is_nullable: Whether a row may have no value.
    """

    name: str
    type: ValueType
    description: str
    is_nullable: bool = field(default=True, kw_only=True)

    @property
    def schema(self) -> Schema:
        """The column's JSON schema."""
        schema = self.type.schema
        kind = schema["type"] if self.is_nullable else schema["type"][0]
        return {**schema, "type": kind, "description": self.description}


@dataclass(frozen=True)
class Field(Column):
    """A column with a field of an object of X, in `tweet` words.

    Attributes:
        part_of: The field that contains it, such as `public_metrics`.
        words: The only vocabulary that has the field; None if both have it.
    """

    part_of: str | None = None
    words: Vocabulary | None = field(default=None, kw_only=True)

    @cached_property
    def key(self) -> str:
        """X's name for it: `organic_metrics` has its own `like_count`, the column a prefix."""
        return self.name.removeprefix((self.part_of or "").removesuffix("metrics"))

    def value(self, found: Mapping[str, Any]) -> Any:
        """The column's value for an object of X."""
        if self.part_of is None:
            return self.type.read(found.get(self.name))
        part = found.get(self.part_of)
        return self.type.read(part.get(self.key)) if isinstance(part, dict) else None


PUBLIC: Final = "public_metrics"
"""The field with the counts of a user or a post, each of which is a column."""


def json_schema(
    title: str, columns: Sequence[Column], required: Sequence[str] | None = None
) -> Schema:
    """The JSON schema of a stream's rows.

    Args:
        title: The stream.
        columns: Its columns.
        required: Names of the columns that every row has; by default those that are never null.
    """
    never_null = [column.name for column in columns if not column.is_nullable]
    return {
        "$schema": "https://json-schema.org/draft-07/schema#",
        "title": title,
        "type": "object",
        "properties": {column.name: column.schema for column in columns},
        "required": never_null if required is None else list(required),
    }


def request_fields(columns: Sequence[Column], words: Vocabulary) -> set[str]:
    """The fields of an object to request from X to fill the columns."""
    fields = (column for column in columns if isinstance(column, Field))
    return {each.part_of or each.name for each in fields if each.words in {None, words}}
