"""Posts of accounts against the sandbox: each once, with the right values, for the least money."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from harness import APP_AUTH, USER_AUTH, account_of
from sandbox_clock import SandboxClock

from sandbox import moments, running
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER
from tap_twitter.errors import InputDatasetError, RunError, SettingError, StateError

from .conftest import NOON, KilledError, Runs

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from harness import Messages

    from sandbox import Sandbox

BOOKS = {"name": "books", "id": SECOND_USER.user_id}
"""Some 900 posts; read in the owner's name."""

US = {"name": "us", "id": OWNER.user_id}
METRICS = {"retweet_count": "retweet_count", "like_count": "like_count", "reply_count": "reply_count",
           "quote_count": "quote_count", "bookmark_count": "bookmark_count",
           "impression_count": "impression_count"}  # fmt: skip
PRIVATE = {
    "non_public_metrics": (
        "impression_count",
        "engagements",
        "url_link_clicks",
        "user_profile_clicks",
    ),
    "organic_metrics": (
        "impression_count",
        "like_count",
        "reply_count",
        "retweet_count",
        "url_link_clicks",
        "user_profile_clicks",
    ),
}
PLAIN = ("lang", "created_at", "conversation_id", "in_reply_to_user_id", "attachments", "edit_controls",
         "edit_history_tweet_ids", "reply_settings", "possibly_sensitive", "paid_partnership",
         "referenced_tweets", "context_annotations", "geo", "display_text_range", "withheld")  # fmt: skip


def truth(sandbox: Sandbox, account_id: str) -> list[dict[str, Any]]:
    return list(sandbox.world.timeline(account_id))[:3200]


def ids(posts: Any) -> set[str]:
    return {post["id"] for post in posts}


def expected(post: dict[str, Any], *, is_own: bool = False) -> dict[str, Any]:
    """What the row of a post must hold, worked out from the world's own object."""
    note, public = post.get("note_tweet", {}), post["public_metrics"]
    refers = {each["type"]: each["id"] for each in post.get("referenced_tweets", [])}
    row = {name: post.get(name) for name in PLAIN}
    row |= {column: public[name] for column, name in METRICS.items()}
    for group, names in PRIVATE.items():
        short = group.removesuffix("_metrics")
        for name in names:
            row[f"{short}_{name}"] = post.get(group, {}).get(name) if is_own else None
    return row | {
        "id": post["id"],
        "account_id": post["author_id"],
        "text": note.get("text", post["text"]),
        "entities": note.get("entities") or post.get("entities"),
        "is_retweet": "retweeted" in refers,
        "is_quote": "quoted" in refers,
        "is_reply": "replied_to" in refers,
        "retweeted_tweet_id": refers.get("retweeted"),
        "quoted_tweet_id": refers.get("quoted"),
        "replied_to_tweet_id": refers.get("replied_to"),
        "own_retweet_count": 0 if "retweeted" in refers else public["retweet_count"],
        "original_retweet_count": public["retweet_count"] if "retweeted" in refers else None,
        "original_id": post.get("edit_history_tweet_ids", [post["id"]])[0],
    }


def has_private(post: dict[str, Any]) -> bool:
    """Whether the owner, who asks, gets a post's private metrics: for 30 days, less an hour."""
    age = NOON - moments.snowflake_time(int(post["id"]))
    return post["author_id"] == OWNER.user_id and age < timedelta(days=30, hours=-1)


def assert_holds(row: dict[str, Any], values: dict[str, Any]) -> None:
    assert {name: row[name] for name in values} == values


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


START = "2025-11-01"
MOVING = {*METRICS, "own_retweet_count", "original_retweet_count", "read_at", "media", "polls"}
COPIED = {"display_text_range", "text", "entities", "withheld", "original_id"}
"""What a repost takes from its original, which may change."""


def posted_after(sandbox: Sandbox, account_id: str, post_id: int) -> set[str]:
    first = moments.snowflake(NOON.replace(year=2025, month=11, day=1, hour=0), 0) - 1
    posts = ids(truth(sandbox, account_id))
    return {each for each in posts if int(each) > max(first, post_id)}


@pytest.mark.parametrize("days_between", [1, 10], ids=["daily", "beyond-the-lookback"])
def test_a_sync_now_and_then_ends_as_one_sync_would(
    sandbox: Sandbox, tmp_path: Path, days_between: int
) -> None:
    often, once = Runs(sandbox, tmp_path), Runs(sandbox, tmp_path)
    floors, least = {OWNER.user_id: 0, SECOND_USER.user_id: 0}, 0
    for day in range(3):
        sandbox.clock.advance(86_400 * days_between if day else 0)
        week_ago = moments.snowflake(sandbox.clock.now() - timedelta(days=7), 0) - 1
        for account_id, floor in floors.items():
            least += len(posted_after(sandbox, account_id, min(floor, week_ago)))
            floors[account_id] = max(map(int, posted_after(sandbox, account_id, 0)))
        often.run(US, BOOKS, start_date=START)
        assert often.posts_bought == least
    once.run(US, BOOKS, start_date=START)
    assert len(once.rows) > 150
    assert once.rows.keys() <= often.rows.keys()
    fresh = 0
    for key, late in once.rows.items():
        row = often.rows[key]
        is_fresh = row["read_at"] == late["read_at"]
        fresh += is_fresh
        moved = {n for n in row if n in MOVING or n.startswith(("organic", "non_public"))}
        differing = (set() if is_fresh else moved) | (COPIED if row["is_retweet"] else set())
        assert {n: row[n] for n in row.keys() - differing} == {
            n: late[n] for n in late.keys() - differing
        }
    assert fresh > 15


EVERY_PAGE = [
    pytest.param(US, 50 + 100 * page, marks=pytest.mark.torture, id=f"us-{page}")
    for page in range(32)
]


@pytest.mark.parametrize(
    ("account", "fatal"),
    [pytest.param(BOOKS, 260, id="books-2"), pytest.param(BOOKS, 800, id="books-8"), *EVERY_PAGE],
)
def test_a_backfill_that_is_killed_goes_on(
    sandbox: Sandbox, runs: Runs, account: dict[str, Any], fatal: int
) -> None:
    posts = truth(sandbox, account["id"])
    with pytest.raises(KilledError):
        runs.run(account, fatal=fatal)
    runs.run(account)
    assert runs.rows.keys() == ids(posts)
    assert len(posts) <= runs.posts_bought <= len(posts) + 100
    assert len(runs.given) <= len(posts) + 100
    sandbox.bill.reset()
    runs.run(account)
    week = moments.snowflake(NOON - timedelta(days=7), 0)
    assert runs.posts_bought == sum(int(post["id"]) >= week for post in posts)


def test_what_comes_in_between_is_not_missed(sandbox: Sandbox, runs: Runs) -> None:
    with pytest.raises(KilledError):
        runs.run(BOOKS, fatal=350)
    sandbox.clock.advance(86_400 * 5)
    assert len(ids(truth(sandbox, BOOKS["id"])) - runs.rows.keys()) > 400
    runs.run(BOOKS)
    assert ids(truth(sandbox, BOOKS["id"])) <= runs.rows.keys()
    assert runs.state["bookmarks"]["tweet_insights"]["partitions"][0]["cursor"].keys() == {"floor"}


def test_a_read_that_is_broken_off_in_the_lookback_goes_on_much_later(
    sandbox: Sandbox, runs: Runs
) -> None:
    news = {"id": NEWS.user_id}
    insights = {"lookback_days": 20}
    runs.run(news, start_date=START, insights=insights)
    sandbox.clock.advance(86_400)
    runs.run(news, start_date=START, insights=insights, budget={"max_cost_usd": 0.15})
    cursor = runs.state["bookmarks"]["tweet_insights"]["partitions"][0]["cursor"]
    assert int(cursor["read"][0]) < int(cursor["floor"])
    sandbox.clock.advance(86_400 * 40)
    runs.run(news, start_date=START, insights=insights)
    assert posted_after(sandbox, NEWS.user_id, 0) <= runs.rows.keys()


def test_the_cursor_stays_small(sandbox: Sandbox, runs: Runs) -> None:
    messages = runs.run(US)
    assert max(len(str(state)) for state in messages.states) < 400


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "kill_page_tokens", "nth": 4}],
        [{"kind": "empty_page", "nth": 3, "count": 2}],
        [{"kind": "short_page", "nth": 1, "count": 5}],
        [{"kind": "truncated_json", "nth": 2}, {"kind": "service_unavailable", "nth": 5}],
        [{"kind": "rate_limited", "nth": 2}],
    ],
    ids=lambda faults: faults[0]["kind"],
)
def test_faults_leave_no_gap(sandbox: Sandbox, runs: Runs, faults: list[dict[str, Any]]) -> None:
    for fault in faults:
        sandbox.faults.add(**fault)
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


def test_pages_that_never_end_end_the_reading(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.faults.add("empty_page", nth=2, count=None)
    with pytest.raises(RunError, match="one empty page to the next"):
        runs.run(BOOKS)
    sandbox.faults.clear()
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


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
    assert "take it out of 'accounts' for as long as that holds" in lines[2]
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
    assert cursor["count"] == 200
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


class SlowClock(SandboxClock):
    """A clock two hours behind X's."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=2)


def test_posts_that_x_takes_for_too_old_are_read_all_the_same(sandbox: Sandbox, runs: Runs) -> None:
    """Who asks for private metrics gets no posts over 30 days old, whatever the asker's clock says."""
    posts = truth(sandbox, OWNER.user_id)
    edge = next(post for post in posts[40:] if "organic_metrics" in post)
    posted = moments.snowflake_time(int(edge["id"]))
    sandbox.clock.set(posted + timedelta(days=30, minutes=1))
    tap = runs.tap(US, start_date="2026-01-01")
    tap.clock = SlowClock(sandbox)
    tap.run()
    rows = {row["id"]: row for row in cast("Messages", tap.message_writer).records}
    assert rows[edge["id"]]["organic_like_count"] is None
    first = moments.snowflake(NOON.replace(month=1, day=1, hour=0), 0)
    assert rows.keys() == {
        each for each in ids(truth(sandbox, OWNER.user_id)) if int(each) >= first
    }


@pytest.mark.parametrize(
    ("settings", "left_out"),
    [
        ({"include_replies": False}, {"is_reply"}),
        ({"include_retweets": False}, {"is_retweet"}),
        ({"include_replies": False, "include_retweets": False}, {"is_reply", "is_retweet"}),
    ],
    ids=["replies", "retweets", "both"],
)
def test_kinds_that_are_left_out_are_not_bought(
    sandbox: Sandbox, runs: Runs, settings: dict[str, Any], left_out: set[str]
) -> None:
    runs.run(BOOKS, insights=settings)
    posts = [expected(post) for post in truth(sandbox, BOOKS["id"])]
    if "is_reply" in left_out:
        posts = [post for post in posts if not post["is_reply"]][:800]
    wanted = [post for post in posts if not any(post[kind] for kind in left_out)]
    assert runs.rows.keys() == ids(wanted)
    assert runs.posts_bought == len(wanted)
    runs.run(BOOKS)
    assert runs.rows.keys() == ids(truth(sandbox, BOOKS["id"]))


def test_a_cut_by_depth_is_told(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(BOOKS)
    assert "out of reach" not in caplog.text
    runs.run(US)
    assert "X goes back 3,200 posts: what account 'us' has posted before" in caplog.text


@pytest.mark.parametrize("dollars", [0.012, 0.3, 1.7])
def test_the_budget_ends_a_run_at_the_last_page_that_it_allows(
    sandbox: Sandbox, tmp_path: Path, dollars: float, caplog: pytest.LogCaptureFixture
) -> None:
    runs = Runs(sandbox, tmp_path)
    runs.run(BOOKS, budget={"max_cost_usd": dollars})
    affordable = round(dollars / 0.005)
    assert len(runs.given) == runs.posts_bought == (affordable if affordable >= 5 else 0)
    told = "posts of account 'books' are left" if runs.given else "begins with 'books'"
    assert told in caplog.text
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


@pytest.mark.parametrize(("count", "left"), [(0, 3200), (1000, 2200), (3200, 100)])
def test_the_plan_of_a_read_that_goes_on_has_what_is_left_and_a_page_of_new_posts(
    runs: Runs, count: int, left: int
) -> None:
    cursor = {"read": ["1", "2"], "count": count}
    partition = {"context": {"account_id": BOOKS["id"]}, "cursor": cursor}
    runs.state = {"bookmarks": {"tweet_insights": {"partitions": [partition]}}}
    assert runs.tap(BOOKS).plan().total.objects == left


def test_own_posts_cost_a_fifth(sandbox: Sandbox, runs: Runs) -> None:
    messages = runs.run(US, start_date="2026-02-01", budget={"app_owner_id": OWNER.user_id})
    owned = sandbox.bill.resources["OwnedRead"]
    assert owned.gross_objects == len(messages.records) == sandbox.bill.total.gross_objects
    tap = runs.tap(US, budget={"app_owner_id": OWNER.user_id})
    assert float(tap.plan().total.usd) == pytest.approx(3.2)
    assert float(runs.tap(BOOKS).plan().total.usd) == pytest.approx(16)


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


@pytest.mark.parametrize(
    "start_date", ["2026-02-30", "2026-13-01T00:00:00Z", "2026-02-01T24:01:00Z"]
)
def test_a_start_date_that_there_is_not_is_refused(
    sandbox: Sandbox, runs: Runs, start_date: str
) -> None:
    with pytest.raises(
        SettingError, match=f"'start_date' is {start_date}, which is no day or time"
    ):
        runs.run(BOOKS, start_date=start_date)
    assert not sandbox.requests


@pytest.mark.parametrize("start_date", ["2026-03-11", "9999-12-31T23:59:59Z"])
def test_a_start_date_that_lies_ahead_is_waited_for(
    sandbox: Sandbox, runs: Runs, start_date: str
) -> None:
    runs.run(BOOKS, start_date=start_date)
    assert not runs.rows
    sandbox.clock.advance(86_400)
    new = str(sandbox.world.timelines.add(BOOKS["id"], "At last"))
    runs.run(BOOKS, start_date=start_date)
    assert (new in runs.rows) is (start_date == "2026-03-11")


def test_a_damaged_cursor_is_told(sandbox: Sandbox, runs: Runs) -> None:
    partition = {"context": {"account_id": BOOKS["id"]}, "cursor": {"read": ["x", "y"]}}
    runs.state = {"bookmarks": {"tweet_insights": {"partitions": [partition]}}}
    with pytest.raises(StateError, match=r"bookmarks\.tweet_insights\.cursor"):
        runs.run(BOOKS)
    assert not sandbox.requests


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"store": "ftp://x"}, "'ftp://x' names no store .*'users_lookup.store'"),
        ({"store_options": {"colour": "red"}}, "colour"),
    ],
    ids=["store", "store_options"],
)
def test_a_store_that_there_is_none_of_is_told_before_anything_is_asked(
    sandbox: Sandbox, runs: Runs, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputDatasetError, match=words):
        runs.run(BOOKS, users_lookup={"store": str(runs.store), **settings})
    assert not sandbox.requests


def test_app_only_access_is_enough(sandbox: Sandbox, runs: Runs) -> None:
    no_user = dict.fromkeys(set(USER_AUTH) - set(APP_AUTH))
    runs.run(US, auth=no_user, start_date="2026-03-01")
    assert runs.rows
    assert {row["non_public_engagements"] for row in runs.rows.values()} == {None}


def test_engagement_reports_share_what_was_bought(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(US, start_date="2026-02-01")
    tap = runs.tap(
        US, streams=["tweet_insights", "engagement_totals"], engagement={"number_of_tweets": 60}
    )
    sandbox.bill.reset()
    tap.run()
    newest = [p for p in truth(sandbox, OWNER.user_id) if not expected(p)["is_retweet"]][:60]
    reports = {
        row["tweet_id"] for row in cast("Messages", tap.message_writer).records if "tweet_id" in row
    }
    assert reports == ids(newest)
    week = moments.snowflake(NOON - timedelta(days=7), 0)
    assert runs.posts_bought == len(
        ids(newest) | {p["id"] for p in truth(sandbox, OWNER.user_id) if int(p["id"]) >= week}
    )
