"""The newest posts of accounts: what is bought, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import questions
from support.harness import Messages, tap_config

from sandbox.credentials import NEWS, OWNER
from tap_twitter.errors import RunError
from tap_twitter.reports.engagement.totals import EngagementTotalsStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox

STREAM = "engagement_totals"
TIMELINE = f"/2/users/{OWNER.user_id}/tweets"


def tweets_of(run: Messages) -> list[str]:
    return list(dict.fromkeys(row["tweet_id"] for row in run.records))


@pytest.mark.parametrize(("count", "bought"), [(1, 5), (5, 5), (20, 20)], ids=str)
def test_no_more_is_bought_than_x_makes_one_buy(
    sandbox: Sandbox, read: Read, post_ids: PostIds, count: int, bought: int
) -> None:
    assert sorted(tweets_of(read(STREAM, number_of_tweets=count))) == sorted(post_ids(count))
    assert sandbox.bill.total.gross_objects == bought


def test_pages_that_come_short_are_gone_on_from(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    sandbox.faults.add("short_page", path=TIMELINE)
    sandbox.faults.add("empty_page", path=TIMELINE, nth=2)
    assert sorted(tweets_of(read(STREAM, number_of_tweets=20))) == sorted(post_ids(20))
    assert sandbox.bill.total.gross_objects < 20 + 5


def test_the_budget_leaves_out_the_older_posts(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    config = {"budget": {"max_cost_usd": 0.052, "app_owner_id": "1"}}
    assert sorted(tweets_of(read(STREAM, config=config, number_of_tweets=20))) == sorted(
        post_ids(10)
    )
    assert not read(STREAM, config={"budget": {"max_cost_usd": 0.02}}).records


def test_empty_pages_without_end_are_given_up(sandbox: Sandbox, read: Read) -> None:
    sandbox.faults.add("empty_page", path=TIMELINE, count=None)
    with pytest.raises(RunError, match="X returned 21 pages in a row"):
        read(STREAM, number_of_tweets=20)
    assert len(list(sandbox.requests)) == 22  # one of them asks whether posts are worth buying


def test_errors_in_a_later_page_leave_the_posts_before_it(
    sandbox: Sandbox, tmp_path: Path, post_ids: PostIds
) -> None:
    tap = TapTwitter(config=tap_config(sandbox, tmp_path))
    known, account = (
        post_ids(3, NEWS.user_id),
        replace(tap.run_context.accounts.default, user_id=NEWS.user_id),
    )
    tap.run_context.recent_posts.note(NEWS.user_id, known, is_whole=False)
    sandbox.world.set_status(NEWS.user_id, "suspended")
    found = tap.run_context.recent_posts.recent(
        EngagementTotalsStream(tap, tap.run_context).requester, account, 8
    )
    assert found == tuple(known)
    assert sandbox.requests


@pytest.mark.parametrize("status", ["suspended", "not_found"])
def test_an_account_without_posts_to_see_is_named(
    sandbox: Sandbox, read: Read, status: Any
) -> None:
    (other,) = sandbox.world.sample_ids(1, "found")
    sandbox.world.set_status(other, status)
    auth = {"auth": {"bearer_token": sandbox.tokens.app_only()}, "accounts": [{"id": other}]}
    with pytest.raises(RunError, match=f"account '{other}': X gives no posts of the account"):
        read(STREAM, config=auth)


def test_an_account_that_never_posts_has_no_rows(sandbox: Sandbox, read: Read) -> None:
    silent = next(
        each
        for each in sandbox.world.sample_ids(60, "found")
        if not any(True for _ in sandbox.world.timeline(each))
        and not sandbox.world.is_protected(each)
    )
    auth = {"auth": {"bearer_token": sandbox.tokens.app_only()}, "accounts": [{"id": silent}]}
    assert not read(STREAM, config=auth).records
    assert not questions(sandbox)


def test_what_another_stream_has_bought_is_not_bought_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    tap = TapTwitter(config=tap_config(sandbox, tmp_path))
    requester = EngagementTotalsStream(tap, tap.run_context).requester
    account = tap.run_context.accounts.default
    tap.run_context.recent_posts.note(OWNER.user_id, ["9", "8", "7"], is_whole=False)
    assert tap.run_context.recent_posts.recent(requester, account, 3) == ("9", "8", "7")
    assert not list(sandbox.requests)
    tap.run_context.recent_posts.note(OWNER.user_id, ["9"], is_whole=False)
    assert tap.run_context.recent_posts.recent(requester, account, 2) == ("9", "8")
    tap.run_context.recent_posts.note(OWNER.user_id, ["9", "8", "7"], is_whole=True)
    assert tap.run_context.recent_posts.recent(requester, account, 20) == ("9", "8", "7")
    assert not list(sandbox.requests)


def test_what_does_not_suffice_is_read_from_the_newest_on(
    sandbox: Sandbox, tmp_path: Path, post_ids: PostIds
) -> None:
    tap = TapTwitter(config=tap_config(sandbox, tmp_path))
    tap.run_context.recent_posts.note(OWNER.user_id, post_ids(2), is_whole=False)
    found = tap.run_context.recent_posts.recent(
        EngagementTotalsStream(tap, tap.run_context).requester, tap.run_context.accounts.default, 8
    )
    assert found == tuple(post_ids(8))
