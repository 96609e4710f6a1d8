"""Decoding of RECORD messages to Arrow columns, with types made from the stream's schema.

The types validate values while many lines are decoded at once. Values that they reject, or whose
digits they would lose, are left to the other way, which decides: `decode.RecordDecoder`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from singer_sdk.singerlib.encoding.base import SingerMessageType

from dataset_store.schema import TIMESTAMP, is_json_text
from target_dataset.columns import UnfitError
from target_dataset.json_numbers import as_spelled, exact_number
from target_dataset.messages import RecordMessage, is_deep
from target_dataset.object_types import (
    NoTypeError,
    decoder_of,
    in_order,
    properties_of,
    required_of,
    struct_type,
)
from target_dataset.value_types import ValueType, keywords_of
from target_dataset.versions import version_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from target_dataset.columns import Build
    from target_dataset.record_lines import Lines

    Column = tuple[pa.Field, Build]
    """A property of a record, and the function that converts its values to Arrow."""

_KEYWORDS: Final = frozenset({"type", "properties", "required", "additionalProperties"})
_PLAIN: Final = frozenset(
    {pa.null(), pa.bool_(), pa.int64(), pa.float64(), pa.string(), TIMESTAMP, pa.date32()}
)
_DEEPEST: Final = 80
"""Values with more brackets may be nested deeper than the validator checks."""

_exact_values: Final = msgspec.json.Decoder(float_hook=exact_number).decode_lines
_exact_texts: Final = msgspec.json.Encoder(
    enc_hook=as_spelled, decimal_format="number"
).encode_lines
_texts: Final = msgspec.json.Encoder().encode_lines


class StepAsideError(Exception):
    """These lines must be decoded in the other way."""


class CompiledRecords:
    """Decodes the RECORD messages of one stream.

    Args:
        stream: The stream.
        json_schema: Its JSON schema.
        columns: Its properties.
        keys: The properties that no record may lack.
        sample: A record, if available; others are expected to have its order of properties.

    Raises:
        NoTypeError: Types cannot express the schema, or a column depends on the spelling of its
            numbers.
    """

    def __init__(
        self,
        stream: str,
        json_schema: Mapping[str, Any],
        columns: Sequence[Column],
        keys: Collection[str],
        sample: Mapping[str, Any],
    ) -> None:
        if not keywords_of(json_schema) <= _KEYWORDS:
            raise NoTypeError
        properties = properties_of(json_schema)
        found = {
            field.name: _column(field, build, properties[field.name], sample.get(field.name))
            for field, build in columns
        }
        if any(pa.types.is_floating(field.type) and field.name in keys for field, _ in columns):
            raise NoTypeError
        fields = [(name, found[name][0], None) for name in in_order(properties, sample)]
        record = struct_type("Record", fields, required_of(json_schema) | frozenset(keys))
        self._decode = decoder_of(_message(stream, record)).decode_lines
        place = {name: attrgetter(f"f{number}") for number, (name, *_) in enumerate(fields)}
        self._columns = [(place[field.name], found[field.name][1]) for field, _ in columns]

    def decode(self, groups: Sequence[Lines], *, versioned: bool = False) -> list[pa.Array]:
        """The columns of RECORD messages.

        Args:
            groups: The messages.
            versioned: Whether the columns of `versions` follow those of the records.

        Raises:
            StepAsideError: A line is not a message of this stream, its record is not valid, or the
                content of its columns is not certain.
        """
        if not all(lines.are_closed for lines in groups):
            raise StepAsideError
        count = sum(map(len, groups))
        try:
            # for a single text, join returns the text itself
            messages = self._decode(b"\n".join([lines.text for lines in groups]))
            if len(messages) != count:
                raise StepAsideError
            records = [message.record for message in messages]
            found = [build(list(map(get, records))) for get, build in self._columns]
        except _MISFITS:
            raise StepAsideError from None
        if versioned:
            found += version_columns([message.version for message in messages])
        return found


def _message(stream: str, record: type[msgspec.Struct]) -> type[msgspec.Struct]:
    fields: list[Any] = [
        ("type", Literal[SingerMessageType.RECORD.value]),
        ("stream", Literal[stream]),
        ("record", record),
    ]
    return msgspec.defstruct("Message", fields, bases=(RecordMessage,), gc=False)


def _column(field: pa.Field, build: Build, schema: Any, sample: Any) -> tuple[Any, Build]:
    """The type of a property in a record, and the function that converts its values to a column.

    Raises:
        NoTypeError: There is no such type.
    """
    found = ValueType(schema, sample)
    if is_json_text(field):
        return msgspec.Raw, _JsonColumn(found).build
    is_double = pa.types.is_floating(field.type)
    if field.type not in _PLAIN or (found.takes_fractions and not is_double):
        raise NoTypeError
    return found.type, build


class _JsonColumn:
    """Texts of JSON values in the form of columns.

    Args:
        values: Their type.
    """

    def __init__(self, values: ValueType) -> None:
        self._decode = decoder_of(values.type).decode_lines
        self._is_open = values.is_open

    def build(self, values: Sequence[msgspec.Raw | None]) -> pa.Array:
        """The column of values as spelled in records; None is an absent value."""
        present = [value for value in values if value is not None]
        if not present:
            return pa.nulls(len(values), pa.string())
        if self._is_open and any(map(_may_be_deep, present)):
            raise StepAsideError
        texts = _lines(self._written(b"\n".join(present)))
        is_null = pc.equal(texts, "null")
        if is_null.true_count:
            texts = pc.if_else(is_null, None, texts)
        if len(present) == len(values):
            return texts
        places = iter(range(len(present)))
        return texts.take(
            pa.array([None if value is None else next(places) for value in values], pa.int32())
        )

    def _written(self, text: bytes) -> bytes:
        """The values in the writer's form of JSON; digits of numbers stay."""
        written = _texts(self._decode(text))
        # text that a type writes unchanged has no other form; all other text may have lost digits
        return text if written == text + b"\n" else _exact_texts(_exact_values(text))[:-1]


def _may_be_deep(value: msgspec.Raw) -> bool:
    if len(value) <= _DEEPEST:
        return False
    text = bytes(value)
    has_many_brackets = text.count(b"[") + text.count(b"{") > _DEEPEST
    return has_many_brackets and is_deep(_exact_values(text))


def _lines(text: bytes) -> pa.Array:
    return pc.split_pattern(pa.array([text], pa.string()), "\n").values


_MISFITS: Final = (
    msgspec.MsgspecError,
    pa.ArrowException,
    UnfitError,
    ArithmeticError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Errors of decoding and conversion about values that they do not accept."""
