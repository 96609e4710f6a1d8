"""The merge of stored and new columns: additions, wider types, and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import pyarrow as pa

from dataset_store.columns import check_columns
from dataset_store.errors import SchemaConflictError, TypeConflictError
from dataset_store.schema import (
    JSON_TEXT,
    MIXED_TEXT,
    TIMESTAMP,
    YIELDS_TO_TEXT,
    is_json_text,
    is_mixed_text,
    is_null_only,
    type_name,
    yields_to_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Conflicts = Literal["error", "text"]
"""How to handle a column whose stored and new types contradict each other: an error, or text."""


class Contradiction(NamedTuple):
    """Two types that only a text column can hold."""

    column: str
    stored: str
    new: str

    def __str__(self) -> str:
        return f"Column {self.column!r} holds {self.stored}, but the new rows hold {self.new}"


def widen(
    old: pa.Schema,
    new: pa.Schema,
    *,
    conflicts: Conflicts = "error",
    found: list[Contradiction] | None = None,
) -> pa.Schema:
    """The schema that holds the rows of both: the old columns in their order, then the new ones.

    Integers widen to longer integers, decimals and doubles, floats to doubles, decimals to longer
    decimals, dates to timestamps, structs by their fields and lists by their elements. A column
    that holds only nulls takes any type. JSON text holds values of every type. Text stays text if
    JSON text comes.

    With `conflicts="text"`, a column or a field of a struct becomes text if its types contradict
    each other (`MIXED_TEXT`); JSON text if both are objects, arrays or JSON. A list or map whose
    elements contradict each other becomes JSON text as a whole.

    Args:
        old: The stored columns.
        new: The columns of new rows.
        conflicts: How to handle contradictions.
        found: Collects those that became text.

    Raises:
        TypeConflictError: A column's types have nothing in common.
        SchemaConflictError: Two names differ only by case.
    """
    fields = {field.name: field for field in old}
    widening = _Widening(conflicts, [] if found is None else found)
    for field in new:
        stored = fields.get(field.name)
        fields[field.name] = (
            widening.field(stored, field, field.name) if stored else _without_hint(field)
        )
    check_columns(fields, "The dataset with the new columns")
    return pa.schema(list(fields.values()))


def _without_hint(field: pa.Field) -> pa.Field:
    metadata = field.metadata or {}
    return field.with_metadata({k: v for k, v in metadata.items() if k not in YIELDS_TO_TEXT})


class _Widening:
    """Merges fields, and collects contradictions.

    Args:
        conflicts: How to handle contradictions.
        found: Collects those that became text.
    """

    def __init__(self, conflicts: Conflicts, found: list[Contradiction]) -> None:
        self._conflicts = conflicts
        self._found = found

    def field(self, old: pa.Field, new: pa.Field, path: str) -> pa.Field:
        """The field that holds the values of both."""
        before = len(self._found)
        try:
            return self._element(old, new, path)
        except SchemaConflictError:
            if self._conflicts == "error":
                raise
            del self._found[before:]
            self._found.append(Contradiction(path, type_name(old), type_name(new)))
            is_json = _is_json(old) and _is_json(new)
            return _marked(old, JSON_TEXT if is_json else MIXED_TEXT)

    def _element(self, old: pa.Field, new: pa.Field, path: str) -> pa.Field:
        """The same for an element of a list or a map; Delta Lake keeps no mark of elements."""
        if is_null_only(new) or is_json_text(old) or is_mixed_text(old):
            return old
        if is_null_only(old):
            return _without_hint(new.with_name(old.name))
        if pa.types.is_string(old.type):
            return self._beside_text(old, new, path)
        if _is_list_of_nulls(old) and is_json_text(new):
            return _marked(old, JSON_TEXT)
        return old.with_type(self._type(old, new, path))

    def _beside_text(self, old: pa.Field, new: pa.Field, path: str) -> pa.Field:
        if is_mixed_text(new):
            return _marked(old, MIXED_TEXT)
        if pa.types.is_string(new.type) or yields_to_text(new):
            return old
        raise _conflict(old, new, path)

    def _type(self, old: pa.Field, new: pa.Field, path: str) -> pa.DataType:
        for test, join in _NESTED.items():
            if test(old.type) and test(new.type):
                return join(self, old.type, new.type, path)
        if old.type == new.type:
            return old.type
        for test, wider in _NUMBERS:
            if test(old.type) and test(new.type):
                return wider(old, new, path)
        order = [old.type, new.type] if _can_become(old.type, new.type) else [new.type, old.type]
        if _can_become(*order):
            return order[1]
        raise _conflict(old, new, path)

    def struct(self, old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
        """The struct of the fields of both."""
        fields = {field.name: field for field in old}
        for field in new:
            stored = fields.get(field.name)
            fields[field.name] = (
                self.field(stored, field, f"{path}.{field.name}") if stored else field
            )
        check_columns(fields, f"Column {path!r}")
        return pa.struct(list(fields.values()))

    def list(self, old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
        """The list of the elements of both."""
        return pa.list_(self._element(old.value_field, new.value_field, f"{path}[]"))

    def map(self, old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
        """The map of the entries of both."""
        if old.key_type != new.key_type:
            raise _conflict(pa.field("", old), pa.field("", new), path)
        return pa.map_(old.key_field, self._element(old.item_field, new.item_field, f"{path}[]"))


_NESTED: Final[
    Mapping[
        Callable[[pa.DataType], bool],
        Callable[[_Widening, pa.DataType, pa.DataType, str], pa.DataType],
    ]
] = {
    pa.types.is_struct: _Widening.struct,
    pa.types.is_list: _Widening.list,
    pa.types.is_map: _Widening.map,
}


def _marked(field: pa.Field, mark: Mapping[bytes, bytes]) -> pa.Field:
    return field.with_type(pa.string()).with_metadata({**(field.metadata or {}), **mark})


def _is_json(field: pa.Field) -> bool:
    return bool(pa.types.is_nested(field.type)) or is_json_text(field)


def _is_list_of_nulls(field: pa.Field) -> bool:
    return bool(pa.types.is_list(field.type)) and is_null_only(field.type.value_field)


def _conflict(old: pa.Field, new: pa.Field, path: str) -> TypeConflictError:
    found = Contradiction(path, type_name(old), type_name(new))
    return TypeConflictError(f"{found}; neither type can become the other")


def _can_become(narrow: pa.DataType, wide: pa.DataType) -> bool:
    if pa.types.is_float64(wide):
        return bool(pa.types.is_integer(narrow) or pa.types.is_floating(narrow))
    return bool(pa.types.is_date32(narrow) and wide == TIMESTAMP)


def _stored_zone(old: pa.Field, _new: pa.Field, _path: str) -> pa.DataType:
    # tables of other programs may hold times without a zone; times added to them are UTC
    return old.type


def _wider_integer(old: pa.Field, new: pa.Field, _path: str) -> pa.DataType:
    return max(old.type, new.type, key=lambda data_type: data_type.bit_width)


def _wider_decimal(old: pa.Field, new: pa.Field, path: str) -> pa.DataType:
    digits = [_digits(each.type) for each in (old, new)]
    whole, scale = (max(counts) for counts in zip(*digits, strict=True))
    if whole + scale > pa.decimal128(38).precision:
        found = Contradiction(path, type_name(old), type_name(new))
        message = f"{found}; together they exceed 38 digits"
        raise TypeConflictError(message)
    return pa.decimal128(whole + scale, scale)


def _digits(data_type: pa.DataType) -> tuple[int, int]:
    """The digits of the type's values before and after the point."""
    if pa.types.is_integer(data_type):
        return _INTEGER_DIGITS[data_type.bit_width], 0
    return data_type.precision - data_type.scale, data_type.scale


def _is_exact(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(data_type) or pa.types.is_decimal128(data_type))


_INTEGER_DIGITS: Final = {8: 3, 16: 5, 32: 10, 64: 19}

_NUMBERS: Final[
    tuple[
        tuple[Callable[[pa.DataType], bool], Callable[[pa.Field, pa.Field, str], pa.DataType]], ...
    ]
] = (
    (pa.types.is_integer, _wider_integer),
    (pa.types.is_timestamp, _stored_zone),
    (_is_exact, _wider_decimal),
)
