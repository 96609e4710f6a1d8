"""Records as they stand in the input, into Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from dataset_store.columns import column_names
from dataset_store.schema import YIELDS_TO_TEXT, Nested, arrow_schema
from target_dataset.columns import UnfitError, builder, key_builder
from target_dataset.compiled_records import CompiledRecords, StepAsideError
from target_dataset.errors import (
    InputError,
    InvalidRecordError,
    MissingKeyError,
    conflicts_of,
    record_at,
)
from target_dataset.json_numbers import exact_number
from target_dataset.object_types import NoTypeError
from target_dataset.record_lines import read_records, sample_of
from target_dataset.stored_types import as_stored
from target_dataset.validation import RecordValidator

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from typing_extensions import Buffer

    from target_dataset.columns import Build
    from target_dataset.errors import Place
    from target_dataset.record_lines import Lines

    Record = dict[str, Any]

_RECORDS: Final = msgspec.json.Decoder(list[dict[str, Any]], float_hook=exact_number)
_TEXTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder(float_hook=exact_number)
_NO_COLUMNS: Final = pa.schema([])
FEWEST_AT_ONCE: Final = 50
"""To make types of a schema, and to use them, takes the time of some records."""

_MAX_FAILURES: Final = 5
"""How often in a row lines may fail to be decoded at once until it is not tried any more."""

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class RecordDecoder:
    """Checks and converts the records of one stream, many at a time.

    Columns that a record lacks become null; what its schema does not name is dropped.

    Args:
        stream: The stream's name, for messages.
        json_schema: Its JSON schema.
        keys: Its key properties.
        nested: How objects and arrays are stored.
        validate: Whether the JSON schema is enforced.
        null_dates: Whether text that is no date becomes null.
        stored: The columns that its dataset has by now, whose names and types are kept.
        computed: The properties that expressions of stream maps give; their types are guesses.

    Raises:
        InputError: The schema is not valid, or a key is not among its properties.
        SchemaConflictError: No columns can hold its records.
    """

    def __init__(  # noqa: PLR0913 - three are switches
        self,
        stream: str,
        json_schema: dict[str, Any],
        keys: Sequence[str] = (),
        *,
        nested: Nested = "json",
        validate: bool = True,
        null_dates: bool = False,
        stored: pa.Schema = _NO_COLUMNS,
        computed: Collection[str] = (),
    ) -> None:
        self._stream = stream
        self._validator = RecordValidator(stream, json_schema) if validate else None
        with conflicts_of(f"Stream {stream!r}"):
            fields = arrow_schema(json_schema, nested=nested)
        columns = column_names(fields.names, stored.names)
        for key in keys:
            if key not in columns:
                message = f"Stream {stream!r}: its key {key!r} is not among its properties"
                raise InputError(message)
        known = {field.name: field for field in stored}
        fields = [as_stored(field, known.get(columns[field.name], field)) for field in fields]
        self._keys = keys
        self.keys = [columns[key] for key in keys]
        self.schema = pa.schema(
            [
                _guessed(field, is_guess=field.name in computed).with_name(columns[field.name])
                for field in fields
            ]
        )
        self._json_schema = json_schema
        self._unmapped = fields
        self._compiled: CompiledRecords | None = None
        self._failures = 0
        self.takes_lines = not computed
        """Whether lines are worth being decoded at once."""
        self._builders = [
            (field.name, _blaming_maps(build) if field.name in computed else build)
            for field in fields
            for make in [key_builder if field.name in keys else builder]
            for build in [make(field, null_dates=null_dates)]
        ]

    def decode(self, records: Sequence[Buffer], places: Sequence[Place]) -> pa.RecordBatch:
        """Convert records, each given as JSON.

        Args:
            records: JSON objects.
            places: Where each stands, for messages.

        Raises:
            InputError: One is not valid or does not fit its columns.
        """
        try:
            return self._batch(_RECORDS.decode(b"[" + b",".join(records) + b"]"))
        except (*_UNREADABLE, UnfitError, InputError):
            return self._batch(
                [
                    self._checked(record, record_at(place, self._stream))
                    for record, place in zip(records, places, strict=True)
                ]
            )

    def decode_lines(self, groups: Sequence[Lines]) -> pa.RecordBatch:
        """Convert the records of RECORD messages.

        Args:
            groups: The messages, all with heads of this stream.

        Raises:
            InputError: A line is no such message, or a record is not valid or does not fit its
                columns.
        """
        found = self.decoded_at_once(groups)
        if found is not None:
            return found
        places, messages = zip(*read_records(groups), strict=True)
        return self.decode([message.record for message in messages], places)

    def decoded_at_once(self, groups: Sequence[Lines]) -> pa.RecordBatch | None:
        """The same by types that are made from the schema; None where these are not certain."""
        if not self.takes_lines or sum(map(len, groups)) < FEWEST_AT_ONCE:
            return None
        try:
            if self._compiled is None:
                self._compiled = self._compile(groups[0])
            found = self._compiled.decode(groups)
        except NoTypeError:
            self.takes_lines = False
            return None
        except StepAsideError:
            self._failures += 1
            self.takes_lines = self._failures < _MAX_FAILURES
            return None
        self._failures = 0
        return pa.RecordBatch.from_arrays(found, schema=self.schema)

    def _compile(self, lines: Lines) -> CompiledRecords:
        columns = [
            (field, build) for field, (_, build) in zip(self._unmapped, self._builders, strict=True)
        ]
        return CompiledRecords(
            self._stream, self._json_schema, columns, self._keys, sample_of(lines)
        )

    def _checked(self, record: Buffer, where: str) -> Record:
        """One record by itself, so that the error tells which it is and what is wrong with it."""
        try:
            found = _value_by_value(record)
            self._batch([found])
        except UnfitError as error:
            message = f"{where}: {error}"
            raise InvalidRecordError(message) from None
        except InputError as error:
            message = f"{where}: {error}"
            raise type(error)(message) from None
        return found

    def _batch(self, records: list[Record]) -> pa.RecordBatch:
        self._validate(records)
        for key in self._keys:
            if not all(key in record for record in records):
                message = f"the record lacks the key property {key!r}"
                raise MissingKeyError(message)
        return pa.RecordBatch.from_arrays(
            [build([record.get(name) for record in records]) for name, build in self._builders],
            schema=self.schema,
        )

    def _validate(self, records: list[Record]) -> None:
        if self._validator and not self._validator.are_valid(records):
            invalid = next(record for record in records if not self._validator.is_valid(record))
            raise InvalidRecordError(self._validator.reason(invalid))


def _guessed(field: pa.Field, *, is_guess: bool) -> pa.Field:
    metadata = {**(field.metadata or {}), **(YIELDS_TO_TEXT if is_guess else {})}
    return field.with_metadata(metadata) if metadata else field


def _blaming_maps(build: Build) -> Build:
    """The builder of a computed column, whose errors name the setting that is at fault."""

    def build_computed(values: Sequence[Any]) -> pa.Array:
        try:
            return build(values)
        except UnfitError as error:
            message = (
                f"{error}; `stream_maps` computes it: correct the expression, or wrap it in str()"
            )
            raise UnfitError(message) from None

    return build_computed


def _value_by_value(record: Buffer) -> Record:
    """A record, read so that the error names the column."""
    try:
        texts = _TEXTS.decode(record)
    except _UNREADABLE as error:
        message = f"the record is not valid: {_reason(error, record)}"
        raise UnfitError(message) from None
    return {name: _value(name, text) for name, text in texts.items()}


def _value(name: str, text: msgspec.Raw) -> Any:
    try:
        return _VALUE.decode(text)
    except _UNREADABLE as error:
        message = f"column {name!r}: {_reason(error, text)}"
        raise UnfitError(message) from None


def _reason(error: Exception, text: Buffer) -> str:
    """Why JSON cannot be read, without where in it, which is a place of no file that users have.

    Whether it is UTF-8 is asked of Python: releases of msgspec raise different errors with
    different words for it.
    """
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).partition(" - at ")[0].partition(" (byte")[0]
