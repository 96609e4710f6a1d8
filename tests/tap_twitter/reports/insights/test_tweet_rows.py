"""The rows of posts hold what the sandbox's world does, each post once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, USER_AUTH
from support.timelines import BOOKS, NOON, US, Runs, assert_holds, expected, has_private, ids, truth

from sandbox import moments, running
from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_every_column_of_every_post_is_right(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(US | {"name": "us"}, BOOKS, start_date="2026-01-20")
    first = moments.snowflake(NOON.replace(month=1, day=20, hour=0), 0)
    posts = [
        post
        for account in (US, BOOKS)
        for post in truth(sandbox, account["id"])
        if int(post["id"]) >= first
    ]
    assert runs.rows.keys() == ids(posts)
    assert len(runs.given) == len(posts) == runs.posts_bought
    for post in posts:
        row = runs.rows[post["id"]]
        assert_holds(row, expected(post, is_own=has_private(post)))
        assert row["username"] is None  # nothing has told it
        assert row["account_name"] == ("us" if post["author_id"] == OWNER.user_id else "books")
        assert (row["deleted_at"], row["detail"], row["read_at"]) == (
            None,
            None,
            "2026-03-10T12:00:00Z",
        )
    kinds = ("is_retweet", "is_quote", "is_reply", "media", "organic_like_count", "polls")
    rows = runs.rows.values()
    assert {kind: any(row[kind] for row in rows) for kind in kinds} == dict.fromkeys(kinds, True)
    assert any(len(row["text"]) > 280 for row in rows)


def test_media_and_polls_come_along(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(BOOKS)
    for row in runs.rows.values():
        attached = row["attachments"] or {}
        keys = [each["media_key"] for each in row["media"] or []]
        assert keys == attached.get("media_keys", [])
        assert [each["id"] for each in row["polls"] or []] == attached.get("poll_ids", [])
    assert {each["type"] for row in runs.rows.values() for each in row["media"] or []} >= {
        "photo",
        "video",
    }


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_both_vocabularies_give_the_same_rows(tmp_path: Path, vocabulary: Any) -> None:
    with running(clock_start=NOON, clock_ticking=False, vocabulary=vocabulary) as sandbox:
        runs = Runs(sandbox, tmp_path)
        runs.run(US, BOOKS, start_date="2026-02-01T00:00:00Z")
        assert len(runs.rows) > 60
        for post in map(sandbox.world.post, runs.rows):
            assert post
            assert_holds(runs.rows[post["id"]], expected(post, is_own=has_private(post)))


def private_metrics(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name.startswith(("organic_", "non_public_"))}


def test_a_refusal_about_one_post_leaves_every_other_value_in_place(
    sandbox: Sandbox, runs: Runs
) -> None:
    """X names each number that it refuses in `errors`, beside posts that it gives."""
    runs.run(US, start_date="2026-03-01")
    whole = dict(runs.rows)
    refused = next(key for key, row in whole.items() if row["organic_like_count"] is not None)
    runs.state = {}
    sandbox.faults.add("refuse_metrics", ids=[refused], count=None)
    runs.run(US, start_date="2026-03-01")
    row = runs.rows.pop(refused)
    known = whole.pop(refused)
    assert runs.rows == whole
    assert row["detail"].startswith("X could not give: non_public_metrics.engagements, ")
    assert row["detail"].count("_metrics.") == 10
    lacking = {**known, **dict.fromkeys(private_metrics(known)), "detail": row["detail"]}
    assert row == lacking


def test_refusals_about_posts_of_others_that_come_along_touch_no_own_post(
    sandbox: Sandbox, runs: Runs
) -> None:
    """Who asks for private metrics and expansions is refused those of others' posts."""
    runs.run(US, start_date="2026-03-01")
    own = {key: private_metrics(row) for key, row in runs.rows.items()}
    runs.state = {}
    runs.run(US, start_date="2026-03-01", insights={"expand_originals": True})
    assert any(row["retweeted_tweet_id"] or row["quoted_tweet_id"] for row in runs.rows.values())
    assert {key: private_metrics(row) for key, row in runs.rows.items()} == own
    assert {row["detail"] for row in runs.rows.values()} == {None}


def test_originals_that_are_bought_make_reposts_whole(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(BOOKS, start_date="2025-09-01")
    short = dict(runs.rows)
    runs.state = {}
    runs.run(BOOKS, start_date="2025-09-01", insights={"expand_originals": True})
    longer = 0
    for key, row in runs.rows.items():
        post = sandbox.world.post(row["retweeted_tweet_id"]) if row["is_retweet"] else None
        if post is None:
            assert row["text"] == short[key]["text"]
            continue
        whole = post.get("note_tweet", post)["text"]
        assert row["text"] == f"RT @{sandbox.world.handle(post['author_id'])}: {whole}"
        longer += row["text"] != short[key]["text"]
    assert longer


def test_app_only_access_is_enough(sandbox: Sandbox, runs: Runs) -> None:
    no_user = dict.fromkeys(set(USER_AUTH) - set(APP_AUTH))
    runs.run(US, auth=no_user, start_date="2026-03-01")
    assert runs.rows
    assert {row["non_public_engagements"] for row in runs.rows.values()} == {None}
