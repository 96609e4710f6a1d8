"""SQL over datasets by DuckDB, which has JSON functions and much more.

DuckDB is an extra (`pip install 'opendataset-target-dataset[sql]'`) because it takes 70 MB. It can
access only the datasets: no file, no address, no extension that is not built in.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.errors import DatasetError
from dataset_store.evolution import storable
from dataset_store.progress import untracked
from dataset_store.queries import distinct, mentioned, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataset_store.base import Dataset, DatasetStore
    from dataset_store.progress import Tracker

_CONFIG: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_NO_FILES: Final = {"enable_external_access": "false"}
_SETTINGS: Final = "SET TimeZone = 'UTC'; SET lock_configuration = true"
_SUM: Final = pa.decimal128(38, 0)
"""The type of DuckDB's sums of integers."""


_QUERY_FAULTS: Final = frozenset(
    {
        "BinderException",
        "CatalogException",
        "NotImplementedException",
        "ParserException",
        "PermissionException",
        "SyntaxException",
    }
)
"""DuckDB's errors about the query itself; the text of other errors may quote values of rows."""

_VALUE_FAULTS: Final = {
    "ConversionException": "a value cannot be cast; use try_cast",
    "InvalidInputException": "a function rejects a value, such as text that is not JSON; use try()",
    "OutOfRangeException": "a number is out of range; cast it to a wider type",
    "OutOfMemoryException": "memory ran out; select fewer columns or rows",
}


def answer(sql: str, store: DatasetStore) -> pa.RecordBatchReader:
    """Run one query over the datasets of a store and stream the rows.

    Every scan reads all columns of a dataset, in the version at the start.

    Raises:
        DatasetError: DuckDB rejects the query, or is not installed.
    """
    infos = list(store.list())
    connection = connected(**_NO_FILES)
    connection.execute(_SETTINGS)
    scans = {
        dataset_id: Scan(store.open(dataset_id))
        for dataset_id in dict.fromkeys(mentioned(sql, infos).values())
    }
    for called, dataset_id in mentioned(sql, infos).items():
        connection.register(called, scans[dataset_id])
    run = _Run(sql, [info.name for info in infos], list(scans.values()))
    with run.errors():
        _check_query(connection, sql)
        rows = connection.sql(sql).to_arrow_reader()
    schema = distinct(storable(pa.schema(list(map(_answered, rows.schema)))))
    return pa.RecordBatchReader.from_batches(schema, run.batches(rows, schema, connection))


def connected(**config: str) -> Any:
    """A connection to a DuckDB in memory that fetches no extensions.

    Args:
        config: More of DuckDB's options.

    Raises:
        DatasetError: DuckDB is not installed.
    """
    return _engine().connect(":memory:", config={**_CONFIG, **config})


def _engine() -> Any:
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError:
        message = (
            "DuckDB is not installed, which --engine duckdb and --duckdb need; "
            "pip install 'opendataset-target-dataset[sql]'"
        )
        raise DatasetError(message) from None
    return duckdb


def _check_query(connection: Any, sql: str) -> None:
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    if len(kinds) > 1:
        message = f"SQL: there are {len(kinds)} statements; give one query"
        raise DatasetError(message)
    if not set(kinds) & {"SELECT", "EXPLAIN"}:
        message = "SQL: it is not a query; start with SELECT, FROM or EXPLAIN"
        raise DatasetError(message)


def _answered(field: pa.Field) -> pa.Field:
    """A column of the result; sums of integers become integers, as in the other engine."""
    return field.with_type(pa.int64()) if field.type == _SUM else field


class Scan:
    """A dataset as a DuckDB source: an Arrow stream for each scan.

    Args:
        dataset: The dataset.
        tracker: Counts the rows.
    """

    def __init__(self, dataset: Dataset, tracker: Tracker | None = None) -> None:
        self._dataset = dataset
        self._tracker = tracker or untracked()
        self.failure: DatasetError | None = None
        """The error that stopped a scan, if any: DuckDB would turn it into text."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        reader = pa.RecordBatchReader.from_batches(self._dataset.schema, self._read())
        return reader.__arrow_c_stream__(requested_schema)

    def _read(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._tracker.rows(self._dataset.read())
        except DatasetError as error:
            self.failure = error
            raise


@dataclass(frozen=True, slots=True)
class _Run:
    """A running query, and how its errors are reported."""

    sql: str
    names: Sequence[str]
    scans: Sequence[Scan]

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Convert DuckDB's errors to one line.

        Raises:
            DatasetError: DuckDB has raised an error.
        """
        try:
            yield
        except DatasetError:
            raise
        except Exception as error:  # noqa: BLE001 - inside a stream, Arrow raises many types
            raise self._translated(error) from None

    def _translated(self, error: Exception) -> DatasetError:
        failure = next((scan.failure for scan in self.scans if scan.failure), None)
        kind = type(error).__name__
        if failure:
            return failure
        if kind in _QUERY_FAULTS:
            # after the first lines, DuckDB repeats the query
            return refusal(str(error).split("\n\nLINE ")[0], self.sql, self.names)
        hint = _VALUE_FAULTS.get(kind, "a value may not suit the query")
        return DatasetError(f"SQL: DuckDB failed ({kind}): {hint}")

    def batches(
        self, rows: pa.RecordBatchReader, schema: pa.Schema, connection: object
    ) -> Iterator[pa.RecordBatch]:
        """The result in the types of datasets; the connection stays open while it is read."""
        with self.errors():
            for batch in rows:
                columns = [
                    values.cast(field.type)
                    for values, field in zip(batch.columns, schema, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
        del connection
