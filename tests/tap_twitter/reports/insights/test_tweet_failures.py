"""What fails is told for its account, and settings that cannot serve before anything is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import NO_STORES, account_of
from support.timelines import BOOKS, NOON, Runs, ids, truth

from sandbox import moments
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER
from tap_twitter.errors import InputDatasetError, RunError, SettingError, StateError

if TYPE_CHECKING:
    from sandbox import Sandbox


def test_accounts_that_fail_stop_no_other(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.world.set_status(FOUNDER.user_id, "suspended")
    sandbox.revoke(NEWS.access_token)
    accounts = [account_of(each) for each in (NEWS, CITY, SECOND_USER, OWNER)]
    accounts.insert(1, {"id": FOUNDER.user_id})
    streams = ("account_insights", "tweet_insights")
    with pytest.raises(RunError) as failure:
        runs.run(*accounts, streams=streams, start_date="2025-09-01")
    lines = str(failure.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        f"Stream 'account_insights' failed for account '{FOUNDER.user_id}'",
        f"Stream 'tweet_insights' failed for account '{NEWS.user_id}'",
        f"Stream 'tweet_insights' failed for account '{FOUNDER.user_id}'",
    ]
    assert "X does not accept the credentials" in lines[1]
    assert "set 'accounts[0].auth.access_token'" in lines[1]
    assert "remove it from 'accounts' while that lasts" in lines[2]
    statuses = {key: row["status"] for key, row in runs.rows.items() if "status" in row}
    assert statuses == dict.fromkeys(
        (NEWS.user_id, CITY.user_id, SECOND_USER.user_id, OWNER.user_id), "found"
    ) | {FOUNDER.user_id: "suspended"}
    first = moments.snowflake(NOON.replace(year=2025, month=9, day=1, hour=0), 0)
    for account in (CITY, SECOND_USER, OWNER):
        posts = {each for each in ids(truth(sandbox, account.user_id)) if int(each) >= first}
        assert posts
        assert posts <= runs.rows.keys()
    partitions = runs.state["bookmarks"]["tweet_insights"]["partitions"]
    assert {each["context"]["account_id"] for each in partitions if each.get("cursor")} == {
        CITY.user_id,
        SECOND_USER.user_id,
        OWNER.user_id,
    }


def test_an_account_that_fails_within_a_page_keeps_its_cursor(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.faults.add("credits_depleted", nth=3)
    with pytest.raises(RunError, match="credits"):
        runs.run(BOOKS)
    cursor = runs.state["bookmarks"]["tweet_insights"]["partitions"][0]["cursor"]
    assert cursor["given"] == 200
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))
    assert runs.posts_bought == len(runs.given)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("suspended", "X has suspended the account"),
        ("protected", "the account is protected: connect it"),
        ("not_found", "X knows no such account"),
    ],
)
def test_what_x_does_not_show(sandbox: Sandbox, runs: Runs, status: Any, words: str) -> None:
    sandbox.world.set_status(BOOKS["id"], status)
    with pytest.raises(RunError, match=f"account 'books': X gives no posts of it: {words}"):
        runs.run(BOOKS)
    assert runs.rows == {}


@pytest.mark.parametrize(
    "start_date", ["2026-02-30", "2026-13-01T00:00:00Z", "2026-02-01T24:01:00Z"]
)
def test_a_start_date_that_there_is_not_is_refused(
    sandbox: Sandbox, runs: Runs, start_date: str
) -> None:
    with pytest.raises(
        SettingError, match=f"'start_date' is {start_date}, which is not a calendar date or time"
    ):
        runs.run(BOOKS, start_date=start_date)
    assert not sandbox.requests


def test_a_damaged_cursor_is_told(sandbox: Sandbox, runs: Runs) -> None:
    partition = {"context": {"account_id": BOOKS["id"]}, "cursor": {"read": ["x", "y"]}}
    runs.state = {"bookmarks": {"tweet_insights": {"partitions": [partition]}}}
    with pytest.raises(StateError, match=r"bookmarks\.tweet_insights\.cursor"):
        runs.run(BOOKS)
    assert not sandbox.requests


@pytest.mark.parametrize(("settings", "words"), NO_STORES.values(), ids=NO_STORES)
def test_a_store_that_there_is_none_of_is_told_before_anything_is_asked(
    sandbox: Sandbox, runs: Runs, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputDatasetError, match=words):
        runs.run(BOOKS, **settings)
    assert not sandbox.requests


def test_a_start_in_the_future_is_told(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    start = (sandbox.clock.now() + timedelta(days=400)).date().isoformat()
    assert runs.run(BOOKS, start_date=start).records == []
    assert f"'start_date' is {start}, which is in the future: no posts are read." in caplog.text


def test_a_start_so_long_ago_is_the_day_that_it_means(sandbox: Sandbox, runs: Runs) -> None:
    start = (sandbox.clock.now() - timedelta(days=30)).date().isoformat()
    by_date = runs.run(BOOKS, start_date=start).records
    runs.state = {}
    assert runs.run(BOOKS, start_date="30 days ago").records == by_date != []
