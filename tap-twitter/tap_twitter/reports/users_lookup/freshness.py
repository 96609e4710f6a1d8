"""Users that need no new lookup, because their rows in the writeback dataset are recent."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from tap_twitter.objects.user_answers import SETTLED
from tap_twitter.objects.user_references import Kind
from tap_twitter.reports.users_lookup.lookup_pass import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dataset_store import Dataset

logger = logging.getLogger("tap-twitter.users_lookup")

TIME: Final = "looked_up_at"
COLUMNS: Final = ("requested_id", "requested_kind", "lookup_status", TIME)
FORMS: Final = {Kind.ID: "^[1-9][0-9]{0,18}$", Kind.USERNAME: "^@?[a-z0-9_]{1,15}$"}
"""The form of a `requested_id`; a stream map may have put something else in its place."""


def fresh_values(writeback: Dataset, since: datetime) -> dict[Kind, pa.Array]:
    """The ids and handles that were looked up after a moment, with a usable answer.

    If stream maps have changed the columns for this, nothing is fresh.
    """
    if not _tells(writeback.schema):
        logger.warning(
            "Dataset '%s' lacks the columns %s as the tap writes them, so "
            "'users_lookup.refresh_after_days' skips nobody.",
            writeback.info().name,
            ", ".join(COLUMNS),
        )
        return {}
    batches = writeback.read(COLUMNS)
    rows = [batch.filter(_is_fresh(batch, since)) for batch in batches]
    return {kind: _values(kind, rows) for kind in FORMS}


def _tells(schema: pa.Schema) -> bool:
    types = {field.name: field.type for field in schema if field.name in COLUMNS}
    time = types.pop(TIME, pa.null())
    return (
        len(types) + 1 == len(COLUMNS)
        and pa.types.is_timestamp(time)
        and all(
            pa.types.is_string(each) or pa.types.is_large_string(each) for each in types.values()
        )
    )


def _is_fresh(rows: pa.RecordBatch, since: datetime) -> pa.Array:
    """Rows looked up after the moment; if X gave no answer, asking again may help."""
    times = rows[TIME].cast(pa.timestamp("us", "UTC"))
    young = pc.greater(times, pa.scalar(since, pa.timestamp("us", "UTC")))
    return pc.and_(young, pc.is_in(rows["lookup_status"], pa.array(SETTLED)))


def _values(kind: Kind, batches: Sequence[pa.RecordBatch]) -> pa.Array:
    found = [pa.array([], TYPES[kind])]
    for batch in batches:
        values = batch.filter(pc.equal(batch["requested_kind"], kind.value))["requested_id"]
        whole = values.filter(pc.match_substring_regex(values, FORMS[kind]))
        found.append(whole.cast(TYPES[kind]))
    return pa.concat_arrays(found)
