"""Columns of Domo's datasets: their types, and which texts are values of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.domo.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.domo.csv_dialect import Row


@dataclass(frozen=True)
class Column:
    """A column: `type` is one of Domo's six."""

    type: str
    name: str


def _is_long(text: str) -> bool:
    return bool(_LONG.fullmatch(text)) and -(2**63) <= int(text) < 2**63


def _is_date(text: str) -> bool:
    return _is(date.fromisoformat, text, _DATE)


def _is_datetime(text: str) -> bool:
    return _is(datetime.fromisoformat, text, _DATETIME)


def _is(read: Callable[[str], object], text: str, form: re.Pattern[str]) -> bool:
    if not form.fullmatch(text):
        return False
    try:
        read(text)
    except ValueError:
        return False
    return True


_LONG: Final = re.compile(r"-?\d{1,19}")
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_TESTS: Final[dict[str, Callable[[str], bool]]] = {
    "STRING": lambda text: True,
    "DECIMAL": lambda text: bool(_DECIMAL.fullmatch(text)),
    "LONG": _is_long,
    # exponents are unconfirmed, hence refused
    "DOUBLE": lambda text: bool(_DECIMAL.fullmatch(text)),
    "DATE": _is_date,
    # fractions and offsets are unconfirmed, hence refused
    "DATETIME": _is_datetime,
}


def read_columns(schema: Any) -> list[Column]:
    """The columns of a request's `schema`.

    Raises:
        Refusal: If there are none, a type is unknown, or two names differ by case alone.
    """
    given = schema.get("columns") if isinstance(schema, dict) else None
    if not isinstance(given, list) or not given:
        raise Refusal(400, "The schema needs columns.")
    columns = []
    for each in given:
        if not isinstance(each, dict) or each.get("type") not in _TESTS or not each.get("name"):
            raise Refusal(400, f"A column needs a name and one of the types {', '.join(_TESTS)}.")
        columns.append(Column(each["type"], each["name"]))
    if len({column.name.casefold() for column in columns}) < len(columns):
        raise Refusal(400, "Two columns have names that differ by case alone.")
    return columns


def misfit(columns: list[Column], rows: Iterable[Row]) -> str | None:
    """Where a value stands that is not of its column's type; None if all are."""
    checked = [
        (place, column, _TESTS[column.type])
        for place, column in enumerate(columns)
        if column.type != "STRING"
    ]
    for number, row in enumerate(rows, 1):
        for place, column, test in checked:
            value = row[place]
            if value is not None and not test(value):
                return f"Row {number}, column {place + 1} is not of type {column.type}."
    return None


def cut(columns: list[Column], rows: list[Row], limit: int | None) -> list[Row]:
    """The rows with text cut after `limit` characters, as Domo cuts it: silently."""
    texts = {place for place, column in enumerate(columns) if column.type == "STRING"}
    if limit is None or all(len(row[place] or "") <= limit for row in rows for place in texts):
        return rows
    return [
        tuple(
            value[:limit] if value is not None and place in texts else value
            for place, value in enumerate(row)
        )
        for row in rows
    ]
