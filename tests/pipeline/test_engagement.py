"""The engagement job from end to end: settings of a Meltano project become rows of datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.harness import rows

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox


@pytest.mark.pipeline
@pytest.mark.xdist_group("meltano")
@pytest.mark.timeout(240)
def test_meltano_runs_the_job(meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "datasets"
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_API_ENGAGEMENT_URL": sandbox.url,
        "TAP_TWITTER_ENGAGEMENT_NUMBER_OF_TWEETS": "5",
        "TAP_TWITTER_ENGAGEMENT_ENGAGEMENT_METRICS": '["impressions", "replies"]',
        "TAP_TWITTER_ENGAGEMENT_GROUP_BY": '[["tweet", "date"], ["engagement_type"]]',
        "TAP_TWITTER_ENGAGEMENT_DAYS_BACK_TO_START_FROM": "7",
        "TARGET_DATASET_STORE": str(store),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
    }
    for _ in range(2):
        done = meltano.run("run", "engagement", **variables)
        assert done.returncode == 0, done.stderr
    historical = rows(store, "historical_engagement")
    assert len(historical) == 5 * 7 + 2
    by_day = [row for row in historical if row["date"] is not None]
    assert sum(row["count"] for row in by_day) == sum(
        row["count"] for row in historical if row["date"] is None
    )
    assert {row["engagement_type"] for row in rows(store, "engagement_28hr")} == {
        None,
        "impressions",
        "replies",
    }
    assert len(rows(store, "engagement_totals")) == 2 * 5 * 7
    assert sandbox.bill.total.net_objects == 5
