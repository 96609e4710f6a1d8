"""Singer messages in the input: one JSON object each."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Never, TypeVar

import msgspec
from singer_sdk.singerlib.encoding.base import SingerMessageType
from singer_sdk.singerlib.json import serialize_json

from target_dataset.json_numbers import NumberError, as_spelled, spelled_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

S = TypeVar("S", bound=msgspec.Struct)
Version = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class MalformedError(Exception):
    """Text that is not a message or record; has the reason, but not the place or content."""


class RecordMessage(msgspec.Struct):
    """A RECORD whose record is still JSON text."""

    type: str
    stream: str
    record: msgspec.Raw
    version: Version | None = None
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


class _StateText(msgspec.Struct):
    value: msgspec.Raw


class _ActivateVersion(msgspec.Struct):
    stream: str
    version: Version


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
_MAX_NESTED: Final = 80
"""The maximum depth of messages other than RECORD: Python copies them recursively."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")

_decode_record: Final = msgspec.json.Decoder(RecordMessage).decode
_decode_state: Final = msgspec.json.Decoder(_StateText).decode
_decode: Final = msgspec.json.Decoder(float_hook=spelled_number).decode


def read_message(line: bytes) -> tuple[str, RecordMessage | dict[str, Any]]:
    """Parse a message and return its type with a `RecordMessage`, or else a dictionary.

    The `value` of a STATE is its text in the line.

    Raises:
        MalformedError: The line is not a message, or its type is unknown.
    """
    try:
        record = _decode_record(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _other(json_object(line), line)
    if record.type == SingerMessageType.RECORD:
        return record.type, record
    return _other(json_object(line), line)


def _other(found: dict[str, Any], line: bytes) -> tuple[str, RecordMessage | dict[str, Any]]:
    """A message other than RECORD, or a RECORD that the fast decoder rejects because of a value."""
    kind = found.get("type")
    if kind == SingerMessageType.RECORD:
        if "record" in found:
            found["record"] = json_text(found["record"])
        return kind, _checked(found, RecordMessage)
    if not isinstance(kind, str) or kind not in _SHAPES:
        shown = repr(kind) if isinstance(kind, str | int | None) else "(not a string)"
        _refuse(f"the message type {shown} is not known")
    if is_deep(found):
        _refuse(f"the {kind} message is nested too deeply")
    if kind != SingerMessageType.STATE and not _is_text(found):
        _refuse(f"a string in the {kind} message holds half of a surrogate pair")
    _checked(found, _SHAPES[kind])
    if kind == SingerMessageType.STATE:
        found["value"] = _state_text(line)
    return kind, found


def _state_text(line: bytes) -> str:
    """The value of a STATE as spelled in the line, byte by byte."""
    try:
        return bytes(_decode_state(line).value).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = line.decode(json.detect_encoding(line), "surrogatepass")
        return dict(_members(text))["value"]


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The names in a JSON object that Python can parse, each with the text of its value."""
    decoder = json.JSONDecoder()
    end = text.index("{")
    while text[end] != "}":
        name, end = decoder.raw_decode(text, text.index('"', end))
        start = _after_space(text, text.index(":", end) + 1)
        _, end = decoder.raw_decode(text, start)
        yield name, text[start:end]
        end = _after_space(text, end)


def _after_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    assert found
    return found.end()


def is_deep(found: Any) -> bool:
    """Whether arrays and objects are nested deeper than in any message of a tap."""
    layer = [found]
    for _ in range(_MAX_NESTED):
        layer = [inner for each in layer for inner in _inside(each)]
    return bool(layer)


def _is_text(found: Any) -> bool:
    try:
        msgspec.json.encode(found, enc_hook=as_spelled)
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
    """The value as JSON for any reader: half of a surrogate pair becomes `?`.

    Raises:
        MalformedError: The value is nested too deeply.
    """
    try:
        text = serialize_json(value, ensure_ascii=False)
    except RecursionError:
        _refuse(_TOO_DEEP)
    return msgspec.Raw(text.encode("utf-8", "replace"))


def json_object(text: bytes) -> dict[str, Any]:
    """Parse a JSON object; numbers keep their spelling.

    NaN and the infinities, which Python writes although JSON lacks them, become null.

    Raises:
        MalformedError: The text is not JSON, not an object, or nested too deeply.
    """
    try:
        try:
            found = _decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = json.loads(text, parse_constant=lambda _name: None, parse_float=spelled_number)
    except NumberError as error:
        _refuse(str(error))
    except ValueError:
        _refuse("it is not valid JSON; was the input cut off?")
    except RecursionError:
        _refuse(_TOO_DEEP)
    if not isinstance(found, dict):
        _refuse("it is not a JSON object")
    return found


def _refuse(reason: str) -> Never:
    raise MalformedError(reason) from None
