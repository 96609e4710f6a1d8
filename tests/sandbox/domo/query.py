"""Answers `SELECT … FROM table` about one dataset, by DuckDB."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from sandbox.domo.refusals import Refusal

if TYPE_CHECKING:
    from sandbox.domo.warehouse import DataSet

_TYPES: Final = {
    "STRING": pa.string(),
    "LONG": pa.int64(),
    "DOUBLE": pa.float64(),
    "DECIMAL": pa.float64(),
    "DATE": pa.date32(),
    "DATETIME": pa.timestamp("s"),
}
_TABLE: Final = re.compile(r"\bFROM\s+`?table`?", re.IGNORECASE)
_NOT_SELECT: Final = re.compile(r"^\s*(?!SELECT\b)|;", re.IGNORECASE)
_PROBLEM: Final = "There was a problem executing the SQL query: "


def answer(dataset: DataSet, sql: str) -> dict[str, Any]:
    """The answer to a query.

    Raises:
        Refusal: If it is none, or names columns that are not there.
    """
    if _NOT_SELECT.search(sql) or not _TABLE.search(sql):
        raise Refusal(400, f"{_PROBLEM}Unable to parse SQL: {sql}")
    try:
        with duckdb.connect() as engine:
            engine.register("dataset", _table(dataset))
            found = engine.execute(_TABLE.sub("FROM dataset", sql).replace("`", '"'))
            names = [column[0] for column in found.description or ()]
            rows = [[_value(each) for each in row] for row in found.fetchall()]
    except duckdb.BinderException:
        raise Refusal(400, f"{_PROBLEM}Invalid column(s) referenced") from None
    except duckdb.Error:
        raise Refusal(400, f"{_PROBLEM}Unable to parse SQL: {sql}") from None
    types = {column.name: column.type for column in dataset.columns}
    metadata = [
        {
            "type": types.get(name, "STRING"),
            "dataSourceId": dataset.id,
            "maxLength": -1,
            "minLength": -1,
            "periodIndex": 0,
        }
        for name in names
    ]
    return {
        "datasource": dataset.id,
        "columns": names,
        "metadata": metadata,
        "rows": rows,
        "numRows": len(rows),
        "numColumns": len(names),
        "fromcache": False,
    }


def _table(dataset: DataSet) -> pa.Table:
    columns = [
        pa.array([row[place] for row in dataset.rows], pa.string()).cast(_TYPES[column.type])
        for place, column in enumerate(dataset.columns)
    ]
    return pa.table(columns, names=[column.name for column in dataset.columns])


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
