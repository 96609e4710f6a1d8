"""Accounts, posts, cards, media and scheduled posts, and how they change from day to day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.ads.conftest import NOW, AskAds, all_pages, codes

from sandbox.ads.accounts import CLOSED, HARBOUR, NORTHWIND, PLATFORM
from sandbox.credentials import NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    from sandbox import Sandbox

TWEETS = f"accounts/{NORTHWIND.id}/tweets"
CARDS = f"accounts/{NORTHWIND.id}/cards"
ORGANIC: dict[str, Any] = {"tweet_type": "PUBLISHED", "timeline_type": "ORGANIC"}
DAY = 86400


def ids(entries: list[dict[str, Any]]) -> list[str]:
    return [str(entry.get("tweet_id") or entry["id"]) for entry in entries]


def test_accounts_are_listed_without_what_only_single_ones_have(
    sandbox: Sandbox, ask: AskAds
) -> None:
    listed = ask("accounts", with_deleted="true", with_total_count="true").json()
    assert (listed["total_count"], len(listed["data"])) == (6, 6)
    assert CLOSED.id in ids(listed["data"])
    assert not any("industry_type" in each or "salt" in each for each in listed["data"])
    single = ask(f"accounts/{NORTHWIND.id}").json()["data"]
    assert {**single, "industry_type": None} == {
        **next(each for each in listed["data"] if each["id"] == NORTHWIND.id),
        "industry_type": None,
    }
    sandbox.ads.set(account_salt=True)
    assert "salt" in ask(f"accounts/{NORTHWIND.id}").json()["data"]


def test_accounts_are_those_of_who_asks(sandbox: Sandbox, ask: AskAds) -> None:
    assert ids(ask("accounts", token=NEWS).json()["data"]) == [PLATFORM.id]
    assert ask(f"accounts/{PLATFORM.id}", token=SECOND_USER).status_code == 403
    sandbox.ads.grant(PLATFORM.id, SECOND_USER.user_id, "ANALYST")
    access = ask(f"accounts/{PLATFORM.id}/authenticated_user_access", token=SECOND_USER)
    assert access.json()["data"]["permissions"] == ["ANALYST"]


def test_deleted_accounts_are_found_when_asked_for(ask: AskAds) -> None:
    assert codes(ask(f"accounts/{CLOSED.id}")) == [("NOT_FOUND", None)]
    assert ask(f"accounts/{CLOSED.id}", with_deleted="true").json()["data"]["deleted"]


@pytest.mark.parametrize("count", ["23", "200", "1000"])
def test_posts_come_in_pages_newest_first(ask: AskAds, count: str) -> None:
    found = ids(all_pages(ask, TWEETS, **ORGANIC, count=count))
    assert found == sorted(set(found), key=int, reverse=True)
    assert len(found) > 300


def test_a_timeline_is_of_one_kind(sandbox: Sandbox, ask: AskAds) -> None:
    path = f"accounts/{HARBOUR.id}/tweets"
    found = {
        kind: all_pages(ask, path, tweet_type="PUBLISHED", **kind_of)
        for kind, kind_of in {
            "default": {},
            "ORGANIC": {"timeline_type": "ORGANIC"},
            "ALL": {"timeline_type": "ALL"},
            "answers": {"timeline_type": "ORGANIC", "include_mentions_and_replies": "true"},
        }.items()
    }
    assert all(post["nullcast"] for post in found["default"])
    assert not any(post["nullcast"] for post in found["ORGANIC"])
    both = [*ids(found["ORGANIC"]), *ids(found["default"])]
    assert ids(found["ALL"]) == sorted(both, key=int, reverse=True)
    replies = [post for post in found["answers"] if post["in_reply_to_status_id_str"]]
    assert len(found["answers"]) == len(found["ORGANIC"]) + len(replies) > len(found["ORGANIC"])
    sandbox.ads.set(tweets_since="user")
    older = all_pages(ask, path, **ORGANIC, count="1000")
    assert len(older) > len(found["ORGANIC"])


def test_a_post_is_told_in_words_of_api_1_1(sandbox: Sandbox, ask: AskAds) -> None:
    text = "Launch day #acme $ACM @Founder and @founder @nobody https://t.co/abc #tea"
    post = str(sandbox.world.timelines.add(OWNER.user_id, text))
    found = ask(TWEETS, **ORGANIC, tweet_ids=post).json()["data"][0]
    assert (found["tweet_id"], found["id"], found["full_text"]) == (post, int(post), text)
    assert found["created_at"] == "Fri Nov 20 12:00:00 +0000 2026"
    entities = found["entities"]
    assert entities["hashtags"] == [
        {"text": "acme", "indices": [11, 16]},
        {"text": "tea", "indices": [69, 73]},
    ]
    assert entities["symbols"] == [{"text": "ACM", "indices": [17, 21]}]
    mention = {"id": 12, "id_str": "12", "name": "The Founder"}
    assert entities["user_mentions"] == [
        {**mention, "screen_name": "Founder", "indices": [22, 30]},
        {**mention, "screen_name": "founder", "indices": [35, 43]},
    ]
    assert [url["indices"] for url in entities["urls"]] == [[52, 68]]
    assert found["user"]["screen_name"] == "NorthwindTea"
    assert found["user"]["utc_offset"] is None
    assert "scopes" not in found

    sandbox.ads.set(ids="string")
    (same,) = ask(TWEETS, **ORGANIC, tweet_ids=post, trim_user="true").json()["data"]
    assert (same["id"], same["user"]) == (post, {"id": OWNER.user_id})
    assert "id_str" not in same


def test_replies_places_media_and_cards_are_told(ask: AskAds) -> None:
    every = {"include_mentions_and_replies": "true", "timeline_type": "ALL"}
    found = all_pages(ask, TWEETS, tweet_type="PUBLISHED", **every)
    reply = next(post for post in found if post["in_reply_to_user_id"])
    assert reply["in_reply_to_user_id_str"] == str(reply["in_reply_to_user_id"])
    assert reply["full_text"].startswith(f"@{reply['in_reply_to_screen_name']} ")
    at = next(post for post in found if post["coordinates"])
    assert at["geo"]["coordinates"] == at["coordinates"]["coordinates"][::-1]
    media = [post["entities"]["media"] for post in found if "media" in post["entities"]]
    assert {medium["type"] for each in media for medium in each} >= {"photo", "video"}
    cards = {card["card_uri"] for card in all_pages(ask, CARDS, with_deleted="true", include_legacy_cards="true")}  # fmt: skip
    used = {post["card_uri"] for post in found if "card_uri" in post}
    assert used
    assert used <= cards


def test_cards_have_components_or_slides(ask: AskAds) -> None:
    cards = all_pages(ask, CARDS, count="3")
    parts = {
        part["type"]
        for card in cards
        for group in [card.get("components", []), *card.get("slides", [])]
        for part in group
    }
    assert parts == {"MEDIA", "SWIPEABLE_MEDIA", "DETAILS", "BUTTON"}
    assert any("slides" in card for card in cards)
    legacy = all_pages(ask, CARDS, include_legacy_cards="true", with_deleted="true")
    assert {each["card_type"] for each in legacy} - {each["card_type"] for each in cards} == {
        "WEBSITE",
        "VIDEO_APP",
    }
    assert ids(all_pages(ask, CARDS, sort_by="created_at-asc", count="2")) == ids(cards)[::-1]


def test_media_come_in_small_pages(ask: AskAds) -> None:
    path = f"accounts/{NORTHWIND.id}/media_library"
    first = ask(path).json()
    assert (len(first["data"]), first["next_cursor"][:2]) == (20, "c-")
    assert ask(path, count="51").status_code == 400
    videos = all_pages(ask, path, media_type="VIDEO")
    assert all(video["duration"] > 0 and video["aspect_ratio"] for video in videos)
    assert "duration" not in all_pages(ask, path, media_type="IMAGE")[0]
    assert ask(f"{path}/{videos[0]['media_key']}").json()["data"] == videos[0]


def test_scheduled_posts_are_published(sandbox: Sandbox, ask: AskAds) -> None:
    path = f"accounts/{NORTHWIND.id}/scheduled_tweets"
    due = NOW + timedelta(hours=30)
    made = sandbox.ads.schedule.add(NORTHWIND, "soon", due)
    fails = sandbox.ads.schedule.add(NORTHWIND, "never", due, fails=True)
    waiting = ask(f"{path}/{made}").json()["data"]
    assert (waiting["scheduled_status"], waiting["tweet_id"]) == ("SCHEDULED", None)
    assert made in ids(ask(TWEETS, tweet_type="SCHEDULED").json()["data"])
    sandbox.clock.advance(3600)
    sandbox.ads.schedule.change(made, "later")
    edited = ask(f"{path}/{made}").json()["data"]
    assert (edited["text"], edited["updated_at"]) == ("later", "2026-11-20T13:00:00Z")
    sandbox.clock.advance(2 * DAY)
    done = ask(f"{path}/{made}").json()["data"]
    assert (done["scheduled_status"], done["updated_at"]) == ("SUCCESS", "2026-11-21T18:00:00Z")
    published = ask(TWEETS, **ORGANIC, tweet_ids=done["tweet_id"]).json()["data"]
    assert [post["full_text"] for post in published] == ["later"]
    assert ask(f"{path}/{fails}").json()["data"]["scheduled_status"] == "FAILED"


def test_drawn_schedules_lead_to_real_posts(sandbox: Sandbox, ask: AskAds) -> None:
    scheduled = all_pages(ask, f"accounts/{NORTHWIND.id}/scheduled_tweets")
    published = {post["id"]: post["text"] for post in sandbox.world.timeline(NORTHWIND.user_id)}
    done = [each for each in scheduled if each["scheduled_status"] == "SUCCESS"]
    assert {each["tweet_id"] for each in done} & set(published)
    for each in done:
        assert published.get(each["tweet_id"], each["text"])[:20] == each["text"][:20]
    assert {each["updated_at"] > each["created_at"] for each in done} == {True}


def test_the_world_changes_from_day_to_day(sandbox: Sandbox, ask: AskAds) -> None:
    timelines = sandbox.world.timelines
    first, second = (timelines.add(OWNER.user_id, text) for text in ("One", "Two"))
    before = ask(f"accounts/{NORTHWIND.id}").json()["data"]
    card = ask(CARDS).json()["data"][0]
    sandbox.clock.advance(600)
    edited = timelines.edit(first, "One, edited")

    sandbox.clock.advance(DAY)
    timelines.delete(second)
    sandbox.ads.posts.rename(edited, "spring")
    sandbox.ads.change_account(NORTHWIND.id, name="Northwind Tea & Co")
    sandbox.clock.advance(DAY)
    sandbox.ads.creatives.change(card["id"], {"name": "renamed"})

    posts = {post["tweet_id"]: post for post in all_pages(ask, TWEETS, **ORGANIC)}
    assert not {str(first), str(second)} & set(posts)
    assert posts[str(edited)]["full_text"] == "One, edited"
    assert ids(ask(TWEETS, **ORGANIC, name="spr").json()["data"]) == [str(edited)]
    after = ask(f"accounts/{NORTHWIND.id}").json()["data"]
    assert after == {
        **before,
        "name": "Northwind Tea & Co",
        "updated_at": "2026-11-21T12:10:00Z",
    }
    changed = ask(f"{CARDS}/{card['id']}").json()["data"]
    assert changed == {**card, "name": "renamed", "updated_at": "2026-11-22T12:10:00Z"}
    sandbox.ads.creatives.change(card["id"], {"deleted": True})
    assert codes(ask(f"{CARDS}/{card['id']}")) == [("CARD_NOT_FOUND", None)]
    sandbox.ads.set(single_card="list")
    assert ask(f"{CARDS}/{card['id']}", with_deleted="true").json()["data"][0]["deleted"]


def test_new_posts_move_no_page(sandbox: Sandbox, ask: AskAds) -> None:
    expected = ids(all_pages(ask, TWEETS, **ORGANIC))
    page = ask(TWEETS, **ORGANIC, count="5").json()
    sandbox.world.timelines.add(OWNER.user_id, "Between two pages")
    rest = ask(TWEETS, **ORGANIC, count="5", cursor=page["next_cursor"]).json()
    assert [*ids(page["data"]), *ids(rest["data"])] == expected[:10]


def test_an_account_of_ones_own_can_be_opened(sandbox: Sandbox, ask: AskAds) -> None:
    start = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    reader = next(
        each
        for each in sandbox.world.sample_ids(200, status="found")
        if sandbox.world.authors.pace(each).is_still
    )
    account = sandbox.ads.add_account(
        reader,
        "Asia/Kathmandu",
        created_at=start,
        permissions={OWNER.user_id: ("ANALYST",)},
    )
    made = [
        str(sandbox.world.timelines.add(reader, f"Post {n}", at=start + timedelta(hours=n)))
        for n in range(1, 45)
    ]
    path = f"accounts/{account.id}/tweets"
    assert ids(all_pages(ask, path, **ORGANIC, count="20")) == made[::-1]
    assert account.id in ids(ask("accounts").json()["data"])
    assert HARBOUR.id in ids(ask("accounts").json()["data"])
