"""Decoding of records from the input into Arrow."""

from __future__ import annotations

from functools import partial
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
from target_dataset.versions import FIELDS, version_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

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
"""The minimum number of records at once: making and using types takes the time of some records."""

_MAX_FAILURES: Final = 5
"""After so many failures in a row, lines are no longer decoded at once."""

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class RecordDecoder:
    """Validates and converts the records of one stream in bulk.

    Columns missing from a record become null; properties missing from its schema are dropped.

    Args:
        stream: The stream's name, for messages.
        json_schema: Its JSON schema.
        keys: Its key properties.
        nested: How objects and arrays are stored.
        validate: Whether to validate against the JSON schema.
        null_dates: Whether text that is not a date becomes null.
        stored: The current columns of its dataset, whose names and types are kept.
        computed: The properties computed by stream maps; their types are guesses.
        versioned: Whether rows have the columns of `versions`, too.

    Attributes:
        stream: The stream's name.

    Raises:
        InputError: The schema is not valid, or a key is not among its properties.
        SchemaConflictError: No columns can hold its records.
    """

    def __init__(  # noqa: PLR0913 - four are switches
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
        versioned: bool = False,
    ) -> None:
        self.stream = stream
        self._made_of = partial(
            RecordDecoder,
            stream,
            json_schema,
            keys,
            nested=nested,
            validate=validate,
            null_dates=null_dates,
            stored=stored,
            computed=computed,
            versioned=versioned,
        )
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
            + list(FIELDS if versioned else ())
        )
        self._versioned = versioned
        self._json_schema = json_schema
        self._unmapped = fields
        self._compiled: CompiledRecords | None = None
        self._failures = 0
        self.takes_lines = not computed
        """Whether decoding lines at once is worthwhile."""
        self._builders = [
            (field.name, _blaming_maps(build) if field.name in computed else build)
            for field in fields
            for make in [key_builder if field.name in keys else builder]
            for build in [make(field, null_dates=null_dates)]
        ]

    def __reduce__(self) -> tuple[Callable[[], RecordDecoder], tuple[()]]:
        """What it was made of, which makes an equal one in another process."""
        return self._made_of, ()

    def decode(
        self,
        records: Sequence[Buffer],
        places: Sequence[Place],
        versions: Sequence[int | None] | None = None,
    ) -> pa.RecordBatch:
        """Convert records given as JSON.

        Args:
            records: JSON objects.
            places: The place of each, for messages.
            versions: The version of each; None if no record has any.

        Raises:
            InputError: A record is not valid or does not fit its columns.
        """
        versions = versions or [None] * len(records)
        try:
            return self._batch(_RECORDS.decode(b"[" + b",".join(records) + b"]"), versions)
        except (*_UNREADABLE, UnfitError, InputError):
            return self._batch(
                [
                    self._checked(record, record_at(place, self.stream))
                    for record, place in zip(records, places, strict=True)
                ],
                versions,
            )

    def decode_lines(self, groups: Sequence[Lines]) -> pa.RecordBatch:
        """Convert the records of RECORD messages.

        Args:
            groups: The messages, all with heads of this stream.

        Raises:
            InputError: A line is not such a message, or a record is not valid or does not fit its
                columns.
        """
        found = self.decoded_at_once(groups)
        if found is not None:
            return found
        places, messages = zip(*read_records(groups), strict=True)
        records, versions = zip(*((each.record, each.version) for each in messages), strict=True)
        return self.decode(records, places, versions)

    def decoded_at_once(self, groups: Sequence[Lines]) -> pa.RecordBatch | None:
        """The same, with types made from the schema; None if the result is not certain."""
        if not self.takes_lines or sum(map(len, groups)) < FEWEST_AT_ONCE:
            return None
        try:
            if self._compiled is None:
                self._compiled = self._compile(groups[0])
            found = self._compiled.decode(groups, versioned=self._versioned)
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
            self.stream, self._json_schema, columns, self._keys, sample_of(lines)
        )

    def _checked(self, record: Buffer, where: str) -> Record:
        """Decode one record separately, so that the error names its place and the reason."""
        try:
            found = _value_by_value(record)
            self._batch([found], [None])
        except UnfitError as error:
            message = f"{where}: {error}"
            raise InvalidRecordError(message) from None
        except InputError as error:
            message = f"{where}: {error}"
            raise type(error)(message) from None
        return found

    def _batch(self, records: list[Record], versions: Sequence[int | None]) -> pa.RecordBatch:
        self._validate(records)
        for key in self._keys:
            if not all(key in record for record in records):
                message = f"the record lacks the key property {key!r}"
                raise MissingKeyError(message)
        found = [build([record.get(name) for record in records]) for name, build in self._builders]
        if self._versioned:
            found += version_columns(versions)
        return pa.RecordBatch.from_arrays(found, schema=self.schema)

    def _validate(self, records: list[Record]) -> None:
        if self._validator and not self._validator.are_valid(records):
            invalid = next(record for record in records if not self._validator.is_valid(record))
            raise InvalidRecordError(self._validator.reason(invalid))


def _guessed(field: pa.Field, *, is_guess: bool) -> pa.Field:
    metadata = {**(field.metadata or {}), **(YIELDS_TO_TEXT if is_guess else {})}
    return field.with_metadata(metadata) if metadata else field


def _blaming_maps(build: Build) -> Build:
    """The builder of a computed column; its errors name the setting to fix."""

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
    """Parse a record so that errors name the column."""
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
    """Why JSON cannot be parsed, without the position, which users cannot find in any file.

    Python checks whether it is UTF-8: releases of msgspec raise different errors with
    different messages for it.
    """
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).partition(" - at ")[0].partition(" (byte")[0]
