"""SQL over Delta Lake tables, answered by the engine inside deltalake (DataFusion)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from deltalake import QueryBuilder
from deltalake.exceptions import DeltaError

from dataset_store.delta.failures import told_as_dataset_errors
from dataset_store.delta.sql import quoted
from dataset_store.errors import DatasetError
from dataset_store.evolution import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deltalake import DeltaTable

_QUERY: Final = re.compile(r"(?:\s|\(|--.*\n)*(?:select|with|values|describe)\b", re.IGNORECASE)


def answer(sql: str, tables: Mapping[str, DeltaTable]) -> pa.RecordBatchReader:
    """Run one query over the tables, each under its name, and give the rows as they come.

    Raises:
        DatasetError: The text is no query, or the engine refuses it.
    """
    if not _QUERY.match(sql):
        message = "SQL: it is no query; begin with SELECT, WITH, VALUES or DESCRIBE"
        raise DatasetError(message)
    engine = QueryBuilder()
    for name, table in tables.items():
        engine.register(quoted(name), table)
    try:
        rows = pa.RecordBatchReader.from_stream(engine.execute(sql))
    except DeltaError as error:
        # at this point the engine has seen the query alone, so its words hold no data
        message = f"SQL: {' '.join(str(error).split())}"
        raise DatasetError(message) from None
    schema = storable(rows.schema)
    return pa.RecordBatchReader.from_batches(schema, _cast(rows, schema))


def _cast(rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with told_as_dataset_errors("SQL"):
        for batch in rows:
            columns = [
                values.cast(field.type) for values, field in zip(batch.columns, schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
