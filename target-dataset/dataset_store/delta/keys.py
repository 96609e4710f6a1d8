"""Keys of rows: valid keys, rows that share one, and stored rows with a given key."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.delta.statistics import in_order
from dataset_store.errors import SchemaConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_store.delta.statistics import Spread

_MAX_COMPARED: Final = 10_000
"""How many values of a column are compared one by one with the range of a file. If there are more,
only the minimum and maximum are: the others would seldom rule out a file."""


def check_keys(schema: pa.Schema, keys: Sequence[str], dataset: str) -> None:
    """Reject keys that cannot identify a row.

    Raises:
        SchemaConflictError: There are none, or one is not a column or holds structs, lists or maps.
    """
    if not keys:
        message = f"Dataset {dataset}: an upsert needs key columns; append instead, or declare keys"
        raise SchemaConflictError(message)
    for key in keys:
        if key not in schema.names:
            message = f"Dataset {dataset}: the key {key!r} is not among its columns {schema.names}"
            raise SchemaConflictError(message)
        if pa.types.is_nested(schema.field(key).type):
            message = (
                f"Dataset {dataset}: the key {key!r} is nested; use columns of plain types as keys"
            )
            raise SchemaConflictError(message)


class KeySet:
    """The distinct keys of some rows.

    Null equals null, not-a-number equals not-a-number, and 0.0 equals -0.0.

    Args:
        columns: The key columns of the rows, in any fixed order; at least one.
    """

    def __init__(self, columns: Sequence[pa.ChunkedArray]) -> None:
        same = [_one_form(column) for column in columns]
        self._values: list[pa.Array] = [column.unique() for column in same]
        self._pairs: list[pa.Array] = []
        numbers = _places(same[0], self._values[0])
        for column, values in zip(same[1:], self._values[1:], strict=True):
            pairs = _paired(numbers, column, values)
            self._pairs.append(pairs.unique())
            numbers = _places(pairs, self._pairs[-1])
        self._numbers: pa.ChunkedArray = numbers
        self.has_repeats = len(numbers) > len((self._pairs or self._values)[-1])
        """Whether some rows share a key."""

    def numbers(self, columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
        """The number of each row's key in the set; null if the set lacks it."""
        numbers = _places(_one_form(columns[0]), self._values[0])
        parts = zip(columns[1:], self._values[1:], self._pairs, strict=True)
        return reduce(
            lambda found, part: _places(_paired(found, _one_form(part[0]), part[1]), part[2]),
            parts,
            numbers,
        )

    def holds(self, columns: Sequence[pa.ChunkedArray], spread: Spread) -> pa.ChunkedArray:
        """Whether the set has the key of each row.

        Args:
            columns: The key columns of the rows.
            spread: The known range of their first one. Rows are looked up among fewer keys, which
                fit into a processor's cache.
        """
        if len(columns) > 1:
            return self.numbers(columns).is_valid()
        return pc.is_in(_one_form(columns[0]), value_set=self._within(spread))

    def _within(self, spread: Spread) -> pa.Array:
        """The values of the first key column that may be in a range, and null."""
        values, ordered = self._values[0], self._ordered
        if spread.low is None or spread.high is None or pa.types.is_floating(ordered.type):
            return values
        is_text = isinstance(spread.high, bytes)
        # text may have been truncated
        beginning = pc.binary_slice(ordered, 0, len(spread.high)) if is_text else ordered
        reached = pc.less_equal(beginning, pa.scalar(spread.high, ordered.type))
        inside = pc.and_(reached, pc.greater_equal(ordered, pa.scalar(spread.low, ordered.type)))
        return values.filter(pc.fill_null(inside, fill_value=True))

    @cached_property
    def _ordered(self) -> pa.Array:
        return in_order(self._values[0])

    def last_rows(self) -> pa.Array:
        """The positions of the last row of each key, ascending."""
        positions = pa.array(range(len(self._numbers)), pa.int64())
        rows = pa.table({"key": self._numbers, "position": positions})
        last = rows.group_by("key").aggregate([("position", "max")])["position_max"]
        return last.combine_chunks().sort()

    def may_be_in(self, column: int, spread: Spread) -> bool:
        """Whether a part of a table may hold values of this key column.

        Args:
            column: The index of the column among the key columns.
            spread: The known range of the part's values.
        """
        if self._values[column].null_count and spread.nulls != 0:
            return True
        return self._ranges[column].may_be_in(spread)

    @cached_property
    def _ranges(self) -> list[_Range]:
        return [_range(values) for values in self._values]


def last_of_each_key(rows: pa.Table, keys: Sequence[str]) -> tuple[pa.Table, KeySet]:
    """The last row of each key, in their order, and the keys.

    In a key column, -0.0 becomes 0.0, since other programs may treat them as different.
    """
    for key in keys:
        place = rows.column_names.index(key)
        rows = rows.set_column(place, rows.schema.field(place), _one_form(rows.column(place)))
    found = KeySet([rows.column(key) for key in keys])
    return (rows.take(found.last_rows()) if found.has_repeats else rows), found


def _one_form(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values, with one form for equal values that have several."""
    if not pa.types.is_floating(values.type):
        return values
    positive = pc.add(values, pa.scalar(0, values.type))
    return pc.if_else(pc.is_nan(positive), pa.scalar(float("nan"), values.type), positive)


def _places(values: pa.ChunkedArray, among: pa.Array) -> pa.ChunkedArray:
    """The index of each value among others; null if it is not there."""
    return pc.index_in(values, value_set=among).cast(pa.int64())


def _paired(numbers: pa.ChunkedArray, values: pa.ChunkedArray, among: pa.Array) -> pa.ChunkedArray:
    """One number for each pair of a number and a value; null if either is unknown."""
    return pc.add(pc.multiply(numbers, max(1, len(among))), _places(values, among))


@dataclass(frozen=True, slots=True)
class _Range:
    """Values in the order of comparison."""

    ordered: list[Any]
    has_all: bool
    """Whether these are all values, and not only the minimum and maximum."""

    has_nan: bool = False

    def may_be_in(self, spread: Spread) -> bool:
        if self.has_nan:
            # no writer includes it in the range of a column
            return True
        if not self.ordered or not spread.starts_by(self.ordered[-1]):
            return False
        first = 0
        if self.has_all and spread.low is not None:
            first = bisect_left(self.ordered, spread.low)
        return spread.reaches(self.ordered[first])


def _range(values: pa.Array) -> _Range:
    comparable = in_order(values).drop_null()
    has_nan = False
    if pa.types.is_floating(comparable.type):
        numbers = comparable.filter(pc.invert(pc.is_nan(comparable)))
        comparable, has_nan = numbers, len(numbers) < len(comparable)
    if len(comparable) <= _MAX_COMPARED:
        return _Range(sorted(comparable.to_pylist()), has_all=True, has_nan=has_nan)
    return _Range(list(pc.min_max(comparable).as_py().values()), has_all=False, has_nan=has_nan)
