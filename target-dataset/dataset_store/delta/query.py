"""SQL over Delta Lake tables by the engine inside deltalake (DataFusion)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import QueryBuilder
from deltalake.exceptions import DeltaError

from dataset_store.delta.failures import as_dataset_errors
from dataset_store.evolution import storable
from dataset_store.queries import check_query, distinct, quoted, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from deltalake import DeltaTable


def answer(
    sql: str, tables: Mapping[str, DeltaTable], names: Iterable[str]
) -> pa.RecordBatchReader:
    """Run one query over the tables, each under its name, and stream the rows.

    Args:
        sql: The query.
        tables: The tables that it may use.
        names: The names of all datasets, for hints.

    Raises:
        DatasetError: The text is not a query, or the engine rejects it.
    """
    check_query(sql)
    engine = QueryBuilder()
    for name, table in tables.items():
        engine.register(quoted(name), table)
    try:
        rows = pa.RecordBatchReader.from_stream(engine.execute(sql))
    except DeltaError as error:
        # so far, the engine has seen only the query, so its message holds no data
        raise refusal(str(error), sql, names) from None
    schema = distinct(storable(rows.schema))
    return pa.RecordBatchReader.from_batches(schema, _cast(rows, schema))


def _cast(rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with as_dataset_errors("SQL"):
        for batch in rows:
            columns = [
                values.cast(field.type) for values, field in zip(batch.columns, schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
