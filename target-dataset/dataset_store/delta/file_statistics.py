"""Statistics of a new file for the table's log, from the file's footer.

See *Per-file Statistics* in Delta's protocol. Readers skip files by them, so a range may be too
wide, but never too narrow.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from dataset_store.delta.statistics import leaves_of
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    import pyarrow.parquet as pq
    from deltalake import DeltaTable

    from dataset_store.delta.statistics import Leaf

_INDEXED_COLUMNS: Final = 32
"""The default number of columns in the log's statistics, by Delta's protocol."""

_PREFIX_LENGTH: Final = 32
"""The maximum length of text in the log, as in Spark and deltalake."""

_LAST_CHARACTER: Final = "\U0010ffff"
_MILLISECOND: Final = 1000
_YEAR_10000: Final = 253_402_300_800_000
"""In milliseconds since 1970."""


def indexed_leaves(schema: pa.Schema, table: DeltaTable) -> Sequence[Leaf]:
    """The columns with statistics in the log, which are the first ones."""
    wanted = table.metadata().configuration.get("delta.dataSkippingNumIndexedCols")
    most = int(wanted) if wanted else _INDEXED_COLUMNS
    return list(takewhile(lambda leaf: most < 0 or leaf.place < most, leaves_of(schema)))


def written_statistics(
    footer: pq.FileMetaData, leaves: Sequence[Leaf], without_range: set[Leaf]
) -> str:
    """The statistics of a file in the form of the log.

    Text is truncated to a prefix that is certainly not greater, or not less. Times are truncated to
    milliseconds in the same way, except for the last one of the year 9999, as the protocol allows.

    Args:
        footer: The file's metadata.
        leaves: The columns to describe.
        without_range: Those without a range.
    """
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    nulls: dict[str, Any] = {}
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    for leaf in leaves:
        found = [group.column(leaf.place).statistics for group in groups]
        if any(one is None for one in found):
            continue
        _put(nulls, leaf.path, sum(one.null_count for one in found))
        ranges = [one for one in found if one.has_min_max]
        if leaf in without_range or not _is_complete(found):
            continue
        low, high = _range(ranges, leaf.data_type)
        if low is not None and high is not None:
            _put(least, leaf.path, low)
            _put(greatest, leaf.path, high)
    said = {
        "numRecords": footer.num_rows,
        "minValues": least,
        "maxValues": greatest,
        "nullCount": nulls,
    }
    return msgspec.json.encode(said).decode()


def _is_complete(found: list[pq.Statistics]) -> bool:
    """Whether each row group with values has their range."""
    return all(one.has_min_max or not one.num_values for one in found) and any(
        one.has_min_max for one in found
    )


def _range(found: list[pq.Statistics], data_type: pa.DataType) -> tuple[Any, Any]:
    written = next((written for test, written in _WRITTEN if test(data_type)), None)
    if written is None:
        return None, None
    try:
        if pa.types.is_decimal(data_type):
            return written(min(one.min for one in found), max(one.max for one in found))
        return written(min(one.min_raw for one in found), max(one.max_raw for one in found))
    except OverflowError:
        # a time before the year 1 or after 9999
        return None, None


def _put(into: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value


def _plain(low: Any, high: Any) -> tuple[Any, Any]:
    return low, high


def _finite(low: float, high: float) -> tuple[float | None, float | None]:
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _digits(low: Decimal, high: Decimal) -> tuple[msgspec.Raw, msgspec.Raw]:
    return msgspec.Raw(f"{low:f}".encode()), msgspec.Raw(f"{high:f}".encode())


def _days(low: int, high: int) -> tuple[str, str]:
    return _day(low), _day(high)


def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def _moments(low: int, high: int) -> tuple[str, str]:
    greatest = -(-high // _MILLISECOND)
    if greatest == _YEAR_10000:
        # it has no spelling; without a range, deltalake's PyArrow dataset would skip the file
        greatest -= 1
    return _moment(low // _MILLISECOND), _moment(greatest)


def _zoned_moments(low: int, high: int) -> tuple[str, str]:
    least, greatest = _moments(low, high)
    return f"{least}Z", f"{greatest}Z"


def _moment(milliseconds: int) -> str:
    moment = datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)  # noqa: DTZ001 - as stored
    return moment.isoformat(timespec="milliseconds")


def _texts(low: bytes, high: bytes) -> tuple[str, str]:
    return low.decode()[:_PREFIX_LENGTH], _beginning_above(high.decode())


def _beginning_above(text: str) -> str:
    """A short text that is not less than the given one."""
    if len(text) <= _PREFIX_LENGTH:
        return text
    end = _PREFIX_LENGTH
    while end < len(text) and text[end] == _LAST_CHARACTER:
        end += 1
    return text[:end] + _LAST_CHARACTER


_WRITTEN: Final[
    tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any, Any], tuple[Any, Any]]], ...]
] = (
    (pa.types.is_string, _texts),
    (pa.types.is_integer, _plain),
    (pa.types.is_boolean, _plain),
    (pa.types.is_floating, _finite),
    (pa.types.is_decimal, _digits),
    (pa.types.is_date32, _days),
    (lambda data_type: data_type == TIMESTAMP, _zoned_moments),
    (pa.types.is_timestamp, _moments),
)
"""The log's form of the minimum and maximum of each type."""
