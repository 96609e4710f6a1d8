"""Posts that X no longer gives: their rows are marked, keep their columns, and may come back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pytest
from support.harness import make_dataset
from support.timelines import BOOKS, NOON, Runs

from dataset_store import DatasetSpec, open_store
from sandbox import moments, running
from tap_twitter.errors import InputDatasetError, RunError
from tap_twitter.reports.insights.known_posts_dataset import known_by_account
from tap_twitter.reports.insights.vanished import Vanished

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.reports.insights.tweet_insights import TweetInsightsStream

KNOWN = {"known_posts": "tweet_insights", "lookback_days": 30}
START = "2025-12-01"


def store_rows(runs: Runs) -> None:
    """Put the rows so far into a dataset, as a target that upserts would."""
    rows = pa.Table.from_pylist(list(runs.rows.values()))
    make_dataset(runs.store, dataset_name(runs), rows)


def dataset_name(runs: Runs) -> str:
    """The dataset of the rows that came with the last runs."""
    return f"rows {len(runs.given)}"


def next_run(runs: Runs, **insights: Any) -> None:
    known = {"known_posts": dataset_name(runs), "lookback_days": 30}
    runs.run(BOOKS, insights={**known, **insights}, start_date=START)


def young_originals(sandbox: Sandbox, runs: Runs) -> list[str]:
    month = moments.snowflake(NOON - timedelta(days=29), 0)
    plain = [row for row in runs.rows.values() if not (row["is_retweet"] or row["is_reply"])]
    return sorted((row["id"] for row in plain if int(row["id"]) > month), key=int, reverse=True)


@pytest.fixture
def begun(sandbox: Sandbox, runs: Runs) -> Runs:
    runs.run(BOOKS, start_date=START)
    store_rows(runs)
    sandbox.bill.reset()
    sandbox.requests.clear()
    return runs


def marks(runs: Runs) -> Mapping[str, str]:
    return {key: row["deletion_reason"] for key, row in runs.rows.items() if row["deleted_at"]}


def without_marks(row: dict[str, Any]) -> Any:
    return pruned(
        {name: row[name] for name in row if name not in {"deleted_at", "deletion_reason"}}
    )


def pruned(value: Any) -> Any:
    """A value without what is null: structs have all keys that any of them has."""
    if isinstance(value, dict):
        return {name: pruned(each) for name, each in value.items() if each is not None}
    return [pruned(each) for each in value] if isinstance(value, list) else value


def test_deleted_posts_are_marked_and_keep_their_columns(sandbox: Sandbox, begun: Runs) -> None:
    first, second, *_ = young_originals(sandbox, begun)
    before = dict(begun.rows)
    for post_id in (first, second):
        sandbox.world.timelines.delete(int(post_id))
    sandbox.clock.advance(60)
    next_run(begun)
    assert marks(begun) == {first: "deleted", second: "deleted"}
    for post_id in (first, second):
        row = begun.rows[post_id]
        assert without_marks(row) == without_marks(before[post_id])
        assert row["deleted_at"] == "2026-03-10T12:01:00Z"
    there = [each for each in begun.given if each not in marks(begun)]
    assert begun.posts_bought == len(there) - len(before) + 2
    store_rows(begun)
    sandbox.requests.clear()
    next_run(begun)
    assert {entry.path.rpartition("/")[2] for entry in sandbox.requests} == {"tweets"}
    assert all("/users/" in entry.path for entry in sandbox.requests)
    assert marks(begun).keys() == {first, second}


def test_the_plan_says_that_it_leaves_out_what_is_asked_for_by_id(begun: Runs) -> None:
    def notes(**insights: Any) -> str:
        return " ".join(begun.tap(BOOKS, insights=insights).plan().notes)

    assert "Known posts ('insights.known_posts')" in notes(known_posts=dataset_name(begun))
    assert "Known posts" not in notes()


def test_an_edit_replaces_the_row_of_the_version_before(sandbox: Sandbox, runs: Runs) -> None:
    post_id = sandbox.world.timelines.add(BOOKS["id"], "First words")
    sandbox.clock.advance(60)
    runs.run(BOOKS, start_date=START)
    store_rows(runs)
    edited = sandbox.world.timelines.edit(post_id, "Better words")
    sandbox.clock.advance(60)
    sandbox.requests.clear()
    next_run(runs)
    assert marks(runs) == {str(post_id): "edited"}
    old, new = runs.rows[str(post_id)], runs.rows[str(edited)]
    assert (old["text"], new["text"]) == ("First words", "Better words")
    assert old["original_id"] == new["original_id"] == str(post_id)
    assert new["edit_history_tweet_ids"] == [str(post_id), str(edited)]
    assert all("/users/" in entry.path for entry in sandbox.requests)


@pytest.mark.parametrize("earlier_versions", ["newest", "as_asked"])
def test_an_edit_that_the_timeline_does_not_show_is_noticed(
    tmp_path: Path, earlier_versions: Any
) -> None:
    """The new version stands above what a run that goes on has left to read."""
    options: Any = {"clock_start": NOON, "clock_ticking": False}
    with running(earlier_versions=earlier_versions, **options) as sandbox:
        runs = Runs(sandbox, tmp_path)
        post_id = sandbox.world.timelines.add(BOOKS["id"], "First words")
        sandbox.clock.advance(60)
        runs.run(BOOKS, start_date=START)
        store_rows(runs)
        sandbox.world.timelines.edit(post_id, "Better words")
        sandbox.clock.advance(60)
        tap = runs.tap(BOOKS, insights={"known_posts": dataset_name(runs)}, start_date=START)
        stream = cast("TweetInsightsStream", tap.streams["tweet_insights"])
        account = stream.identified[BOOKS["id"]]
        known, columns = stream._known[BOOKS["id"]], stream.own_columns
        clock = tap.run_context.clock
        vanished = Vanished(stream.requester, account, "books", known, columns, clock)
        (row,) = vanished.rows([post_id])
    assert (row["id"], row["deletion_reason"]) == (str(post_id), "edited")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("suspended", "X has suspended the account"),
        ("not_found", "X knows no such account"),
        ("protected", "the account is protected"),
    ],
)
def test_posts_of_an_account_that_comes_back_are_unmarked(
    sandbox: Sandbox, begun: Runs, status: Any, words: str
) -> None:
    month = moments.snowflake(NOON - timedelta(days=30), 0)
    young = {key for key in begun.rows if int(key) >= month}
    sandbox.world.set_status(BOOKS["id"], status)
    with pytest.raises(RunError, match=words):
        next_run(begun)
    assert marks(begun) == dict.fromkeys(young, status)
    assert begun.posts_bought == 0
    store_rows(begun)
    sandbox.world.set_status(BOOKS["id"], "found")
    sandbox.clock.advance(86_400 * 20)
    next_run(begun, lookback_days=5)
    assert set(marks(begun).values()) <= {"deleted"}
    there = {post["id"] for post in sandbox.world.timeline(BOOKS["id"])}
    assert marks(begun).keys() == young - there


def test_kinds_that_are_left_out_are_not_missed(sandbox: Sandbox, begun: Runs) -> None:
    next_run(begun, include_replies=False, include_retweets=False)
    assert marks(begun) == {}
    assert not any(entry.path == "/2/tweets" for entry in sandbox.requests)


def test_private_metrics_of_younger_days_are_kept(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(start_date="2026-02-12")
    had = {key for key, row in runs.rows.items() if row["organic_like_count"] is not None}
    before = dict(runs.rows)
    store_rows(runs)
    sandbox.clock.advance(86_400 * 10)
    runs.run(
        insights={"known_posts": dataset_name(runs), "lookback_days": 40},
        start_date="2026-02-12",
    )
    old = moments.snowflake(sandbox.clock.now() - timedelta(days=30), 0)
    aged = {key for key in had if int(key) < old and runs.rows[key]["deleted_at"] is None}
    assert aged
    for key in aged:
        assert runs.rows[key]["organic_like_count"] == before[key]["organic_like_count"]
        assert runs.rows[key]["read_at"] > before[key]["read_at"]


@pytest.mark.parametrize("folder", [".", "not-made-yet"])
def test_a_dataset_that_is_not_there_yet_is_told(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture, folder: str
) -> None:
    runs.store /= folder
    runs.run(BOOKS, insights=KNOWN, start_date="2026-03-01")
    assert "There is no dataset 'tweet_insights' ('insights.known_posts') yet" in caplog.text
    assert runs.rows


def test_a_name_that_two_datasets_have_is_refused(sandbox: Sandbox, runs: Runs) -> None:
    store, schema = open_store(str(runs.store)), pa.schema([("id", pa.string())])
    for number in (1, 2):
        store.create(DatasetSpec("twice", schema, id=f"{number:08d}-0000-4000-8000-000000000000"))
    with pytest.raises(InputDatasetError, match="2 datasets are named 'twice'"):
        runs.run(BOOKS, insights={"known_posts": "twice"})
    assert not sandbox.requests


ROW: dict[str, Any] = {
    "id": "1",
    "account_id": "2",
    "deletion_reason": None,
    "is_reply": False,
    "is_retweet": False,
    "read_at": NOON,
}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 1.5),
        ("account_id", 2),
        ("deletion_reason", 3),
        ("is_reply", "false"),
        ("is_retweet", "false"),
        ("read_at", 20260310),
    ],
)
def test_columns_of_other_types_are_refused(
    sandbox: Sandbox, runs: Runs, column: str, value: Any
) -> None:
    make_dataset(runs.store, "tweet_insights", pa.Table.from_pylist([ROW | {column: value}]))
    with pytest.raises(InputDatasetError, match=rf"has other values in the columns {column} than"):
        runs.run(BOOKS, insights=KNOWN)
    assert not sandbox.requests


@pytest.mark.parametrize("post_id", ["5f2b1c", "1.5", "", "9" * 20])
def test_ids_that_a_stream_map_has_changed_are_told(tmp_path: Path, post_id: str) -> None:
    posts = pa.Table.from_pylist([ROW, ROW | {"id": post_id}])
    dataset = make_dataset(tmp_path, "posts", posts)
    with pytest.raises(InputDatasetError, match=r"'insights\.known_posts' .* column id") as caught:
        known_by_account(dataset, ["2"], since=0, without=())
    assert not post_id or post_id not in str(caught.value)


def test_one_pass_over_the_dataset_tells_the_newest_rows_of_all_accounts(tmp_path: Path) -> None:
    later = NOON + timedelta(hours=1)
    posts = [
        ROW | {"id": "11", "account_id": "1"},
        ROW | {"id": "11", "account_id": "1", "read_at": later},
        ROW | {"id": "12", "account_id": "1", "is_reply": True},
        ROW | {"id": "21", "account_id": "2"},
        ROW | {"id": "5", "account_id": "2"},
        ROW | {"id": "6", "account_id": "2", "deletion_reason": "suspended"},
        ROW | {"id": "31", "account_id": "3"},
    ]
    dataset = make_dataset(tmp_path, "posts", pa.Table.from_pylist(posts))
    known = known_by_account(dataset, ["1", "2", "4"], since=9, without=["replies"])
    assert {key: each.between(0, None) for key, each in known.items()} == {
        "1": [11],
        "2": [21],
        "4": [],
    }
    assert known["1"][11]["read_at"] == "2026-03-10T13:00:00Z"
    assert known["2"].hidden == [6]


def test_a_dataset_without_rows_knows_no_posts(sandbox: Sandbox, runs: Runs) -> None:
    rows = pa.Table.from_pylist([ROW | {"deletion_reason": "deleted"}]).slice(0, 0)
    make_dataset(runs.store, "tweet_insights", rows)
    runs.run(BOOKS, insights=KNOWN, start_date="2026-03-01")
    assert runs.rows
    assert marks(runs) == {}


def test_another_dataset_is_refused(sandbox: Sandbox, runs: Runs) -> None:
    make_dataset(runs.store, "tweet_insights", {"id": ["1"], "account_id": ["2"]})
    with pytest.raises(InputDatasetError, match="lacks the columns deletion_reason, is_reply"):
        runs.run(BOOKS, insights=KNOWN)
    assert not sandbox.requests
