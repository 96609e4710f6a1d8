"""Fivetran's tables over days: what is edited, deleted, renamed or changed in X, in the datasets."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from support.organic import OF_TWEETS, WORLD
from support.organic_tables import Tables
from support.singer_messages import lines, schema

from dataset_store import open_store
from dataset_store.duckdb_file import export_to_duckdb
from sandbox.ads.accounts import FOUNDERS, HARBOUR, NORTHWIND, PLATFORM
from sandbox.credentials import OWNER
from singer_plugin import UserError
from tap_twitter.tap import TapTwitter
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

STAMP = "TIMESTAMP WITH TIME ZONE"
METRICS = [
    "app_clicks",
    "card_engagements",
    "carousel_swipes",
    "clicks",
    "engagements",
    "follows",
    "impressions",
    "likes",
    "poll_card_vote",
    "qualified_impressions",
    "replies",
    "retweets",
    "tweets_send",
    "unfollows",
    "url_clicks",
    "video_15_s_views",
    "video_3_s_100_pct_views",
    "video_6_s_views",
    "video_content_starts",
    "video_cta_clicks",
    "video_total_views",
    "video_views_100",
    "video_views_25",
    "video_views_50",
    "video_views_75",
]
STREAMS = " ".join([*OF_TWEETS, "account_history", "card_history", "card_component"])


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


@pytest.fixture
def tables(sandbox: Sandbox, tmp_path: Path) -> Tables:
    return Tables(sandbox, tmp_path)


def test_three_days(sandbox: Sandbox, tables: Tables) -> None:
    timelines = sandbox.world.timelines
    kept = str(timelines.add(OWNER.user_id, "Tea #one #two"))
    gone = str(timelines.add(OWNER.user_id, "Gone #gone"))
    settings = {"organic": {"fivetran_columns": True}}
    tables.load(STREAMS, NORTHWIND.id, **settings)
    card = tables.held("card_history")[0]
    assert not tables.deleted("tweet")

    timelines.rewrite(int(kept), "Tea #one")
    timelines.delete(int(gone))
    sandbox.ads.change_account(NORTHWIND.id, name="Renamed")
    sandbox.ads.creatives.change(card["id"], {"name": "Changed"})
    tables.load(STREAMS, NORTHWIND.id, **settings)
    assert tables.deleted("tweet") == {gone}
    [row] = tables.held("tweet", id=gone)
    assert (row["full_text"], row["_fivetran_deleted"]) == ("Gone #gone", True)
    [row] = tables.held("tweet", id=kept)
    assert (row["full_text"], row["_fivetran_deleted"]) == ("Tea #one", False)
    tags = {
        (row["tweet_id"], row["text"]): row["_fivetran_deleted"]
        for row in tables.held("tweet_hashtag")
        if row["tweet_id"] in {kept, gone}
    }
    assert tags == {(kept, "one"): False, (kept, "two"): True, (gone, "gone"): True}

    tables.load(STREAMS, NORTHWIND.id, **settings)
    first, second = sorted(
        tables.held("account_history", id=NORTHWIND.id), key=lambda row: row["updated_at"]
    )
    assert (first["name"] != "Renamed", second["name"]) == (True, "Renamed")
    versions = sorted(tables.held("card_history", id=card["id"]), key=lambda row: row["updated_at"])
    assert [row["name"] for row in versions] == [card["name"], "Changed"]
    for history in ((first, second), versions):
        stamps = [row["_fivetran_synced"] for row in history]
        assert len(set(stamps)) == 2
        assert stamps == sorted(stamps)
    [user] = tables.held("twitter_user_history")
    assert user["screen_name"] == "NorthwindTea"
    assert tables.deleted("tweet") == {gone}
    assert set(tables.activated) == {*OF_TWEETS[:5], "card_component"}


def test_default_settings_mark_deletions(sandbox: Sandbox, tables: Tables) -> None:
    sandbox.ads.grant(PLATFORM.id, OWNER.user_id)  # it has thousands of posts
    gone = str(sandbox.world.timelines.add(OWNER.user_id, "Gone"))
    tables.load("tweet")
    sandbox.world.timelines.delete(int(gone))
    tables.load("tweet")
    assert tables.deleted("tweet") == {gone}
    assert "_fivetran_deleted" not in tables.held("tweet")[0]


def test_hard_deletes_remove_the_rows(sandbox: Sandbox, tables: Tables) -> None:
    tables.target["hard_delete"] = True
    gone = str(sandbox.world.timelines.add(OWNER.user_id, "Gone"))
    tables.load("tweet", NORTHWIND.id)
    sandbox.world.timelines.delete(int(gone))
    tables.load("tweet", NORTHWIND.id)
    assert not tables.held("tweet", id=gone)


def test_a_failed_account_leaves_all_rows_as_they_are(sandbox: Sandbox, tables: Tables) -> None:
    gone = str(sandbox.world.timelines.add(OWNER.user_id, "Gone"))
    tables.load("tweet tweet_hashtag", NORTHWIND.id, HARBOUR.id)
    sandbox.world.timelines.delete(int(gone))
    path = f"/12/accounts/{HARBOUR.id}/tweets"
    sandbox.faults.add("ads_refused", path=path, count=1, status=403, code="ACTION_NOT_ALLOWED")
    with pytest.raises(UserError, match="role"):
        tables.load("tweet tweet_hashtag", NORTHWIND.id, HARBOUR.id)
    assert not tables.activated
    assert not tables.deleted("tweet")
    tables.load("tweet tweet_hashtag", NORTHWIND.id, HARBOUR.id)
    assert tables.activated == ["tweet", "tweet_hashtag"]
    assert tables.deleted("tweet") == {gone}


def test_a_read_that_a_budget_stops_is_completed_by_later_runs(
    sandbox: Sandbox, tables: Tables
) -> None:
    accounts = (NORTHWIND.id, FOUNDERS.id, HARBOUR.id)
    gone = str(sandbox.world.timelines.add(OWNER.user_id, "Gone"))
    tables.load("tweet", *accounts)
    sandbox.world.timelines.delete(int(gone))
    runs = 0
    while not tables.activated or not runs:
        tables.load("tweet", *accounts, budget={"max_requests": 3})
        runs += 1
        assert runs < 9
    tables.load("tweet", *accounts)
    assert tables.deleted("tweet") == {gone}


def test_accounts_that_are_no_longer_read_keep_their_rows(
    tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    tables.load("tweet", NORTHWIND.id, HARBOUR.id)
    tables.load("tweet tweet_url", NORTHWIND.id)
    assert not tables.deleted("tweet")
    assert f"rows of ads account '{HARBOUR.id}', which is no longer read" in caplog.text
    tables.state = None
    tables.load("tweet", NORTHWIND.id)
    assert {row["account_id"] for row in tables.held("tweet") if row["_sdc_deleted_at"]} == {
        HARBOUR.id
    }


@pytest.mark.parametrize("version", ["1", True, 1.5, []])
def test_a_version_that_is_none_is_refused(version: Any, tables: Tables) -> None:
    tables.state = {"bookmarks": {"tweet": {"version": version, "partitions": []}}}
    with pytest.raises(UserError, match=r"bookmarks\.tweet\.version"):
        tables.run("tweet", NORTHWIND.id)


TYPES = {
    "account_history": {
        "id": "VARCHAR", "updated_at": STAMP, "created_at": STAMP, "deleted": "BOOLEAN",
        "timezone": "VARCHAR", "_fivetran_synced": STAMP,
    },
    "tweet": {
        "id": "VARCHAR", "account_id": "VARCHAR", "user_id": "BIGINT", "created_at": STAMP,
        "full_text": "VARCHAR", "favorite_count": "BIGINT", "coordinates_coordinates": "VARCHAR",
        "_fivetran_synced": STAMP, "_fivetran_deleted": "BOOLEAN",
    },
    "organic_tweet_report": {
        "organic_tweet_id": "VARCHAR", "account_id": "VARCHAR", "date": STAMP,
        "placement": "VARCHAR", "_fivetran_synced": STAMP,
        **dict.fromkeys(METRICS, "BIGINT"),
    },
    "twitter_user_history": {
        "id": "BIGINT", "created_at": STAMP, "followers_count": "BIGINT", "name": "VARCHAR",
        "_fivetran_synced": STAMP,
    },
}  # fmt: skip


def test_duckdb_has_the_types_that_packages_for_fivetrans_tables_need(tmp_path: Path) -> None:
    streams = TapTwitter(config={"organic": {"fivetran_columns": True}}).streams
    sent = [
        schema(name, streams[name].schema["properties"], list(streams[name].primary_keys))
        for name in TYPES
    ]
    store, file = str(tmp_path / "datasets"), tmp_path / "datasets.duckdb"
    TargetDataset(config={"store": store}).listen(io.StringIO(lines(sent)))
    export_to_duckdb(open_store(store), file, "twitter")
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        for name, types in TYPES.items():
            query = f"select name, type from pragma_table_info('twitter.{name}')"
            found = dict(connection.execute(query).fetchall())
            assert {column: found[column] for column in types} == types
