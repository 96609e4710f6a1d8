"""A small profile of a dataset: of each column the nulls, the distinct values, least and most.

The engine computes it in one pass over the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.queries import quoted
from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataset_store.base import Dataset

MAX_CELLS: Final = 20_000_000
"""The maximum number of values (rows times columns) that are profiled unasked: about a second."""

_MAX_EXACT_ROWS: Final = 100_000
"""Up to here distinct values are counted; beyond, they are estimated (HyperLogLog)."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What the values of one column are like.

    Attributes:
        nulls: How many rows have none.
        distinct: How many different values there are.
        is_exact: Whether `distinct` is counted; else it is an estimate, a few percent off.
        least: The least value; None for JSON and nested values, which have no order.
        most: The greatest one.
    """

    nulls: int
    distinct: int
    is_exact: bool
    least: Any
    most: Any


def is_small(dataset: Dataset, rows: int) -> bool:
    """Whether a profile takes no more time than showing the rows."""
    return rows * len(dataset.schema) <= MAX_CELLS


def profile(dataset: Dataset, rows: int) -> Sequence[ColumnProfile]:
    """The profiles of all columns, in their order.

    Args:
        dataset: The dataset.
        rows: How many rows it has.

    Raises:
        StoreError: The store does not support SQL.
        DatasetError: A file of the dataset cannot be read.
    """
    is_exact = rows <= _MAX_EXACT_ROWS
    schema = dataset.schema
    measures = [
        measure
        for number, field in enumerate(schema)
        for measure in _measures(number, field, is_exact=is_exact)
    ]
    columns = ", ".join(["count(*) as n", *measures])
    answer = dataset.query(f"select {columns} from dataset").read_all()  # noqa: S608 - the names are quoted
    found = {name: answer[name][0].as_py() for name in answer.schema.names}
    return [
        ColumnProfile(
            found["n"] - found[f"count_{number}"],
            found[f"distinct_{number}"],
            is_exact,
            found.get(f"least_{number}"),
            found.get(f"most_{number}"),
        )
        for number in range(len(schema))
    ]


def _measures(number: int, field: pa.Field, *, is_exact: bool) -> Iterator[str]:
    name = quoted(field.name)
    yield f"count({name}) as count_{number}"
    yield f"{_distinct(name, field.type, is_exact=is_exact)} as distinct_{number}"
    if not (is_json_text(field) or pa.types.is_nested(field.type)):
        yield f"min({name}) as least_{number}"
        yield f"max({name}) as most_{number}"


def _distinct(name: str, kind: pa.DataType, *, is_exact: bool) -> str:
    if is_exact:
        return f"count(distinct {name})"
    # the engine estimates no floating-point numbers
    return (
        f"approx_distinct(cast({name} as varchar))"
        if pa.types.is_floating(kind)
        else f"approx_distinct({name})"
    )
