"""Circles of accounts themselves: what follows from key and time, whoever asks when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.circles import LEAVES_AFTER_DAYS, MAX_SIZE, Circle
from sandbox.clock import Clock
from sandbox.credentials import NEWS, OWNER
from sandbox.lists import LISTS
from sandbox.pace import DAY_MS, milliseconds
from sandbox.people import NAMED
from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.circles import Member

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
BEGAN = milliseconds(datetime(2020, 1, 1, tzinfo=UTC))


def world(now: datetime = NOW, seed: int = 1) -> World:
    return World(seed, Clock(now, ticking=False), {"not_found": 0.04})


def names(members: Iterable[Member]) -> list[str]:
    return [member.user_id for member in members]


@settings(deadline=None, max_examples=40)
@example(per_day=1.0, age_ms=0, later_ms=98 * DAY_MS)
@given(st.floats(0, 2), st.integers(0, 600 * DAY_MS), st.integers(0, 200 * DAY_MS))
def test_a_circle_keeps_its_size_its_order_and_tells_its_members_apart(
    per_day: float, age_ms: int, later_ms: int
) -> None:
    circle = Circle("some key", BEGAN, per_day)
    before, after = (list(circle.members(BEGAN + ms, str)) for ms in (age_ms, age_ms + later_ms))
    assert len(before) == circle.size(BEGAN + age_ms) == int(per_day * age_ms / DAY_MS)
    for members in (before, after):
        assert len(set(names(members))) == len(members)
        keys = [member.key for member in members]
        assert keys == sorted(set(keys), reverse=True)
        assert all(0 < key < 2**62 for key in keys)
    # who stays keeps the place, and who is new stands before all of them
    stayed = set(before) & set(after)
    assert [member for member in after if member in stayed] == [m for m in before if m in stayed]
    assert set(after[: len(after) - len(stayed)]) == set(after) - stayed


def test_one_of_twenty_leaves_after_ninety_days() -> None:
    circle = Circle("some key", BEGAN, per_day=1)
    first = set(names(circle.members(BEGAN + 200 * DAY_MS, str)))
    later = set(names(circle.members(BEGAN + (200 + LEAVES_AFTER_DAYS) * DAY_MS, str)))
    assert (len(first), len(first - later)) == (200, 200 // 20)


def test_a_circle_ends_somewhere_and_begins_with_nobody() -> None:
    huge = Circle("some key", BEGAN, per_day=10_000)
    assert huge.size(BEGAN + 100 * DAY_MS) == MAX_SIZE
    assert names(islice(huge.members(BEGAN + 100 * DAY_MS, str), 3))
    assert huge.size(BEGAN - DAY_MS) == 0
    assert list(Circle("nobody", BEGAN, 0).members(BEGAN + DAY_MS, str)) == []


def test_followers_are_accounts_of_the_sample_in_the_number_that_the_profile_says() -> None:
    here = world()
    for token in (OWNER, NEWS):
        counts = here.user(token.user_id)["public_metrics"]
        followers = here.follows.followers(token.user_id)
        assert 0.9 * counts["followers_count"] < len(followers) < counts["followers_count"]
        following = here.follows.following(token.user_id)
        assert 0.9 * counts["following_count"] < len(following) < counts["following_count"]
        assert {here.status(user_id) for user_id in followers} == {"found"}
    unknown = here.sample_ids(1, "found")[0]
    size = here.user(unknown)["public_metrics"]["followers_count"]
    assert 0.85 * size <= len(here.follows.followers(unknown)) <= size


def test_the_same_seed_makes_the_same_circles_and_another_seed_others() -> None:
    mine = [world(seed=seed).follows.followers(OWNER.user_id) for seed in (1, 1, 2)]
    assert mine[0] == mine[1] != mine[2]
    for list_id in LISTS:
        assert world().lists.members(list_id) == world().lists.members(list_id)


def test_circles_follow_from_the_time_whatever_was_asked_before() -> None:
    here, at_once = world(), world(NOW + timedelta(days=3))
    for _ in range(3):
        here.follows.followers(OWNER.user_id)
        here._clock.advance(86_400)
    assert here.follows.followers(OWNER.user_id) == at_once.follows.followers(OWNER.user_id)


def test_who_joins_twice_or_comes_back_stands_once() -> None:
    lists = (here := world()).lists
    list_id = next(iter(LISTS))
    member = lists.members(list_id)[20]
    lists.add(list_id, member)
    assert lists.members(list_id)[20] == member
    lists.remove(list_id, member)
    assert member not in lists.members(list_id)
    lists.add(list_id, member)
    assert lists.members(list_id)[0] == member
    assert lists.members(list_id).count(member) == 1
    here.reset()
    assert lists.members(list_id)[20] == member


def test_what_is_said_in_public_is_in_the_timelines_too_newest_first() -> None:
    here = world()
    public = list(islice(here.square.posts(), 500))
    newest = [here.timelines.newest(post) for post in public]
    assert newest == sorted(newest, reverse=True)
    authors = set(here.authors.public())
    assert set(map(str, NAMED)) < authors
    for author in ("12", OWNER.user_id, public[0].author_id):
        mine = [post for post in public if post.author_id == author]
        assert mine == list(islice(here.timelines.of(author), len(mine)))
    assert any(post.greeted for post in public)


def test_whom_a_post_mentions_stands_in_its_text() -> None:
    here = world()
    for post in islice(here.square.posts(), 1_000):
        seen = here.post(str(here.timelines.newest(post))) or {}
        whole = seen.get("note_tweet", seen)
        named = {each["id"] for each in whole.get("entities", {}).get("mentions", [])}
        if post.kind != "retweeted":
            assert named == here.square.mentioned(post)
