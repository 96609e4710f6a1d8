"""Reads tables with one engine, in the environment of the engines; knows nothing of this project.

`python reader.py ENGINE RECIPE` reads a request from each line of its input: `location` of a table,
and `column` and `value` (as `plain` writes it) if only the rows with that value are wanted. It answers
with a line of JSON: columns and rows, or the error. The recipe is a Python expression of `location`
that gives the table as the engine has it.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def plain(value: Any) -> Any:
    """A value as JSON that tells types apart: `1`, `1.0`, `"1"` and `Decimal(1)` all differ."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return f"{type(value).__name__} {_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return "without a zone" if value.tzinfo is None else value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, str) else repr(value)


_TYPES: dict[str, Callable[[str], Any]] = {
    "bool": "True".__eq__,
    "int": int,
    "float": float,
    "str": str,
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "bytes": ast.literal_eval,
}


def parsed(text: str | None) -> Any:
    """The counterpart of `plain`, for values that are not nested."""
    if text is None:
        return None
    name, _, rest = text.partition(" ")
    return _TYPES[name](rest)


def _duckdb(duckdb: Any, location: str, column: str, value: Any) -> Any:
    query = f"from delta_scan('{location}') where {_quoted(column)} is not distinct from $value"
    return duckdb.sql(query, params={"value": value})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _polars(polars: Any, location: str, column: str, value: Any) -> Any:
    named = polars.col(column)
    wanted = named.is_null() if value is None else named == value
    return polars.scan_delta(location).filter(wanted).collect()


def _daft(daft: Any, location: str, column: str, value: Any) -> Any:
    named = daft.col(column)
    wanted = named.is_null() if value is None else named == daft.lit(value)
    return daft.read_deltalake(location).where(wanted)


def _deltalake(deltalake: Any, location: str, column: str, value: Any) -> Any:
    named = importlib.import_module("pyarrow.compute").field(column)
    wanted = named.is_null() if value is None else named == value
    return deltalake.DeltaTable(location).to_pyarrow_dataset().to_table(filter=wanted)


_SEARCHES = {"duckdb": _duckdb, "polars": _polars, "daft": _daft, "deltalake": _deltalake}


def answer(engine: str, recipe: str, request: dict[str, Any]) -> dict[str, Any]:
    """What an engine reads at a location."""
    module = importlib.import_module(engine)
    if engine == "duckdb":
        _load_delta(module)
    location = request["location"]
    if "column" in request:
        value = parsed(request["value"])
        found = _SEARCHES[engine](module, location, request["column"], value)
    else:
        found = eval(recipe, {engine: module, "location": location})
    for method in ("to_arrow_table", "to_arrow"):
        found = getattr(found, method, lambda found=found: found)()
    return {"columns": found.column_names, "rows": [plain(row) for row in found.to_pylist()]}


def _load_delta(duckdb: Any) -> None:
    """Load the extension from its wheel: it cannot be fetched where there is no internet."""
    package = importlib.import_module("duckdb_extension_delta")
    (file,) = Path(str(package.__file__)).parent.rglob("delta.duckdb_extension")
    duckdb.sql("set autoinstall_known_extensions = false")
    duckdb.sql(f"load '{file}'")


def main() -> None:
    """Answer until the input ends."""
    engine, recipe = sys.argv[1:]
    for line in sys.stdin:
        try:
            told = answer(engine, recipe, json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever an engine raises is its answer
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
