"""The columns that hold the version of a row, and when a later version has retired it.

Singer taps give RECORDs a `version` and, after a complete read, send ACTIVATE_VERSION: rows of
older versions are no longer in the source. The names of the columns are those of singer-sdk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dataset_store.base import Value

DELETED_AT: Final = "_sdc_deleted_at"
TABLE_VERSION: Final = "_sdc_table_version"

FIELDS: Final = (pa.field(DELETED_AT, TIMESTAMP), pa.field(TABLE_VERSION, pa.int64()))

_FIVETRAN_DELETED: Final = "_fivetran_deleted"
_FIVETRAN_SYNCED: Final = "_fivetran_synced"


def version_columns(versions: Sequence[int | None]) -> list[pa.Array]:
    """The columns of rows that are in the source."""
    return [pa.nulls(len(versions), TIMESTAMP), pa.array(versions, pa.int64())]


def with_no_version(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Rows that came before the first one with a version."""
    for field, column in zip(FIELDS, version_columns([None] * rows.num_rows), strict=True):
        rows = rows.append_column(field, column)
    return rows


def marks_of_deletion(schema: pa.Schema, now: datetime) -> Mapping[str, Value]:
    """The other columns of a dataset that say whether a row is deleted, with their new values.

    Fivetran's connectors set `_fivetran_deleted` in rows that the source has no longer, and
    `_fivetran_synced` in all rows that a sync has touched
    (https://fivetran.com/docs/core-concepts/system-columns-and-tables).
    """
    types = {field.name: field.type for field in schema}
    if types.get(_FIVETRAN_DELETED) != pa.bool_():
        return {}
    synced: dict[str, Value] = {_FIVETRAN_SYNCED: now}
    return {_FIVETRAN_DELETED: True, **(synced if types.get(_FIVETRAN_SYNCED) == TIMESTAMP else {})}
