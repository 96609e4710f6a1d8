from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.harness import make_dataset

from tap_twitter.objects.user_references import Kind
from tap_twitter.reports.users_lookup.freshness import fresh_values

if TYPE_CHECKING:
    from pathlib import Path

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
YOUNG, OLD = SINCE + timedelta(hours=1), SINCE - timedelta(hours=1)
HASH = "5d41402abc4b2a76b9719d911017c592"


def rows(*given: tuple[str | None, str, str | None, datetime | None], **changes: Any) -> pa.Table:
    names = ("requested_id", "requested_kind", "lookup_status", "looked_up_at")
    columns = dict(zip(names, map(list, zip(*given, strict=True)), strict=True))
    types = dict.fromkeys(names, pa.string()) | {"looked_up_at": pa.timestamp("us", "UTC")}
    arrays = {name: pa.array(columns[name], types[name]) for name in names} | changes
    return pa.table({name: values for name, values in arrays.items() if values is not None})


@pytest.mark.parametrize(
    ("status", "is_fresh"),
    [
        ("found", True),
        ("not_found", True),
        ("suspended", True),
        ("protected", True),
        ("invalid", True),
        ("unavailable", False),
        ("unanswered", False),
        ("error", False),
        ("something new", False),
        (None, False),
    ],
)
def test_only_what_is_settled_is_fresh(tmp_path: Path, status: str | None, is_fresh: bool) -> None:
    given = rows(("1", "id", status, YOUNG), ("ann", "username", status, YOUNG))
    fresh = fresh_values(make_dataset(tmp_path, "w", given), SINCE)
    assert fresh[Kind.ID].to_pylist() == ([1] if is_fresh else [])
    assert fresh[Kind.USERNAME].to_pylist() == (["ann"] if is_fresh else [])


def test_odd_rows_are_passed_over(tmp_path: Path) -> None:
    given = rows(
        (HASH, "id", "found", YOUNG),
        (HASH, "username", "found", YOUNG),
        ("99999999999999999999", "id", "found", YOUNG),
        ("-1", "id", "found", YOUNG),
        ("", "id", "found", YOUNG),
        (None, "id", "found", YOUNG),
        ("1", "id", "found", None),
        ("2", "id", "found", OLD),
        ("no kind", "other", "found", YOUNG),
        ("9999999999999999999", "id", "found", YOUNG),
        ("@12345", "username", "found", YOUNG),
    )
    fresh = fresh_values(make_dataset(tmp_path, "w", given), SINCE)
    assert {kind: values.to_pylist() for kind, values in fresh.items()} == {
        Kind.ID: [9999999999999999999],
        Kind.USERNAME: ["@12345"],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"looked_up_at": None},
        {"lookup_status": None},
        {"looked_up_at": pa.array(["2026-03-01"])},
        {"requested_id": pa.array([1])},
    ],
    ids=["no-time", "no-status", "time-as-text", "id-as-number"],
)
def test_changed_columns_spare_nobody_and_one_line_says_so(
    tmp_path: Path, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    given = rows(("1", "id", "found", YOUNG), **changes)
    assert fresh_values(make_dataset(tmp_path, "mapped", given), SINCE) == {}
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "'mapped' lacks the columns" in record.getMessage()
