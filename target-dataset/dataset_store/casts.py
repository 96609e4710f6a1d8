"""Lossless casts of values to the type of another column.

Each type has one spelling as text: numbers by their digits, times as ISO 8601 in UTC, dates as ISO
8601, booleans as `true` and `false`, bytes as Base64, objects and arrays as JSON.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.errors import SchemaConflictError
from dataset_store.schema import is_json_text, is_null_only, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_decode: Final = msgspec.json.Decoder(str).decode


def cast(values: pa.ChunkedArray, source: pa.Field, target: pa.Field) -> pa.ChunkedArray:
    """Cast values to the target's type and spelling.

    Args:
        values: Values of the source's type, or of a type stored as it.
        source: Their field; its metadata gives the content of text.
        target: The field to cast to.

    Raises:
        SchemaConflictError: A value does not fit exactly.
    """
    respelled = _needs_respelling(source, target)
    if values.type == target.type and not respelled:
        return values
    try:
        if not respelled:
            return values.cast(target.type)
        chunks = values.cast(source.type).chunks
        return pa.chunked_array([_cast(each, source, target) for each in chunks], target.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # the cause would show the value
        message = (
            f"Column {target.name!r} holds {type_name(target)}, which cannot hold a value of type "
            f"{type_name(source)} exactly"
        )
        raise SchemaConflictError(message) from None


def _needs_respelling(source: pa.Field, target: pa.Field) -> bool:
    """Whether Arrow's own cast is not sufficient, at any level."""
    if is_null_only(source):
        return bool(source.type != target.type)
    if pa.types.is_string(target.type):
        return not pa.types.is_string(source.type) or is_json_text(source) != is_json_text(target)
    return any(_needs_respelling(*pair) for pair in inner_fields(source.type, target.type))


def inner_fields(source: pa.DataType, target: pa.DataType) -> Iterable[tuple[pa.Field, pa.Field]]:
    """The matching pairs of fields inside two types."""
    if pa.types.is_struct(source) and pa.types.is_struct(target):
        old = {field.name: field for field in source}
        return [(old[field.name], field) for field in target if field.name in old]
    if is_list(source) and is_list(target):
        return [(source.value_field, target.value_field)]
    if pa.types.is_map(source) and pa.types.is_map(target):
        return [(source.item_field, target.item_field)]
    return ()


def is_list(data_type: pa.DataType) -> bool:
    """Whether values are lists, of 32-bit or 64-bit offsets."""
    return bool(pa.types.is_list(data_type) or pa.types.is_large_list(data_type))


def _cast(values: pa.Array, source: pa.Field, target: pa.Field) -> pa.Array:
    if not _needs_respelling(source, target):
        return values.cast(target.type)
    if values.null_count == len(values):
        return pa.nulls(len(values), target.type)
    if pa.types.is_string(target.type):
        return _respelled(values, source, target)
    for test, cast_nested in _NESTED:
        if test(source.type):
            return cast_nested(values, source.type, target.type)
    # text in a column without a type: another program wrote it
    raise pa.ArrowInvalid


def _respelled(values: pa.Array, source: pa.Field, target: pa.Field) -> pa.Array:
    if is_json_text(target):
        return as_json(values, source)
    return _unquoted(values) if is_json_text(source) else as_text(values, source)


def _cast_struct(values: pa.Array, source: pa.DataType, target: pa.DataType) -> pa.Array:
    inside = dict(zip([field.name for field in source], values.flatten(), strict=True))
    parts = [
        _cast(inside[field.name], source.field(field.name), field)
        if field.name in inside
        else pa.nulls(len(values), field.type)
        for field in target
    ]
    return pa.StructArray.from_arrays(parts, fields=list(target), mask=values.is_null())


def _cast_list(values: pa.Array, source: pa.DataType, target: pa.DataType) -> pa.Array:
    elements = _cast(values.flatten(), source.value_field, target.value_field)
    return pa.ListArray.from_arrays(_offsets(values), elements, target, mask=values.is_null())


def _cast_map(values: pa.Array, source: pa.DataType, target: pa.DataType) -> pa.Array:
    maps = values.to_pylist()
    items = pa.array([item for each in maps for _, item in each or ()], source.item_type)
    left = iter(_cast(items, source.item_field, target.item_field).to_pylist())
    return pa.array(
        [None if each is None else [(key, next(left)) for key, _ in each] for each in maps], target
    )


_NESTED: Final[
    tuple[
        tuple[
            Callable[[pa.DataType], bool],
            Callable[[pa.Array, pa.DataType, pa.DataType], pa.Array],
        ],
        ...,
    ]
] = (
    (pa.types.is_struct, _cast_struct),
    (is_list, _cast_list),
    (pa.types.is_map, _cast_map),
)


def _offsets(values: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(values), 0)
    ends = pc.cumulative_sum(lengths).cast(pa.int32())
    return pa.concat_arrays([pa.array([0], pa.int32()), ends])


def as_text(values: pa.Array, field: pa.Field) -> pa.Array:
    """The values as plain text.

    Args:
        values: Any values except JSON text.
        field: Their field.
    """
    if pa.types.is_string(field.type):
        return values
    if pa.types.is_floating(field.type):
        return _float_texts(values)
    if pa.types.is_integer(field.type) or pa.types.is_decimal(field.type):
        return values.cast(pa.string())
    return _unquoted(as_json(values, field))


def _float_texts(values: pa.Array) -> pa.Array:
    """The shortest digits of the number, with an exponent as in JSON and zero without a sign."""
    texts = pc.replace_substring(values.cast(pa.string()), "e+", "e")
    return pc.if_else(pc.equal(texts, "-0"), "0", texts)


def as_json(values: pa.Array, field: pa.Field) -> pa.Array:
    """The values as JSON text.

    Args:
        values: Any values.
        field: Their field; text that is JSON stays unchanged, also inside others.
    """
    if is_json_text(field):
        return values
    if pa.types.is_integer(field.type) or pa.types.is_decimal(field.type):
        return values.cast(pa.string())
    if pa.types.is_floating(field.type):
        return pc.if_else(pc.is_finite(values), _float_texts(values), None)
    texts = (
        None if value is None else _encode(value).decode() for value in _json_values(values, field)
    )
    return pa.array(texts, pa.string())


def _json_values(values: pa.Array, field: pa.Field) -> list[Any]:
    """Values for the encoder, with numbers and JSON text in their final spelling."""
    if pa.types.is_struct(field.type):
        names = [part.name for part in field.type]
        parts = zip(*map(_json_values, values.flatten(), field.type), strict=True)
        rows = [dict(zip(names, part, strict=True)) for part in parts]
        return [row if valid else None for row, valid in _with_validity(rows, values)]
    if is_list(field.type):
        inner = _json_values(values.flatten(), field.type.value_field)
        lists = [inner[start:end] for start, end in pairwise(_offsets(values).to_pylist())]
        return [each if valid else None for each, valid in _with_validity(lists, values)]
    if is_json_text(field) or pa.types.is_floating(field.type):
        texts = as_json(values, field).to_pylist()
        return [None if text is None else msgspec.Raw(text.encode()) for text in texts]
    if pa.types.is_map(field.type):
        return values.to_pylist(maps_as_pydicts="strict")  # type: ignore[no-any-return]
    return values.to_pylist()  # type: ignore[no-any-return]


def _with_validity(rows: list[Any], values: pa.Array) -> Iterable[tuple[Any, bool]]:
    return zip(rows, values.is_valid().to_pylist(), strict=True)


def _unquoted(values: pa.Array) -> pa.Array:
    """JSON text as plain text: strings unquoted, everything else as its JSON."""
    texts = (
        _decode(text) if text is not None and text.startswith('"') else text
        for text in values.to_pylist()
    )
    return pa.array(texts, pa.string())
