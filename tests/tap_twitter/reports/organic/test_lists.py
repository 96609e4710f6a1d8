"""The streams of lists: rows, requests, what is shared, and what is read again."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import account_of
from support.organic import OF_TWEETS, OrganicRuns

from sandbox.ads.accounts import (
    CLOSED,
    ELSEWHERE,
    FOUNDERS,
    HARBOUR,
    NORTHWIND,
    PLATFORM,
    STRANGERS,
)
from sandbox.credentials import OWNER, SECOND_USER
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox import Sandbox
    from tap_twitter.command.connection_check import ConnectionTest

ALL = " ".join(OF_TWEETS)
CARDS = "card_history card_component"
OPEN = (NORTHWIND, HARBOUR, FOUNDERS, PLATFORM, ELSEWHERE)


def cursors(runs: OrganicRuns, stream: str) -> dict[str, Any]:
    assert runs.state is not None
    partitions = runs.state["bookmarks"][stream]["partitions"]
    return {each["context"]["ads_account_id"]: each["cursor"] for each in partitions}


def world_ids(sandbox: Sandbox, account: Any) -> set[str]:
    """The ids of the posts that the sandbox's ads account has."""
    found = sandbox.ads.posts.organic(account, account.user_id, answers=True, since_account=True)
    return {str(each.id) for each in found}


def test_a_post_and_its_parts(sandbox: Sandbox, runs: OrganicRuns) -> None:
    text = "#tea $NWT @founder @founder https://t.co/a #milk"
    post_id = str(sandbox.world.timelines.add(OWNER.user_id, text))
    runs.run(ALL, NORTHWIND.id)
    tweet = runs.tables["tweet"][post_id,]
    assert tweet["full_text"] == text
    assert (tweet["account_id"], tweet["user_id"]) == (NORTHWIND.id, int(OWNER.user_id))
    assert tweet["created_at"] == "2026-03-01T12:00:00Z"
    parts = {
        name: [row for row in runs.rows(name) if row["tweet_id"] == post_id]
        for name in OF_TWEETS[1:5]
    }
    tags = [(row["index"], row["text"], row["indices"]) for row in parts["tweet_hashtag"]]
    assert tags == [(0, "tea", "[0,4]"), (1, "milk", "[43,48]")]
    assert [row["text"] for row in parts["tweet_symbols"]] == ["NWT"]
    assert [row["url"] for row in parts["tweet_url"]] == ["https://t.co/a"]
    assert [row["screen_name"] for row in parts["tweet_user_mention"]] == ["founder"]
    (user,) = runs.rows("twitter_user_history")
    assert (user["id"], user["screen_name"]) == (int(OWNER.user_id), "NorthwindTea")
    assert user["protected_user"] is False


@pytest.mark.parametrize("ids", ["number", "string"])
def test_ids_of_any_form_give_the_same_rows(sandbox: Sandbox, runs: OrganicRuns, ids: str) -> None:
    sandbox.ads.set(ids=ids)
    runs.run(ALL, FOUNDERS.id)
    assert {row["id"] for row in runs.rows("tweet")} == world_ids(sandbox, FOUNDERS)
    assert {row["user_id"] for row in runs.rows("tweet")} == {12}
    assert all(isinstance(row["id"], str) for row in runs.rows("tweet_user_mention"))


SELECTIONS = [
    (ALL, PLATFORM),
    *((each, FOUNDERS) for each in OF_TWEETS),
    *((" ".join(each), FOUNDERS) for each in list(combinations(OF_TWEETS, 2))[::4]),
]


@pytest.mark.parametrize(("streams", "account"), SELECTIONS)
def test_one_pass_whichever_streams_are_selected(
    sandbox: Sandbox, runs: OrganicRuns, streams: str, account: Any
) -> None:
    runs.run(streams, account.id)
    assert len(runs.asked("/tweets")) == -(-len(world_ids(sandbox, account)) // 1000)
    assert len(sandbox.requests) == 1 + len(runs.asked("/tweets"))
    declared = [each["stream"] for each in runs.messages.all if each["type"] == "SCHEMA"]
    assert sorted(declared) == sorted(streams.split())
    assert set(runs.tables) == set(streams.split())
    assert all(
        len(json.dumps(state)) < 200 + 200 * len(OF_TWEETS) for state in runs.messages.states
    )


def test_all_streams_have_what_each_has_alone(runs: OrganicRuns) -> None:
    together = runs.run(ALL, FOUNDERS.id).tables
    for stream in OF_TWEETS:
        runs.tables, runs.state = {}, None
        assert runs.run(stream, FOUNDERS.id).tables == {stream: together[stream]}


def test_all_accounts_are_listed_once_and_closed_ones_have_no_posts(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    runs.run(f"account_history {ALL} {CARDS} media_library scheduled_tweet_history")
    assert len([each for each in sandbox.requests if each.path == "/12/accounts"]) == 1
    posts: dict[str, set[str]] = {}
    for row in runs.rows("tweet"):
        posts.setdefault(row["account_id"], set()).add(row["id"])
    assert posts == {each.id: world_ids(sandbox, each) for each in OPEN}
    ids = {row["id"]: row["deleted"] for row in runs.rows("account_history")}
    assert ids == {each.id: False for each in OPEN} | {CLOSED.id: True}


def test_cards_and_their_components(sandbox: Sandbox, runs: OrganicRuns) -> None:
    sent = {each["id"]: each for account in OPEN for each in sandbox.ads.creatives.cards(account)}
    runs.run(CARDS)
    modern = {row["id"] for row in runs.rows("card_history")}
    assert modern <= set(sent)
    assert len(runs.asked("/cards")) == len(OPEN)
    for card_id in modern:
        card = sent[card_id]
        lists: Sequence[Any] = [card.get("components") or [], *(card.get("slides") or [])]
        components = [each for components in lists for each in components]
        rows = [row for row in runs.rows("card_component") if row["card_id"] == card_id]
        assert [row["index"] for row in rows] == list(range(len(components)))
        for row, component in zip(rows, components, strict=True):
            keys = component.get("media_keys") or [component.get("media_key")]
            assert row["type"] == component["type"]
            assert row["media_key"] == (",".join(keys) if keys[0] else None)
            assert row["destination_url"] == component.get("destination", {}).get("url")


def test_a_card_that_changes_has_two_versions(sandbox: Sandbox, runs: OrganicRuns) -> None:
    runs.run("card_history", organic={"fivetran_columns": True})
    card = runs.rows("card_history")[0]
    sandbox.clock.advance(3600)
    sandbox.ads.creatives.change(card["id"], {"name": "Renamed"})
    runs.run("card_history", organic={"fivetran_columns": True})
    versions = [row for row in runs.rows("card_history") if row["id"] == card["id"]]
    assert [row["name"] for row in versions] == [card["name"], "Renamed"]
    assert versions[0]["_fivetran_synced"] < versions[1]["_fivetran_synced"]


def test_an_account_that_is_renamed_has_two_versions(sandbox: Sandbox, runs: OrganicRuns) -> None:
    runs.run("account_history", NORTHWIND.id)
    sandbox.clock.advance(3600)
    sandbox.ads.change_account(NORTHWIND.id, name="Renamed", industry_type="RETAIL")
    runs.run("account_history", NORTHWIND.id)
    old, new = runs.rows("account_history")
    assert (old["name"] != "Renamed", new["name"], new["industry_type"]) == (
        True,
        "Renamed",
        "RETAIL",
    )


def test_media_and_scheduled_posts(sandbox: Sandbox, runs: OrganicRuns) -> None:
    sandbox.ads.schedule.add(NORTHWIND, "Soon", sandbox.clock.now().replace(month=4))
    runs.run("media_library scheduled_tweet_history", NORTHWIND.id)
    library = sandbox.ads.creatives.media(NORTHWIND)
    shown = {each["media_key"] for each in library if not each.get("deleted")}
    assert {row["media_key"] for row in runs.rows("media_library")} == shown
    assert {row["account_id"] for row in runs.rows("media_library")} == {NORTHWIND.id}
    scheduled = {row["text"]: row for row in runs.rows("scheduled_tweet_history")}
    assert scheduled["Soon"]["scheduled_status"] == "SCHEDULED"
    assert len(scheduled) <= len(sandbox.ads.schedule.of(NORTHWIND))


def test_a_budget_stops_a_pass_and_the_next_run_resumes_it(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    streams = "tweet tweet_symbols"
    runs.run(streams, PLATFORM.id, budget={"max_requests": 2})
    assert all(cursors(runs, each)[PLATFORM.id] for each in streams.split())
    runs.run(streams, PLATFORM.id, budget={"max_requests": 2})
    sandbox_ids = world_ids(sandbox, PLATFORM)
    runs.run(streams, PLATFORM.id)
    assert {row["id"] for row in runs.rows("tweet")} == sandbox_ids
    assert set(cursors(runs, "tweet").values()) == {None}
    assert len(runs.asked("/tweets")) == -(-len(sandbox_ids) // 1000)


def test_a_dead_cursor_begins_at_the_top(sandbox: Sandbox, runs: OrganicRuns) -> None:
    runs.run("tweet", PLATFORM.id, budget={"max_requests": 2})
    sandbox.pages.kill()
    runs.run("tweet", PLATFORM.id)
    assert {row["id"] for row in runs.rows("tweet")} == world_ids(sandbox, PLATFORM)


def test_a_stream_that_joins_a_pass_gets_all_of_it(sandbox: Sandbox, runs: OrganicRuns) -> None:
    runs.run("tweet", PLATFORM.id, budget={"max_requests": 2})
    runs.run("tweet tweet_hashtag", PLATFORM.id)
    joined = set(runs.tables["tweet_hashtag"])
    runs.tables, runs.state = {}, None
    assert joined == set(runs.run("tweet_hashtag", PLATFORM.id).tables["tweet_hashtag"])


def test_an_account_that_nobody_sees_fails_by_its_id(runs: OrganicRuns) -> None:
    with pytest.raises(UserError, match=rf"{STRANGERS.id}.*organic\.accounts"):
        runs.run(ALL, FOUNDERS.id, STRANGERS.id)
    assert runs.rows("tweet")


def test_one_account_that_fails_leaves_the_others(sandbox: Sandbox, runs: OrganicRuns) -> None:
    sandbox.faults.add(
        "ads_refused",
        path=f"/12/accounts/{HARBOUR.id}/tweets",
        count=None,
        status=403,
        code="ACTION_NOT_ALLOWED",
    )
    with pytest.raises(UserError, match=rf"'{HARBOUR.id}'.*role") as caught:
        runs.run(ALL)
    assert str(caught.value).count("\n") == 0
    assert {row["account_id"] for row in runs.rows("tweet")} == {
        each.id for each in OPEN if each is not HARBOUR
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sync_mode": "SpecificAccounts"}, r"organic\.accounts.*SpecificAccounts"),
        ({"sync_mode": "SpecificAccounts", "accounts": []}, r"organic\.accounts"),
    ],
)
def test_settings_that_do_not_serve(
    runs: OrganicRuns, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        runs.run("tweet", organic=settings)


def test_an_app_without_access_is_named_with_the_fix(sandbox: Sandbox, runs: OrganicRuns) -> None:
    sandbox.ads.set(app_access="none")
    with pytest.raises(UserError, match="Ads API access"):
        runs.run(ALL)


def test_a_user_without_ads_accounts_is_named_with_the_fix(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    for each in (*OPEN, CLOSED):
        sandbox.ads.grant(each.id, OWNER.user_id)
    with pytest.raises(UserError, match="no ads account"):
        runs.run("tweet")


def test_each_user_lists_their_own_accounts(sandbox: Sandbox, runs: OrganicRuns) -> None:
    sandbox.ads.grant(HARBOUR.id, OWNER.user_id)
    runs.run("account_history", accounts=[account_of(OWNER), account_of(SECOND_USER)])
    assert HARBOUR.id in {row["id"] for row in runs.rows("account_history")}
    assert len([each for each in sandbox.requests if each.path == "/12/accounts"]) == 2


def test_a_used_up_window_of_one_ads_account_does_not_stop_another(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    sandbox.ads.limits.set("tweets", 4)
    runs.run("tweet", PLATFORM.id, FOUNDERS.id, HARBOUR.id)
    assert sandbox.clock.now() == sandbox.options.clock_start
    runs.run("tweet", PLATFORM.id)
    assert sandbox.clock.now() > sandbox.options.clock_start


def test_the_plan_asks_nothing_and_says_what_it_cannot_know(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    tap = runs.tap(f"account_history {ALL} {CARDS}")
    plan = tap.plan()
    assert not sandbox.requests
    assert {name: each.requests for name, each in plan.streams.items() if each.requests} == {
        "account_history": 2,
        "tweet": 1,
        "card_component": 1,
    }
    assert plan.total.usd == 0
    assert any("ads account" in note for note in plan.notes)


def checked(runs: OrganicRuns, streams: str, **settings: Any) -> ConnectionTest:
    test = runs.tap(streams, **settings).test()
    test.run()
    return test


def test_the_connection_test_tells_the_role_in_each_ads_account(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    sandbox.ads.grant(HARBOUR.id, OWNER.user_id, "ANALYST")
    test = checked(runs, f"tweet tweet_url media_library {CARDS}")
    assert test.is_passed
    assert "a few for each ads account that X lists, and costs at most 0" in test.announcement()
    lines = [line.split() for line in test.report().splitlines()]
    roles = {words[0]: words for words in lines if words and words[0] == HARBOUR.id}
    assert roles[HARBOUR.id][-1] == "ANALYST"
    found = [check for check in test.checks if check.subject and check.subject.name == HARBOUR.id]
    assert {check.endpoint.template for check in found if check.endpoint} == {
        f"/12/accounts/{{id}}/{name}" for name in ("tweets", "cards", "media_library")
    }
    assert len([each for each in sandbox.requests if each.path == "/12/accounts"]) == 2
    assert len(runs.asked("authenticated_user_access")) == len(OPEN)


def test_the_connection_test_names_accounts_that_cannot_be_read(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    path = f"/12/accounts/{HARBOUR.id}/tweets"
    sandbox.faults.add("ads_refused", path=path, count=None, status=403, code="ACTION_NOT_ALLOWED")
    chosen = [FOUNDERS.id, HARBOUR.id, STRANGERS.id]
    test = checked(runs, "tweet", organic={"sync_mode": "SpecificAccounts", "accounts": chosen})
    assert not test.is_passed
    found = {check.subject.name: check for check in test.checks if check.subject}
    assert [found[each].result for each in chosen] == ["ok", "failed", "failed"]
    assert "role" in found[HARBOUR.id].need
    assert "organic.accounts" in found[STRANGERS.id].need


@pytest.mark.parametrize("refused", ["app", "accounts"])
def test_the_connection_test_fails_without_ads_accounts(
    sandbox: Sandbox, runs: OrganicRuns, refused: str
) -> None:
    if refused == "app":
        sandbox.ads.set(app_access="none")
    for each in (*OPEN, CLOSED) if refused == "accounts" else ():
        sandbox.ads.grant(each.id, OWNER.user_id)
    test = checked(runs, ALL)
    assert not test.is_passed
    needs = {check.need for check in test.checks if check.need}
    assert len(needs) == 1
    assert ("no ads account" in needs.pop()) is (refused == "accounts")


def test_an_account_reads_the_ads_account_that_it_names(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    sandbox.ads.grant(HARBOUR.id, OWNER.user_id, "ACCOUNT_ADMIN")
    sandbox.ads.grant(HARBOUR.id, SECOND_USER.user_id, "ACCOUNT_ADMIN")
    second = {**account_of(SECOND_USER), "ads_account_id": HARBOUR.id}
    specific = {"sync_mode": "SpecificAccounts"}
    runs.run("media_library", accounts=[account_of(OWNER), second], organic=specific)
    assert {row["account_id"] for row in runs.rows("media_library")} == {HARBOUR.id}
    (asked,) = runs.asked("media_library")
    assert asked.user_id == SECOND_USER.user_id
