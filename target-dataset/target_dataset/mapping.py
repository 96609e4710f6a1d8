"""Stream maps and flattening: the SDK's, with one-line errors instead of tracebacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.exceptions import MappingError
from singer_sdk.helpers._flattening import FlatteningOptions
from singer_sdk.mapper import (
    MAPPER_SOURCE_OPTION,
    NULL_STRING,
    PluginMapper,
    RemoveRecordTransform,
    SameRecordTransform,
)

from dataset_store.references import without_references
from target_dataset.columns import UnfitError
from target_dataset.errors import InputError, InvalidRecordError, MapError, record_at
from target_dataset.expressions import type_of
from target_dataset.flattening import Flattening
from target_dataset.map_names import MapNames, is_about
from target_dataset.messages import MalformedError, json_object
from target_dataset.validation import RecordValidator

if TYPE_CHECKING:
    import logging
    from collections.abc import Collection, Mapping, Sequence

    from singer_sdk.mapper import StreamMap

    from target_dataset.errors import Place
    from target_dataset.messages import RecordMessage

_SDC: Final = "_sdc_"


@dataclass(frozen=True, slots=True)
class Output:
    """An output stream of a stream; stream maps may create several."""

    stream_map: StreamMap
    flattening: Flattening | None
    computed: frozenset[str]
    """The columns computed by expressions."""

    @property
    def alias(self) -> str:
        """The name of the output stream."""
        return str(self.stream_map.stream_alias)

    def mapped(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """The mapped record; None if it is filtered out.

        Raises:
            UnfitError: The record cannot be flattened.
        """
        found = self.stream_map.transform(dict(record))
        if found is None or self.flattening is None:
            return found
        return self.flattening.flattened(found)


class Mapper(PluginMapper):
    """Maps streams before they reach their sinks.

    Records are validated as the tap sends them, since the SDK guesses the types of mapped ones.

    Args:
        config: The target's settings.
        logger: Receives the SDK's messages about maps.
    """

    def __init__(self, config: dict[str, Any], logger: logging.Logger) -> None:
        super().__init__(config, logger)
        options = self.flattening_options
        self._flattening = options if options.enabled and options.max_level > 0 else None
        self.flattening_options = FlatteningOptions(enabled=False)
        self._validates = bool(config["validate_records"])
        self._raw: dict[str, dict[str, Any]] = {}
        self._validators: dict[str, RecordValidator] = {}
        self._outputs: dict[str, list[Output]] = {}
        self._names = MapNames(self.stream_maps_dict)

    def prepared(self, stream: str, schema: dict[str, Any]) -> dict[str, Any]:
        """A stream's schema for stream maps and flattening, with its references resolved.

        Raises:
            SchemaConflictError: There are too many references, or they are nested too deeply.
        """
        self._raw[stream] = schema
        self._validators.pop(stream, None)
        return dict(without_references(schema)) if self._changes_streams else schema

    @property
    def _changes_streams(self) -> bool:
        return bool(self.stream_maps_dict) or self._flattening is not None

    def register_raw_stream_schema(
        self, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        """Add a stream, or its new schema.

        Raises:
            InputError: Its stream maps do not match it, or it cannot be flattened.
        """
        try:
            super().register_raw_stream_schema(stream_name, schema, key_properties)
            self._outputs[stream_name] = self._outputs_of(stream_name, schema)
        except (MappingError, NotImplementedError) as error:
            message = f"Stream {stream_name!r}, setting 'stream_maps': {error}"
            raise MapError(message) from None
        except ValueError as error:
            message = (
                f"Stream {stream_name!r}: it cannot be flattened ({error}); set "
                "`flattening_separator` to a string that occurs in none of its names"
            )
            raise InputError(message) from None
        except (AttributeError, LookupError, TypeError) as error:
            message = (
                f"Stream {stream_name!r}: stream maps and flattening cannot process its SCHEMA "
                f"({type(error).__name__}); is it a valid JSON schema?"
            )
            raise InputError(message) from None

    def _outputs_of(self, stream: str, schema: Mapping[str, Any]) -> list[Output]:
        self._names.saw(stream, schema.get("properties", {}))
        expressions = self._expressions(stream)
        return [
            self._output(stream, stream_map, found, schema.get("properties", {}))
            for stream_map, found in zip(self.stream_maps[stream], expressions, strict=True)
            if not isinstance(stream_map, RemoveRecordTransform)
        ]

    def _expressions(self, stream: str) -> list[Mapping[str, str]]:
        """The expressions of each of the stream's maps, by property, in the SDK's order."""
        own: Any = {}
        others: list[Any] = []
        for name, definition in self.stream_maps_dict.items():
            options = definition if isinstance(definition, dict) else {}
            if is_about(options.get(MAPPER_SOURCE_OPTION, name), stream):
                if MAPPER_SOURCE_OPTION in options:
                    others.append(options)
                else:
                    own = options
        return [
            {
                name: value
                for name, value in options.items()
                if isinstance(value, str) and value != NULL_STRING and not name.startswith("__")
            }
            for options in (own, *others)
        ]

    def _output(
        self,
        stream: str,
        stream_map: StreamMap,
        expressions: Mapping[str, str],
        properties: Mapping[str, Any],
    ) -> Output:
        types = {name: type_of(text, properties, name) for name, text in expressions.items()}
        known = {name: found for name, found in types.items() if found is not None}
        schema = stream_map.transformed_schema
        schema = {**schema, "properties": {**schema.get("properties", {}), **known}}
        flattening = None
        if self._flattening:
            flattening = Flattening(stream, schema, self._flattening)
            schema = flattening.schema
        if known or flattening:
            stream_map.transformed_schema = schema
        return Output(stream_map, flattening, frozenset(expressions))

    def of(self, stream: str) -> list[Output] | None:
        """The outputs of the stream, empty if a map removes it; None before its SCHEMA."""
        return self._outputs.get(stream)

    def computed(self, alias: str) -> Collection[str]:
        """The columns of a mapped stream that expressions compute."""
        outputs = (each for found in self._outputs.values() for each in found)
        return next((each.computed for each in outputs if each.alias == alias), frozenset())

    def warnings(self) -> list[str]:
        """Parts of `stream_maps` that had no effect in this run, one line each."""
        return self._names.warnings()

    def properties(self, stream: str) -> Collection[str]:
        """The names of the properties in the stream's SCHEMA, before any map."""
        # the SDK's maps delete removed ones from their schema
        names: Collection[str] = self._raw[stream]["properties"].keys()
        return names

    def is_identity(self, stream: str) -> bool:
        """Whether the stream's records pass unchanged and hold none of the SDK's own columns."""
        stream_maps = self.stream_maps.get(stream, ())
        return (
            len(stream_maps) == 1
            and isinstance(stream_maps[0], SameRecordTransform)
            and self._flattening is None
            and stream_maps[0].raw_schema == self._raw[stream]
            and not any(name.startswith(_SDC) for name in self._raw[stream]["properties"])
        )

    def checked(self, message: RecordMessage, place: Place) -> dict[str, Any]:
        """Parse and validate a record as its tap sent it.

        Raises:
            InvalidRecordError: It is not an object, or its stream's SCHEMA rejects it.
        """
        try:
            record = json_object(bytes(message.record))
        except MalformedError as error:
            reason = f"the record is not valid: {error}"
        else:
            validator = self._validator(message.stream)
            if validator is None or validator.is_valid(record):
                return record
            reason = validator.reason(record)
        refused = f"{record_at(place, message.stream)}: {reason}"
        raise InvalidRecordError(refused)

    def _validator(self, stream: str) -> RecordValidator | None:
        if not self._validates:
            return None
        if stream not in self._validators:
            self._validators[stream] = RecordValidator(stream, self._raw[stream])
        return self._validators[stream]

    def check_schema(self, stream: str) -> None:
        """Reject a SCHEMA that cannot validate records.

        Raises:
            InvalidSchemaError: It is not valid.
        """
        self._validator(stream)


def mapped(
    record: dict[str, Any], output: Output, stream: str, place: Place
) -> dict[str, Any] | None:
    """Map a record to one of the outputs of its stream; None if it is filtered out.

    Raises:
        InvalidRecordError: The map fails on the record, or the record cannot be flattened.
    """
    try:
        return output.mapped(record)
    except UnfitError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - the expressions are the user's
        reason = f"its stream map failed on the record ({type(error).__name__})"
    refused = f"{record_at(place, stream)}: {reason}"
    raise InvalidRecordError(refused)
