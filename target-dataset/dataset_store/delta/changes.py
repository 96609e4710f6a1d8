"""Changes of stored rows: replace, delete or mark some of them."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.delta.statistics import Spread, in_order
from dataset_store.errors import SchemaConflictError
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataset_store.base import Below, Value
    from dataset_store.delta.keys import KeySet


class Change(abc.ABC):
    """A change of the rows selected by the values of a few columns."""

    columns: Sequence[str]
    """The names of these columns."""

    @abc.abstractmethod
    def may_touch(self, spreads: Mapping[str, Spread]) -> bool:
        """Whether a part of a table may hold such rows.

        Args:
            spreads: The known ranges of the part's values, for each of the columns.
        """

    @abc.abstractmethod
    def touched(self, rows: pa.Table) -> pa.ChunkedArray:
        """Which rows it changes, as a boolean per row.

        Args:
            rows: The columns, possibly among others.
        """

    def touched_in(self, rows: pa.Table, spreads: Mapping[str, Spread]) -> pa.ChunkedArray:
        """The same for rows whose values are in known ranges.

        Args:
            rows: The columns, possibly among others.
            spreads: The ranges, for each of the columns.
        """
        del spreads
        return self.touched(rows)

    def changed(self, rows: pa.RecordBatch, touched: pa.Array) -> pa.RecordBatch:
        """The rows after the change; by default, the touched rows are removed."""
        return rows.filter(pc.invert(touched))

    @property
    def removes(self) -> bool:
        """Whether the change removes the rows that it touches."""
        return True


class Replacement(Change):
    """Removes the rows with certain keys, to be replaced by others.

    Args:
        keys: The key columns.
        values: The keys of the other rows.
    """

    def __init__(self, keys: Sequence[str], values: KeySet) -> None:
        self.columns = keys
        self._values = values

    def may_touch(self, spreads: Mapping[str, Spread]) -> bool:
        """Whether each key column may hold one of its values there."""
        return all(
            self._values.may_be_in(place, spreads[key]) for place, key in enumerate(self.columns)
        )

    def touched(self, rows: pa.Table) -> pa.ChunkedArray:
        """The rows that have one of the keys."""
        return self.touched_in(rows, {self.columns[0]: Spread()})

    def touched_in(self, rows: pa.Table, spreads: Mapping[str, Spread]) -> pa.ChunkedArray:
        """The rows that have one of the keys."""
        columns = [rows.column(key) for key in self.columns]
        return self._values.holds(columns, spreads[self.columns[0]])


class Deletion(Change):
    """Deletes the rows selected by a condition.

    Args:
        where: The condition.
        schema: The table's columns.

    Raises:
        SchemaConflictError: The condition's column is missing, or of a type unlike its bound.
    """

    def __init__(self, where: Below, schema: pa.Schema) -> None:
        self.columns = [where.column]
        self._where = where
        self._bound = scalar(where.bound, schema, where.column)

    def may_touch(self, spreads: Mapping[str, Spread]) -> bool:
        """Whether there may be values below the bound, or nulls if they are included."""
        spread = spreads[self._where.column]
        if self._where.or_null and spread.nulls != 0:
            return True
        return spread.starts_by(in_order(pa.array([self._bound]))[0].as_py())

    def touched(self, rows: pa.Table) -> pa.ChunkedArray:
        """The rows that meet the condition."""
        below = pc.less(rows.column(self._where.column), self._bound)
        return pc.fill_null(below, self._where.or_null)


class Mark(Deletion):
    """Sets values in the selected rows that have none in a column.

    Args:
        where: The condition.
        column: The column.
        values: The values by column.
        schema: The table's columns.

    Raises:
        SchemaConflictError: One of the columns is missing or of another type.
    """

    def __init__(
        self, where: Below, column: str, values: Mapping[str, Value], schema: pa.Schema
    ) -> None:
        super().__init__(where, schema)
        self.columns = list(dict.fromkeys([where.column, column]))
        self._column = column
        self._values = {name: scalar(value, schema, name) for name, value in values.items()}

    def may_touch(self, spreads: Mapping[str, Spread]) -> bool:
        """Whether there may be such rows, some of them without a value."""
        return spreads[self._column].nulls != 0 and super().may_touch(spreads)

    def touched(self, rows: pa.Table) -> pa.ChunkedArray:
        """The rows that meet the condition and have no value yet."""
        return pc.and_(super().touched(rows), rows.column(self._column).is_null())

    def changed(self, rows: pa.RecordBatch, touched: pa.Array) -> pa.RecordBatch:
        """All rows, with the values set in the touched ones."""
        for name, value in self._values.items():
            place = rows.schema.get_field_index(name)
            marked = pc.if_else(touched, value, rows.column(place))
            rows = rows.set_column(place, rows.schema.field(place), marked)
        return rows

    @property
    def removes(self) -> bool:
        """Whether the change removes the rows that it touches."""
        return False


def scalar(value: Any, schema: pa.Schema, column: str) -> pa.Scalar:
    """A value to compare with a column, or to put into it.

    Raises:
        SchemaConflictError: The column is missing, or does not hold values like this one.
    """
    if column not in schema.names:
        message = f"There is no column {column!r}; the dataset has {', '.join(schema.names)}"
        raise SchemaConflictError(message)
    data_type = schema.field(column).type
    try:
        if any(test(data_type) for test in _COMPARABLE):
            return pa.scalar(value, data_type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass
    message = f"Column {column!r} holds {data_type}, not {type(value).__name__}"
    raise SchemaConflictError(message)


_COMPARABLE: Final = (
    pa.types.is_string,
    pa.types.is_integer,
    pa.types.is_date,
    pa.types.is_boolean,
    lambda data_type: data_type == TIMESTAMP,
)
