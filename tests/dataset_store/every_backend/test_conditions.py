"""Rows that a condition names are deleted or marked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.stored_posts import ODD_NAMES, POSTS, stored, table

from dataset_store import Below, DatasetSpec, DatasetStore, SchemaConflictError
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from dataset_store import Dataset

pytestmark = pytest.mark.needs("delete_rows")

VERSIONED = pa.schema([*POSTS, ("version", pa.int64()), ("deleted_at", TIMESTAMP)])

MOMENT = datetime(2024, 5, 1, 0, 0, 0, 1, UTC)


@pytest.fixture
def versioned(store: DatasetStore) -> Dataset:
    dataset = store.create(DatasetSpec("versioned", VERSIONED, keys=("id",)))
    for version in (None, 1, 2, 3):
        rows = [{"id": f"{version}{n}", "likes": n, "version": version} for n in range(2)]
        dataset.append(table(*rows, {"id": f"{version}", "version": 3}, schema=VERSIONED))
    return dataset


@pytest.mark.parametrize(
    ("where", "gone"),
    [
        (Below("version", 3), {"10", "11", "20", "21"}),
        (Below("version", 2, or_null=True), {"10", "11", "None0", "None1"}),
        (Below("version", 1), set()),
        (Below("likes", 0, or_null=True), {"None", "1", "2", "3"}),
        (Below("id", "2"), {"1", "10", "11"}),
        (Below("created_at", MOMENT), set()),
    ],
    ids=["older", "older or null", "none", "null", "text", "time"],
)
def test_rows_below_a_bound_are_deleted_or_marked(
    where: Below, gone: set[str], versioned: Dataset
) -> None:
    before, version = stored(versioned), versioned.version
    versioned.mark(where, "deleted_at", MOMENT)

    assert stored(versioned) == [(*row[:-1], MOMENT if row[0] in gone else None) for row in before]
    assert (versioned.version != version) == bool(gone)

    versioned.delete(where)
    assert stored(versioned) == [row for row in before if row[0] not in gone]
    assert versioned.schema.equals(VERSIONED, check_metadata=True)


def test_a_mark_that_was_set_stays(store: DatasetStore, versioned: Dataset) -> None:
    versioned.mark(Below("version", 2), "deleted_at", MOMENT)
    versioned.mark(Below("version", 3), "deleted_at", MOMENT.replace(year=2025))

    years = {row[0]: row[1] and row[1].year for row in stored(versioned, "version", "deleted_at")}
    assert years == {1: 2024, 2: 2025, 3: None, None: None}
    version = versioned.version
    versioned.mark(Below("version", 3), "deleted_at", MOMENT)
    assert store.open("versioned").version == version


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_marked_column_may_be_called(name: str, store: DatasetStore) -> None:
    schema = pa.schema([("n", pa.int64()), (name, pa.string())])
    dataset = store.create(DatasetSpec("odd", schema))
    dataset.append(pa.table({"n": [1, 2]}))
    dataset.mark(Below("n", 2), name, "it's")
    dataset.delete(Below(name, "it", or_null=True))

    assert stored(dataset, "n", name) == [(1, "it's")]


@pytest.mark.parametrize(
    ("where", "column", "value", "said"),
    [
        (Below("nope", 1), "deleted_at", MOMENT, "'nope'"),
        (Below("version", 1), "nope", MOMENT, "'nope'"),
        (Below("version", "secret"), "deleted_at", MOMENT, "'version' holds int64, not str"),
        (Below("version", 1), "deleted_at", "secret", "'deleted_at' holds timestamp.*not str"),
    ],
    ids=["no such column", "no such mark", "wrong bound", "wrong mark"],
)
def test_a_condition_that_does_not_fit_the_columns_is_refused(
    where: Below, column: str, value: Any, said: str, versioned: Dataset
) -> None:
    with pytest.raises(SchemaConflictError, match=said) as caught:
        versioned.mark(where, column, value)
    assert "secret" not in str(caught.value)
