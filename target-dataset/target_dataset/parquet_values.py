"""Values of Parquet columns as JSON values.

Times and dates are read as the integers that Parquet stores: Python supports only the years 1 to
9999, microseconds, and the time zones of its machine. Instants become UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Render = Callable[[Any], Any]
    _Plan = tuple[pa.DataType, Render | None]

_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY_MILLISECONDS: Final = 86_400_000
_DAY_ONE: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a time without a zone stays one
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)


class FarDateError(ValueError):
    """A date outside the years 1 to 9999, or a time outside a day."""

    def __init__(self) -> None:
        super().__init__(
            "it holds a date outside the years 1 to 9999, or a time outside a day; "
            "`invalid_dates` can null it"
        )


def json_values(column: pa.Array, *, null_dates: bool) -> Sequence[Any]:
    """The values of a column, in types that msgspec encodes.

    Args:
        column: The column.
        null_dates: Whether dates outside Python's range become null.

    Raises:
        FarDateError: A date is outside Python's range.
        ValueError: Another value has no JSON form, such as text that is not UTF-8.
    """
    if isinstance(column, pa.ExtensionArray) and column.type.extension_name not in _PYTHON_KNOWS:
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    raw, render = _plan(column.type, null_dates)
    values: Sequence[Any] = _as(raw, column).to_pylist()
    return values if render is None else [_shown(render, value) for value in values]


def _as(raw: pa.DataType, column: pa.Array) -> pa.Array:
    """The column with integers instead of dates.

    Arrow 26 breaks a view of a map without values, and cannot cast list views.
    """
    if raw.equals(column.type):
        return column
    try:
        return column.cast(raw)
    except pa.ArrowNotImplementedError:
        return column.view(raw)


def _shown(render: Render | None, value: Any) -> Any:
    return value if render is None or value is None else render(value)


_PYTHON_KNOWS: Final = frozenset({"arrow.bool8", "arrow.json", "arrow.uuid"})
"""Extension types with a value in Python; others are read as their storage type."""


def _plan(data_type: pa.DataType, null_dates: bool) -> _Plan:  # noqa: FBT001
    """The type to read values as, of the same layout, and the conversion to JSON values.

    The conversion is None if the values are JSON values already.
    """
    for test, make in _NESTED:
        if test(data_type):
            return make(data_type, null_dates)
    for test, make_leaf in _LEAVES:
        if test(data_type):
            raw, render = make_leaf(data_type)
            return raw, partial(_known_date, render, null_dates)
    return (pa.int8() if pa.types.is_null(data_type) else data_type), None


def _known_date(render: Render, null_dates: bool, value: int) -> Any:  # noqa: FBT001
    try:
        return render(value)
    except (OverflowError, ValueError):
        if null_dates:
            return None
        raise FarDateError from None


def _is_list(data_type: pa.DataType) -> bool:
    return any(test(data_type) for test in _LISTS)


def _list(data_type: pa.DataType, null_dates: bool) -> _Plan:  # noqa: FBT001
    raw, render = _plan(data_type.value_type, null_dates)
    make = next(make for test, make in _LISTS.items() if test(data_type))
    raw_list = make(data_type.value_field.with_type(raw), data_type)
    return raw_list, partial(_elements, render) if render else None


def _elements(render: Render, values: Sequence[Any]) -> list[Any]:
    return [_shown(render, value) for value in values]


def _struct(data_type: pa.DataType, null_dates: bool) -> _Plan:  # noqa: FBT001
    plans = {field.name: _plan(field.type, null_dates) for field in data_type}
    renders = {name: render for name, (_, render) in plans.items() if render}
    raw = pa.struct([field.with_type(plans[field.name][0]) for field in data_type])

    def render(value: dict[str, Any]) -> dict[str, Any]:
        return {name: _shown(renders.get(name), part) for name, part in value.items()}

    return raw, render if renders else None


def _map(data_type: pa.DataType, null_dates: bool) -> _Plan:  # noqa: FBT001
    """An object; if keys are not text, an array of objects with a key and a value."""
    key_type, render_key = _plan(data_type.key_type, null_dates)
    item_type, render_item = _plan(data_type.item_type, null_dates)
    is_object = pa.types.is_string(key_type) or pa.types.is_large_string(key_type)

    def render(pairs: list[tuple[Any, Any]]) -> Any:
        shown = [(_shown(render_key, key), _shown(render_item, item)) for key, item in pairs]
        return dict(shown) if is_object else [{"key": key, "value": item} for key, item in shown]

    key, item = data_type.key_field.with_type(key_type), data_type.item_field.with_type(item_type)
    return pa.map_(key, item), render


def _timestamp(data_type: pa.DataType) -> tuple[pa.DataType, Render]:
    per_second = _PER_SECOND[data_type.unit]
    epoch = _EPOCH if data_type.tz is None else _EPOCH_UTC

    def render(value: int) -> datetime:
        seconds, part = divmod(value, per_second)
        return epoch + timedelta(seconds=seconds, microseconds=part * 1_000_000 // per_second)

    return pa.int64(), render


def _date(data_type: pa.DataType) -> tuple[pa.DataType, Render]:
    if data_type == pa.date32():
        return pa.int32(), lambda days: date.fromordinal(days + _DAY_ONE)
    return pa.int64(), lambda ms: date.fromordinal(ms // _DAY_MILLISECONDS + _DAY_ONE)


def _time(data_type: pa.DataType) -> tuple[pa.DataType, Render]:
    per_second = _PER_SECOND[data_type.unit]

    def render(value: int) -> time:
        seconds, part = divmod(value, per_second)
        microseconds = part * 1_000_000 // per_second
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60, microseconds)

    return (pa.int32() if pa.types.is_time32(data_type) else pa.int64()), render


def _duration(data_type: pa.DataType) -> tuple[pa.DataType, Render]:
    """ISO 8601, in seconds with all digits: `PT0.000000001S`."""
    per_second = _PER_SECOND[data_type.unit]
    digits = len(str(per_second)) - 1

    def render(value: int) -> str:
        seconds, part = divmod(abs(value), per_second)
        fraction = f".{part:0{digits}}".rstrip("0") if part else ""
        return f"{'-' if value < 0 else ''}PT{seconds}{fraction}S"

    return pa.int64(), render


_LISTS: Final[dict[Callable[[pa.DataType], bool], Callable[[pa.Field, pa.DataType], Any]]] = {
    pa.types.is_list: lambda inner, _type: pa.list_(inner),
    pa.types.is_large_list: lambda inner, _type: pa.large_list(inner),
    pa.types.is_fixed_size_list: lambda inner, data_type: pa.list_(inner, data_type.list_size),
    pa.types.is_list_view: lambda inner, _type: pa.list_view(inner),
    pa.types.is_large_list_view: lambda inner, _type: pa.large_list_view(inner),
}
_NESTED: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[..., _Plan]], ...]] = (
    (pa.types.is_map, _map),
    (pa.types.is_struct, _struct),
    (_is_list, _list),
)
_LEAVES: Final[
    tuple[
        tuple[
            Callable[[pa.DataType], bool],
            Callable[[pa.DataType], tuple[pa.DataType, Render]],
        ],
        ...,
    ]
] = (
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date, _date),
    (pa.types.is_time, _time),
    (pa.types.is_duration, _duration),
)
