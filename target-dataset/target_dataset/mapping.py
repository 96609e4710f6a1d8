"""Stream maps and flattening: the SDK's, with what it leaves to a traceback said in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.exceptions import MappingError
from singer_sdk.mapper import PluginMapper, RemoveRecordTransform, SameRecordTransform

from dataset_store.references import without_references
from dataset_store.schema import json_types
from target_dataset.errors import InputError, InvalidRecordError, record_at
from target_dataset.messages import MalformedError, json_object

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from singer_sdk.mapper import StreamMap

    from target_dataset.errors import Place
    from target_dataset.messages import RecordMessage

_SDC: Final = "_sdc_"


class Mapper(PluginMapper):
    """What streams become before they go to their sinks."""

    def register_raw_stream_schema(
        self, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        """Take on a stream, or its new schema.

        Raises:
            InputError: Its stream maps do not fit it, or it cannot be flattened.
        """
        try:
            super().register_raw_stream_schema(stream_name, schema, key_properties)
        except (MappingError, NotImplementedError) as error:
            message = f"Stream {stream_name!r}, setting 'stream_maps': {error}"
            raise InputError(message) from None
        except ValueError as error:
            message = (
                f"Stream {stream_name!r}: it cannot be flattened ({error}); set "
                "`flattening_separator` to a text that none of its names hold"
            )
            raise InputError(message) from None
        except (AttributeError, LookupError, TypeError) as error:
            message = (
                f"Stream {stream_name!r}: its SCHEMA is more than stream maps and flattening "
                f"understand ({type(error).__name__}); is it a valid JSON schema?"
            )
            raise InputError(message) from None

    def of(self, stream: str) -> list[StreamMap] | None:
        """What the stream becomes, nothing if a map removes it; None before its SCHEMA."""
        if stream not in self.stream_maps:
            return None
        return [
            found
            for found in self.stream_maps[stream]
            if not isinstance(found, RemoveRecordTransform)
        ]

    def properties(self, stream: str) -> Collection[str]:
        """The names that the stream's SCHEMA has, before any map."""
        names: Collection[str] = self.stream_maps[stream][0].raw_schema["properties"].keys()
        return names

    def is_identity(self, stream: str) -> bool:
        """Whether the stream's records stay as they are and hold none of the SDK's own columns."""
        stream_maps = self.stream_maps[stream]
        return (
            len(stream_maps) == 1
            and isinstance(stream_maps[0], SameRecordTransform)
            and not stream_maps[0].flattening_enabled
            and not any(name.startswith(_SDC) for name in stream_maps[0].raw_schema["properties"])
        )


def mapped(message: RecordMessage, stream_map: StreamMap, place: Place) -> dict[str, Any] | None:
    """What a stream map makes of a record; None if it filters it out.

    Raises:
        InvalidRecordError: The record is no object, or the map fails on it.
    """
    try:
        return stream_map.transform(json_object(bytes(message.record)))
    except MalformedError as error:
        reason = f"the record is not valid: {error}"
    except Exception as error:  # noqa: BLE001 - the expressions are the user's
        reason = f"its stream map fails on the record ({type(error).__name__})"
    refused = f"{record_at(place, message.stream)}: {reason}"
    raise InvalidRecordError(refused)


def flattenable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema in the plain form that the SDK's flattening understands.

    It drops the columns of alternatives whose first is a number, and fails on references and on
    enumerations without a type. So references are followed, a value or null becomes the value that
    may be null, and every other property gets its types beside it.
    """
    plain: dict[str, Any] = _plain(without_references(schema))
    return plain


def _plain(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return {}
    types = json_types(schema)
    plain = dict(schema) if "type" in schema or not types else {**_sole(schema), "type": types}
    if isinstance(plain.get("properties"), Mapping):
        plain["properties"] = {name: _plain(part) for name, part in plain["properties"].items()}
    return plain


def _sole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its only alternative to null in itself, if it has no other."""
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    listed = alternatives if isinstance(alternatives, list) else []
    values = [part for part in listed if part != {"type": "null"}]
    if len(values) != 1 or not isinstance(values[0], Mapping):
        return schema
    rest = {key: part for key, part in schema.items() if key not in {"anyOf", "oneOf"}}
    return {**rest, **values[0]}
