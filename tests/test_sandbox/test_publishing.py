"""The posts and messages of the world themselves: what follows from seed and clock, and what is steered."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import attached, moments
from sandbox.clock import Clock
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER, USER_TOKENS
from sandbox.pace import Pace
from sandbox.people import NAMED
from sandbox.world import World
from sandbox.x.vocabulary import POST, TWEET

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
ACCOUNTS = [token.user_id for token in USER_TOKENS]
DAY = 86400


def world(now: datetime = NOW, seed: int = 1) -> World:
    return World(seed, Clock(now, ticking=False), {"not_found": 0.04})


def ids(posts: Iterator[dict[str, Any]], count: int) -> list[str]:
    return [post["id"] for post in islice(posts, count)]


@settings(deadline=None)
@given(st.floats(0, 5), st.integers(0, 20_000))
def test_a_pace_keeps_its_rate_and_its_order(per_day: float, day: int) -> None:
    pace = Pace("some key", per_day)
    happenings = [each for n in range(20) for each in pace.on(day + n)]
    assert abs(len(happenings) - 20 * per_day) <= 1
    assert [each.ms for each in happenings] == sorted({each.ms for each in happenings})
    assert {each.ms // 86_400_000 for each in happenings} <= set(range(day, day + 20))


def test_every_named_account_has_a_login() -> None:
    assert sorted(ACCOUNTS) == sorted(map(str, NAMED))


@pytest.mark.parametrize("user_id", [NEWS.user_id, CITY.user_id, OWNER.user_id])
def test_a_post_is_the_same_in_a_timeline_and_by_its_id(user_id: str) -> None:
    here, again = world(), world()
    for post in islice(here.timeline(user_id), 300):
        assert again.post(post["id"]) == post
        assert again.authors.of(int(post["id"])) == user_id == post["author_id"]


def test_accounts_of_the_sample_post_too_and_their_posts_tell_whose_they_are() -> None:
    here = world()
    sample = here.sample_ids(300, "found")
    authors = [each for each in sample if next(here.timelines.of(each), None)]
    assert 240 < len(authors) < 300
    for user_id in authors[:50]:
        newest = next(here.timeline(user_id))
        assert here.user(user_id)["most_recent_tweet_id"] == newest["id"]
        assert world().post(newest["id"]) == newest
    assert next(here.timelines.of("77"), None) is None


def test_another_seed_is_another_world() -> None:
    timelines = [ids(world(seed=seed).timeline(OWNER.user_id), 50) for seed in (1, 1, 2)]
    assert timelines[0] == timelines[1] != timelines[2]
    boxes = [ids(world(seed=seed).mailbox(CITY.user_id), 50) for seed in (1, 1, 2)]
    assert boxes[0] == boxes[1] != boxes[2]


def test_all_kinds_of_posts_and_all_that_they_carry_occur() -> None:
    seen = Counter[str]()
    for post in islice(world().timeline(OWNER.user_id), 4000):
        seen.update(post.keys())
        seen.update(reference["type"] for reference in post.get("referenced_tweets", []))
        seen.update(post.get("attachments", {}).keys())
        seen.update(post.get("entities", {}).keys())
        seen["edited"] += len(post.get("edit_history_tweet_ids", [])) > 1
        for key in post.get("attachments", {}).get("media_keys", []):
            seen[attached.media(key, NOW, 1)["type"]] += 1
    fields = set(TWEET.fields["post"]) | set(map(POST.inner, POST.fields["post"]))
    rare_at_x = {
        "article_title", "card_uri", "matched_media_notes", "media_metadata",
        "note_request_suggestions", "suggested_source_links", "suggested_source_links_with_counts",
    }  # fmt: skip
    expected = (fields - rare_at_x) | {"retweeted", "quoted", "replied_to", "edited"}
    expected |= {
        "media_keys",
        "poll_ids",
        "media_source_tweet_id",
        "urls",
        "hashtags",
        "cashtags",
        "mentions",
    }
    expected |= {"photo", "video", "animated_gif"}
    assert seen.keys() - {"in_reply_to_user_id"} <= expected
    assert {key for key in expected if seen[key] < 3} == set()


def test_entities_stand_where_they_say() -> None:
    signs = {"hashtags": ("#", "tag"), "cashtags": ("$", "tag"), "mentions": ("@", "username")}
    here = world()
    for found in [
        *islice(here.timeline(NEWS.user_id), 1000),
        *islice(here.mailbox(OWNER.user_id), 1000),
    ]:
        for whole in (found, found.get("note_tweet", found)):
            for kind, entities in whole.get("entities", {}).items():
                for entity in entities:
                    text = whole["text"][entity["start"] : entity["end"]]
                    sign, key = signs.get(kind, ("", "url"))
                    assert text == sign + entity[key]


def test_a_long_post_is_cut_and_kept_whole_beside() -> None:
    posts = islice(world().timeline(NEWS.user_id), 2000)
    long = [post for post in posts if "note_tweet" in post]
    assert long
    for post in long:
        whole = post["note_tweet"]["text"]
        assert len(whole) > 280 == len(post["text"])
        assert whole.startswith(post["text"][:-1])


def test_the_days_bring_posts_and_take_some_away() -> None:
    here = world()
    for _ in range(20):
        first = ids(here.timeline(NEWS.user_id), 60)
        here._clock.advance(5 * DAY)
        later = ids(here.timeline(NEWS.user_id), 100)
        new = [post_id for post_id in later if int(post_id) > int(first[0])]
        assert 12 <= len(new) <= 15
        # an edit gives an old post a new id
        gone = [post_id for post_id in first if post_id not in later]
        if any(here.post(post_id) is None for post_id in gone):
            return
    pytest.fail("No post was deleted in a hundred days")


def test_three_visits_see_what_one_visit_sees() -> None:
    here, at_once = world(), world(NOW + timedelta(days=2))
    seen = set()
    for _ in range(3):
        seen |= set(ids(here.mailbox(CITY.user_id), 1000))
        here._clock.advance(DAY)
    assert set(ids(at_once.mailbox(CITY.user_id), 1000)) <= seen


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 40 * DAY), st.integers(0, 40 * DAY))
def test_counters_of_a_post_never_shrink(first: int, second: int) -> None:
    here = world()
    post_id = next(here.timeline(FOUNDER.user_id))["id"]
    counts = []
    for seconds in (0, first, second):
        here._clock.advance(seconds)
        if post := here.post(post_id):
            counts.append({**post["public_metrics"], **post["non_public_metrics"]})
    for before, after in pairwise(counts):
        assert all(before[name] <= after[name] for name in before)


def test_a_post_lives_through_edits_and_dies() -> None:
    timelines = (here := world()).timelines
    written = timelines.add(OWNER.user_id, "One.")
    quoting = timelines.add(CITY.user_id, "Look.", "quoted", written)
    repeating = timelines.add(CITY.user_id, "", "retweeted", written)
    here._clock.advance(60)
    versions = [written]
    for text in ("Two.", "Three.", "Four.", "Five.", "Six."):
        versions.append(timelines.edit(versions[-1], text))
    with pytest.raises(ValueError, match="5 edits"):
        timelines.edit(written, "Seven.")
    newest = next(here.timeline(OWNER.user_id))
    assert newest["edit_history_tweet_ids"] == list(map(str, versions))
    assert newest["edit_controls"]["edits_remaining"] == 0
    assert (here.post(str(written)) or {})["text"] == "One."

    timelines.delete(versions[2])
    assert [here.post(str(version)) for version in versions] == [None] * 6
    assert here.post(str(repeating)) is None
    assert here.post(str(quoting)) is not None


def test_what_can_no_longer_be_edited_or_never_was() -> None:
    timelines = (here := world()).timelines
    written = timelines.add(OWNER.user_id, "One.")
    here._clock.advance(1801)
    with pytest.raises(ValueError, match="no longer be edited"):
        timelines.edit(written, "Two.")
    with pytest.raises(LookupError, match="There is no post 20"):
        timelines.delete(20)
    with pytest.raises(ValueError, match="Account 77 never posts"):
        timelines.add("77", "Hello.")
    with pytest.raises(ValueError, match="makes no sense"):
        timelines.add(OWNER.user_id, "Look.", "quoted")


def test_a_drawn_post_can_be_steered_as_well() -> None:
    here = world()
    before = ids(here.timeline(SECOND_USER.user_id), 20)
    here.timelines.delete(int(before[4]))
    assert ids(here.timeline(SECOND_USER.user_id), 19) == before[:4] + before[5:]
    here.reset()
    assert ids(here.timeline(SECOND_USER.user_id), 20) == before


def test_what_is_added_at_one_moment_has_an_order() -> None:
    here = world()
    posts = [here.timelines.add(OWNER.user_id, str(number)) for number in range(5)]
    sent = [here.messages.send(OWNER.user_id, ["12"], str(number)) for number in range(5)]
    assert posts == sorted(set(posts))
    assert sent == sorted(set(sent))
    assert ids(here.timeline(OWNER.user_id), 5) == [str(post) for post in reversed(posts)]
    assert ids(here.mailbox(OWNER.user_id), 5) == [str(event) for event in reversed(sent)]


def test_a_message_to_several_opens_a_group_once() -> None:
    here = world()
    first, second = (
        here.messages.send(OWNER.user_id, [CITY.user_id, FOUNDER.user_id], text)
        for text in ("Hello.", "Anyone?")
    )
    events = {event.id: event.conversation for event in here.messages.of(CITY.user_id)}
    assert events[first] == events[second]
    assert moments.snowflake_time(int(events[first].id)).year == 2017


def test_whose_box_is_the_largest() -> None:
    here = world()
    sizes = {user_id: len(here.messages.of(user_id)) for user_id in ACCOUNTS}
    assert 4000 < sizes[OWNER.user_id] < 5000
    assert all(200 < size < 400 for user_id, size in sizes.items() if user_id != OWNER.user_id)


def test_polls_close_and_count() -> None:
    poll_id = str(moments.snowflake(NOW, 1))
    states = [attached.poll(poll_id, NOW + timedelta(hours=hours), 1) for hours in (0, 1, 100)]
    assert [state["voting_status"] for state in states][::2] == ["open", "closed"]
    votes = [[option["votes"] for option in state["options"]] for state in states]
    assert all(early <= late for early, late in zip(votes[0], votes[2], strict=True))


def test_the_timelines_of_strangers_leave_nothing_behind() -> None:
    here = world()
    sample = here.sample_ids(300, "found")
    tracemalloc.start()
    try:
        for user_id in sample:
            list(islice(here.timelines.of(user_id), 5))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_500_000
