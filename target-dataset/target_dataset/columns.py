"""Conversion of JSON values to Arrow columns.

Each type has two ways. The *rule* converts one value and defines the result; the
*shortcut* lets Arrow convert a whole column at once, with the same result or an error, after which
the rule takes over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isinf
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Never

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.schema import TIMESTAMP, is_json_text
from target_dataset.decimals import decimal_rule
from target_dataset.json_numbers import SpelledNumber, as_spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Values = Sequence[Any]
    Build = Callable[[Values], pa.Array]

_INT64_LIMIT: Final = 2**63
_INT64_DIGITS: Final = 19
_FAILURES: Final = (pa.ArrowException, TypeError, ValueError, ArithmeticError)
_DECIMALS: Final = frozenset({Decimal, SpelledNumber})


class UnfitError(Exception):
    """A value that does not fit its column; the text has the column and reason, not the value."""


class _Kind(NamedTuple):
    shortcut: Build
    rule: Callable[[Any], Any]
    unfit: str
    is_date: bool = False


def builder(field: pa.Field, *, null_dates: bool, path: str | None = None) -> Build:
    """The function that converts the JSON values of a field to its column.

    Args:
        field: A field of `dataset_store.schema.arrow_schema`.
        null_dates: Whether text that is not a date becomes null.
        path: The field's name in messages, if it is nested.

    Returns:
        A function that raises `UnfitError` if a value does not fit.
    """
    path = path or field.name
    nested = next((make for test, make in _NESTED if test(field.type)), None)
    if nested:
        return nested(field.type, null_dates, path)
    kind = _kind(field)
    lenient = null_dates and kind.is_date

    def one(value: Any) -> Any:
        if value is None:
            return None
        try:
            return kind.rule(value)
        except _FAILURES:
            if lenient:
                return None
            # the original error would show the value
            message = f"column {path!r} {kind.unfit}"
            raise UnfitError(message) from None

    def build(values: Values) -> pa.Array:
        try:
            return kind.shortcut(values)
        except _FAILURES:
            return pa.array([one(value) for value in values], field.type)

    return build


def _kind(field: pa.Field) -> _Kind:
    if is_json_text(field):
        return _JSON_TEXT
    return _decimal(field.type) if pa.types.is_decimal(field.type) else _KINDS[field.type]


def key_builder(field: pa.Field, *, null_dates: bool) -> Build:
    """The function that converts the JSON values of a key to its column.

    A double can be a key if it converts back to the original number, so that no two
    keys become one. Zero has one sign.

    Returns:
        A function that raises `UnfitError` if a value does not fit.
    """
    build = builder(field, null_dates=null_dates)
    if field.type != _DOUBLE:
        return build

    def build_key(values: Values) -> pa.Array:
        doubles = build(values)
        if not all(map(_reads_back, values)):
            message = (
                f"column {field.name!r} holds a key that a double cannot hold exactly; declare "
                "the column as an integer or a string"
            )
            raise UnfitError(message)
        return pc.add(doubles, 0.0)

    return build_key


def _reads_back(number: float | Decimal | None) -> bool:
    # numbers spelled like Python's doubles are doubles here
    if number is None or isinstance(number, float):
        return True
    return Decimal(repr(float(number))) == number


def _struct(data_type: pa.DataType, null_dates: bool, path: str) -> Build:  # noqa: FBT001
    fields = [
        (field, builder(field, null_dates=null_dates, path=f"{path}.{field.name}"))
        for field in data_type
    ]

    def build(values: Values) -> pa.Array:
        _check(values, dict, path, "holds a value that is not an object")
        nothing: dict[str, Any] = {}
        objects = [nothing if value is None else value for value in values]
        return pa.StructArray.from_arrays(
            [make([value.get(field.name) for value in objects]) for field, make in fields],
            fields=[field for field, _ in fields],
            mask=pa.array([value is None for value in values], pa.bool_()),
        )

    return build


def _list(data_type: pa.DataType, null_dates: bool, path: str) -> Build:  # noqa: FBT001
    make = builder(data_type.value_field, null_dates=null_dates, path=f"{path}[]")

    def build(values: Values) -> pa.Array:
        _check(values, list, path, "holds a value that is not an array")
        offsets: list[int] = [0]
        for value in values:
            offsets.append(offsets[-1] + len(value or ()))
        elements = make([element for value in values for element in value or ()])
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()),
            elements,
            type=data_type,
            mask=pa.array([value is None for value in values], pa.bool_()),
        )

    return build


def _check(values: Values, wanted: type, path: str, unfit: str) -> None:
    if not all(value is None or isinstance(value, wanted) for value in values):
        message = f"column {path!r} {unfit}"
        raise UnfitError(message)


_NESTED: Final[
    tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType, bool, str], Build]], ...]
] = (
    (pa.types.is_struct, _struct),
    (pa.types.is_list, _list),
)


def json_text(value: Any) -> str:
    """The value as compact JSON, with characters outside ASCII unescaped."""
    return _encode(value).decode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _nothing(_value: Any) -> Never:
    raise TypeError


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    found = float(value)
    if isinf(found) and isinstance(value, Decimal):
        raise OverflowError
    return found


def _decimal(data_type: pa.DataType) -> _Kind:
    rule = decimal_rule(data_type)
    return _Kind(
        lambda values: pa.array([rule(value) for value in values], data_type),
        rule,
        f"holds a value that is not a decimal of at most {data_type.precision} digits, "
        f"{data_type.scale} of them after the point",
    )


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    if isinstance(value, Decimal) and not value:
        return 0
    # checked before it becomes an integer: 1E999999999 would exceed any memory
    if isinstance(value, Decimal) and value.adjusted() >= _INT64_DIGITS:
        raise OverflowError
    found = int(value)
    if found != value:
        raise TypeError
    if not -_INT64_LIMIT <= found < _INT64_LIMIT:
        raise OverflowError
    return found


def _timestamp(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError
    # RFC 3339 allows lower case, Python 3.11 does not
    found = datetime.fromisoformat(value.strip().upper())
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _date(value: Any) -> date:
    if not isinstance(value, str):
        raise TypeError
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        moment = datetime.fromisoformat(value.strip().upper())
        if moment.time() != time.min or moment.utcoffset():
            raise
        return moment.date()


def _arrow(data_type: pa.DataType) -> Build:
    return lambda values: pa.array(values, data_type)


def _without(*misread: type, data_type: pa.DataType) -> Build:
    """Arrow's conversion, except for types that it misreads silently: booleans, or 1.5 as 1."""

    def build(values: Values) -> pa.Array:
        if not set(map(type, values)).isdisjoint(misread):
            raise TypeError
        return pa.array(values, data_type)

    return build


def _doubles(values: Values) -> pa.Array:
    types = set(map(type, values))
    if bool in types:
        raise TypeError
    if types.isdisjoint(_DECIMALS):
        return pa.array(values, _DOUBLE)
    return pa.array([_double(v) if type(v) in _DECIMALS else v for v in values], _DOUBLE)


def _parsed(data_type: pa.DataType, least: pa.Scalar, greatest: pa.Scalar) -> Build:
    def build(values: Values) -> pa.Array:
        found = pa.array(values, pa.string()).cast(data_type)
        bounds = pc.min_max(found)
        # Arrow also accepts year 0, and an offset may lead past 9999: Python supports neither
        if bounds["min"].is_valid and (
            pc.less(bounds["min"], least).as_py() or pc.greater(bounds["max"], greatest).as_py()
        ):
            raise ValueError
        return found

    return build


def _json_texts(values: Values) -> pa.Array:
    return pa.array([None if value is None else json_text(value) for value in values], pa.string())


_NO_DATE: Final = "holds text that is not a date from year 1 to 9999; `invalid_dates` can null it"
_DATE: Final = pa.date32()
_DOUBLE: Final = pa.float64()
_encode: Final = msgspec.json.Encoder(enc_hook=as_spelled, decimal_format="number").encode
_JSON_TEXT: Final = _Kind(_json_texts, json_text, "holds a value that JSON cannot express")
_KINDS: Final = {
    pa.null(): _Kind(_arrow(pa.null()), _nothing, "holds a value, but may only be null"),
    pa.bool_(): _Kind(_arrow(pa.bool_()), _boolean, "holds a value that is neither true nor false"),
    pa.int64(): _Kind(
        _without(float, *_DECIMALS, data_type=pa.int64()),
        _integer,
        "holds a value that is not a 64-bit integer",
    ),
    _DOUBLE: _Kind(_doubles, _double, "holds a value that is not a number in a double's range"),
    pa.string(): _Kind(_arrow(pa.string()), _text, "holds a value that is not text"),
    TIMESTAMP: _Kind(
        _parsed(
            TIMESTAMP,
            pa.scalar(datetime.min.replace(tzinfo=UTC), TIMESTAMP),
            pa.scalar(datetime.max.replace(tzinfo=UTC), TIMESTAMP),
        ),
        _timestamp,
        _NO_DATE,
        is_date=True,
    ),
    _DATE: _Kind(
        _parsed(_DATE, pa.scalar(date.min, _DATE), pa.scalar(date.max, _DATE)),
        _date,
        _NO_DATE,
        is_date=True,
    ),
}
