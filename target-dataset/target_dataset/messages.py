"""Singer messages as they stand in the input: one JSON object each."""

from __future__ import annotations

import json
from math import isinf
from typing import TYPE_CHECKING, Annotated, Any, Final, Never, TypeVar

import msgspec
from singer_sdk.singerlib.encoding.base import SingerMessageType

if TYPE_CHECKING:
    from collections.abc import Iterable

S = TypeVar("S", bound=msgspec.Struct)


class MalformedError(Exception):
    """A text that is no message, or no record; says why, but neither where nor what it holds."""


class RecordMessage(msgspec.Struct):
    """A RECORD, its record still JSON text."""

    type: str
    stream: str
    record: msgspec.Raw
    version: int | None = None
    time_extracted: str | None = None


class _Properties(msgspec.Struct):
    properties: dict[str, Any]


class _Encoding(msgspec.Struct):
    format: str
    compression: str | None = None


class _Schema(msgspec.Struct):
    stream: str
    schema: _Properties
    key_properties: list[str] | None = None


class _State(msgspec.Struct):
    value: dict[str, Any]


class _ActivateVersion(msgspec.Struct):
    stream: str
    version: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Batch(msgspec.Struct):
    stream: str
    encoding: _Encoding
    manifest: list[str]


_SHAPES: Final[dict[str, type[msgspec.Struct]]] = {
    SingerMessageType.SCHEMA: _Schema,
    SingerMessageType.STATE: _State,
    SingerMessageType.ACTIVATE_VERSION: _ActivateVersion,
    SingerMessageType.BATCH: _Batch,
}

_TOO_DEEP: Final = "it is nested too deeply"
_MOST_NESTED: Final = 80
"""How deep a message other than a RECORD may be: Python copies it level by level on its stack."""

_decode_record: Final = msgspec.json.Decoder(RecordMessage).decode
_decode: Final = msgspec.json.Decoder().decode


def read_message(line: bytes) -> tuple[str, RecordMessage | dict[str, Any]]:
    """The type of a message with the message: a `RecordMessage`, or else a dictionary.

    Raises:
        MalformedError: The line is no message, or of an unknown type.
    """
    try:
        record = _decode_record(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _other(json_object(line))
    if record.type == SingerMessageType.RECORD:
        return record.type, record
    return _other(json_object(line))


def _other(found: dict[str, Any]) -> tuple[str, RecordMessage | dict[str, Any]]:
    """What is no RECORD, or one that the quick decoder refuses because of some value."""
    kind = found.get("type")
    if kind == SingerMessageType.RECORD:
        if "record" in found:
            found["record"] = json_text(found["record"])
        return kind, _checked(found, RecordMessage)
    if not isinstance(kind, str) or kind not in _SHAPES:
        shown = repr(kind) if isinstance(kind, str | int | None) else "that is no text"
        _refuse(f"the message type {shown} is not known")
    if _is_deep(found):
        _refuse(f"the {kind} message is nested too deeply")
    if kind != SingerMessageType.STATE and not _is_text(found):
        _refuse(f"a text in the {kind} message holds half of a surrogate pair")
    _checked(found, _SHAPES[kind])
    return kind, found


def _is_deep(found: Any) -> bool:
    layer = [found]
    for _ in range(_MOST_NESTED):
        layer = [inner for each in layer for inner in _inside(each)]
    return bool(layer)


def _is_text(found: Any) -> bool:
    try:
        msgspec.json.encode(found)
    except UnicodeEncodeError:
        return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _checked(found: dict[str, Any], shape: type[S]) -> S:
    try:
        return msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        _refuse(f"the {found['type']} message is not valid: {error}")
    except UnicodeEncodeError:
        _refuse(f"a name in the {found['type']} message holds half of a surrogate pair")


def json_text(value: Any) -> msgspec.Raw:
    """A value as JSON that every reader takes: half of a surrogate pair becomes `?`.

    Raises:
        MalformedError: It is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        _refuse(_TOO_DEEP)
    return msgspec.Raw(text.encode("utf-8", "replace"))


def json_object(text: bytes) -> dict[str, Any]:
    """The object that a text holds.

    NaN and the infinities, which JSON does not have but Python's writer emits, become null.

    Raises:
        MalformedError: The text is not JSON, no object, nested too deeply, or it holds a number
            that is too large for a double.
    """
    try:
        try:
            found = _decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = json.loads(text, parse_constant=lambda _name: None, parse_float=_double)
    except ValueError:
        _refuse("it is not valid JSON; was the input cut off?")
    except RecursionError:
        _refuse(_TOO_DEEP)
    if not isinstance(found, dict):
        _refuse("it is not a JSON object")
    return found


def _double(text: str) -> float:
    value = float(text)
    if isinf(value):
        _refuse("it holds a number that is too large for a double")
    return value


def _refuse(reason: str) -> Never:
    raise MalformedError(reason) from None
