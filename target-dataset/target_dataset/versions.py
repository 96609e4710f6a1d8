"""ACTIVATE_VERSION: rows of older versions are marked as deleted, or removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store import Dataset

    Change = Callable[[pa.RecordBatch, pa.Array], pa.RecordBatch]

VERSION: Final = "_sdc_table_version"
DELETED_AT: Final = "_sdc_deleted_at"


def activate_version(dataset: Dataset, version: int, *, hard_delete: bool) -> None:
    """Retire the rows whose version is older, in one commit.

    Rows without a version stay as they are, as in singer-sdk's SQL targets.

    Args:
        dataset: A dataset with the columns `VERSION` and `DELETED_AT`.
        version: The version that counts from now on.
        hard_delete: Whether the rows are removed, rather than given the time in `DELETED_AT`.
    """

    def retired(batch: pa.RecordBatch) -> pa.Array:
        older = pc.fill_null(pc.less(batch.column(VERSION), version), fill_value=False)
        return older if hard_delete else pc.and_(older, pc.is_null(batch.column(DELETED_AT)))

    change = _removed if hard_delete else _marked(datetime.now(UTC))
    if any(pc.any(retired(batch)).as_py() for batch in dataset.read([VERSION, DELETED_AT])):
        changed = (change(batch, retired(batch)) for batch in dataset.read())
        dataset.overwrite(pa.RecordBatchReader.from_batches(dataset.schema, changed))


def _removed(batch: pa.RecordBatch, retired: pa.Array) -> pa.RecordBatch:
    return batch.filter(pc.invert(retired))


def _marked(now: datetime) -> Change:
    def change(batch: pa.RecordBatch, retired: pa.Array) -> pa.RecordBatch:
        marked = pc.if_else(retired, pa.scalar(now, TIMESTAMP), batch.column(DELETED_AT))
        index = batch.schema.get_field_index(DELETED_AT)
        return batch.set_column(index, batch.schema.field(index), marked)

    return change
