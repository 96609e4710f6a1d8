"""Specific posts of several accounts: each is read in its author's name, and nobody's is named."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import STREAM
from support.granting import oauth2_login
from support.harness import Messages, account_of

from sandbox.credentials import NEWS, OWNER, SECOND_USER
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox

REPORT: dict[str, Any] = {
    "tweet_selection": "specific",
    "engagement_metrics": ["impressions"],
    "start_date_type": "specific",
    "specific_start_date": "2026-05-01",
}
"""Three windows."""


TEA, NEWSROOM = account_of(OWNER, name="tea"), account_of(NEWS, name="news")
BOTH = {"accounts": [TEA, NEWSROOM]}


def authors(*runs: Messages) -> dict[str, str]:
    return {row["tweet_id"]: row["account_id"] for run in runs for row in run.records}


@pytest.mark.parametrize("most", [2, 3, 4], ids=lambda most: f"{most} requests a run")
def test_a_read_that_goes_on_leaves_out_no_account_s_posts(
    sandbox: Sandbox, read: Read, post_ids: PostIds, most: int
) -> None:
    tweets = [*post_ids(2), *post_ids(2, NEWS.user_id)]
    whole = read(STREAM, config=BOTH, tweets=tweets, **REPORT)
    runs: list[Messages] = []
    for _ in range(8):
        config = {**BOTH, "budget": {"max_requests": most}}
        state = runs[-1].states[-1] if runs else None
        runs.append(read(STREAM, state=state, config=config, tweets=tweets, **REPORT))
    found = {row["row_id"]: row for run in runs for row in run.records}
    assert found == {row["row_id"]: row for row in whole.records}
    assert set(authors(*runs).values()) == {OWNER.user_id, NEWS.user_id}


def test_posts_that_x_refuses_an_account_are_asked_for_once_in_its_name(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    read(STREAM, config=BOTH, tweets=[*post_ids(2), *post_ids(2, NEWS.user_id)], **REPORT)
    assert Counter(entry.status for entry in sandbox.requests) == {403: 1, 200: 3 + 3}


def test_the_end_of_the_budget_calls_no_post_nobody_s(read: Read, post_ids: PostIds) -> None:
    tweets = [*post_ids(1), *post_ids(1, NEWS.user_id)]
    config = {**BOTH, "budget": {"max_requests": 1}}
    report = {**REPORT, "specific_start_date": "2026-07-01"}
    assert authors(read(STREAM, config=config, tweets=tweets, **report)) == {
        tweets[0]: OWNER.user_id
    }


def test_a_shard_calls_no_other_shard_s_posts_nobody_s(read: Read, post_ids: PostIds) -> None:
    tweets = [*post_ids(1), *post_ids(1, NEWS.user_id), *post_ids(1, SECOND_USER.user_id)]
    accounts = {"accounts": [TEA, NEWSROOM, account_of(SECOND_USER, name="books")]}
    runs = [
        read(
            STREAM,
            config={**accounts, "shard": {"index": index, "count": 2}},
            tweets=tweets,
            **REPORT,
        )
        for index in range(2)
    ]
    assert authors(*runs) == dict(
        zip(tweets, (OWNER.user_id, NEWS.user_id, SECOND_USER.user_id), strict=True)
    )


def test_a_post_of_none_of_several_accounts_is_named(read: Read, post_ids: PostIds) -> None:
    foreign = post_ids(1, SECOND_USER.user_id)
    with pytest.raises(RunError) as caught:
        read(STREAM, config=BOTH, tweets=[*post_ids(1), *foreign], **REPORT)
    assert f"not by tea or news: {foreign[0]}." in str(caught.value)
    assert post_ids(1)[0] not in str(caught.value)


def test_posts_that_x_refuses_without_naming_them_end_the_reading(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    sandbox.engagement.names_foreign = False
    tweets = [*post_ids(2), *post_ids(1, NEWS.user_id)]
    with pytest.raises(RunError, match="some of 3 posts are another account's, but not which"):
        read(STREAM, tweets=tweets, **REPORT)
    assert [entry.status for entry in sandbox.requests] == [403]


def test_what_x_refuses_part_by_part_is_left_out_part_by_part(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    tweets = [*post_ids(30), *post_ids(30, NEWS.user_id)]
    rows = read(STREAM, config=BOTH, tweets=tweets, **REPORT)
    assert authors(rows) == {
        **dict.fromkeys(post_ids(30), OWNER.user_id),
        **dict.fromkeys(post_ids(30, NEWS.user_id), NEWS.user_id),
    }


def test_posts_of_a_listed_account_that_cannot_be_asked_are_not_called_nobody_s(
    sandbox: Sandbox, read: Read, post_ids: PostIds, tmp_path: Path
) -> None:
    login = oauth2_login(sandbox, "news", NEWS.user_id, "offline.access tweet.read users.read")
    TokenStore(tmp_path / "tokens.json").put(login)
    tweets = [*post_ids(1), *post_ids(1, NEWS.user_id)]
    with pytest.raises(RunError, match="account 'news'") as caught:
        read(STREAM, config={"accounts": [TEA, {"name": "news"}]}, tweets=tweets, **REPORT)
    assert "add their authors" not in str(caught.value)


def test_an_account_that_turns_out_to_be_without_credentials_hides_no_foreign_post(
    read: Read, post_ids: PostIds
) -> None:
    foreign = post_ids(1, NEWS.user_id)
    accounts = [TEA, {"username": "PlatformNews"}]
    with pytest.raises(RunError, match=f"not by tea: {foreign[0]}."):
        read(STREAM, config={"accounts": accounts}, tweets=[*post_ids(1), *foreign], **REPORT)
