"""Exact decimals in datasets that store them as doubles or text, as earlier builds did."""

from __future__ import annotations

import pyarrow as pa

from dataset_store.schema import JSON_TEXT, is_json_text, is_null_only


def as_stored(new: pa.Field, stored: pa.Field) -> pa.Field:
    """The field of new values, with decimals as the doubles or text that the dataset has.

    Values are then read from the input as such: text keeps the spelling of stored keys, and
    keys are checked as doubles.

    Args:
        new: A field of new rows.
        stored: The same field in their dataset.
    """
    if pa.types.is_decimal(new.type):
        return _decimal_as_stored(new, stored)
    if pa.types.is_struct(new.type) and pa.types.is_struct(stored.type):
        known = {field.name: field for field in stored.type}
        return new.with_type(
            pa.struct([as_stored(part, known.get(part.name, part)) for part in new.type])
        )
    if pa.types.is_list(new.type) and pa.types.is_list(stored.type):
        return new.with_type(pa.list_(as_stored(new.type.value_field, stored.type.value_field)))
    return new


def _decimal_as_stored(new: pa.Field, stored: pa.Field) -> pa.Field:
    if pa.types.is_floating(stored.type):
        return new.with_type(pa.float64())
    if not pa.types.is_string(stored.type) or is_null_only(stored):
        return new
    return pa.field(new.name, pa.string(), metadata=JSON_TEXT if is_json_text(stored) else None)
