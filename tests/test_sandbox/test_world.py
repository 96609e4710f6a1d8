from __future__ import annotations

import gc
import re
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import handles
from sandbox.clock import Clock
from sandbox.people import NAMED
from sandbox.sample import created_at
from sandbox.world import World
from sandbox.x.vocabulary import POST, TWEET

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHARES = {"not_found": 0.04, "suspended": 0.02, "protected": 0.01}


def world(seed: int = 1, now: datetime = NOW, shares: Mapping[str, float] = SHARES) -> World:
    return World(seed, Clock(now, ticking=False), shares)


ids = st.integers(1, 2**63 - 1).map(str)


@settings(deadline=None)
@given(ids)
def test_a_handle_fits_xs_pattern_and_leads_back_to_its_id(user_id: str) -> None:
    handle = world().handle(user_id)
    assert re.fullmatch(r"[A-Za-z0-9_]{1,15}", handle)
    for spelling in (handle, handle.lower(), handle.upper()):
        assert world().resolve(spelling) == user_id


@settings(deadline=None)
@given(st.from_regex(r"(u_)?[A-Za-z0-9_]{1,13}", fullmatch=True))
def test_a_handle_leads_nowhere_or_to_whose_it_is(handle: str) -> None:
    user_id = world().resolve(handle)
    assert user_id is None or world().handle(user_id).lower() == handle.lower()


@pytest.mark.parametrize("number", NAMED, ids=lambda number: NAMED[number].username)
def test_named_accounts_go_by_their_name_alone(number: int) -> None:
    here = world()
    assert here.resolve(NAMED[number].username.upper()) == str(number)
    assert here.status(str(number)) == "found"
    nameless = World(1, Clock(NOW), {})
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    derived, rest = "", number
    while rest:
        rest, digit = divmod(rest, 36)
        derived = digits[digit] + derived
    assert nameless.resolve(f"u_{derived}") is None


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    first, again, other = world(), world(), world(seed=2)
    sample = first.sample_ids(200)
    assert sample == again.sample_ids(200) != other.sample_ids(200)

    found = first.sample_ids(50, status="found")
    assert [first.user(user_id) for user_id in found] == [again.user(user_id) for user_id in found]


def test_this_user_is_the_same_on_every_machine_and_python() -> None:
    user = world().user("77")
    assert (user["name"], user["username"]) == ("Chidi Okafor", "u_25")
    assert user["public_metrics"] == {
        "followers_count": 6060,
        "following_count": 1408,
        "tweet_count": 23789,
        "listed_count": 98,
        "like_count": 26765,
        "media_count": 5704,
    }


def test_a_sample_has_no_id_twice_and_the_shares_that_were_set() -> None:
    here = world()
    sample = here.sample_ids(20_000)
    assert len(set(sample)) == 20_000

    counts = Counter(here.status(user_id) for user_id in sample)
    for status, share in {**SHARES, "found": 0.93}.items():
        assert counts[status] / 20_000 == pytest.approx(share, abs=0.005)  # type: ignore[index]


@pytest.mark.parametrize("status", ["found", "not_found", "suspended", "protected"])
def test_a_sample_can_be_of_one_status(status: Any) -> None:
    here = world()
    assert {here.status(user_id) for user_id in here.sample_ids(20, status=status)} == {status}


def test_a_status_without_a_share_has_no_sample() -> None:
    with pytest.raises(ValueError, match="No id of this world is suspended"):
        world(shares={}).sample_ids(1, status="suspended")


@pytest.mark.parametrize("shares", [{"lost": 0.1}, {"suspended": 0.6, "not_found": 0.6}])
def test_shares_that_make_no_sense_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Shares must"):
        world(shares=shares)


def test_who_joins_tomorrow_is_not_there_today() -> None:
    user_id = str(int((NOW.timestamp() + 86400) * 1000 - 1288834974657) << 22)
    assert created_at(int(user_id)) > NOW
    here = world(shares={})
    assert here.status(user_id) == "not_found"
    here._clock.advance(2 * 86400)
    assert here.status(user_id) == "found"


def test_a_status_can_be_set_and_taken_back() -> None:
    here = world(shares={})
    here.set_status("12", "suspended")
    assert here.status("12") == "suspended"
    with pytest.raises(LookupError, match="suspended"):
        here.user("12")
    here.reset()
    assert here.status("12") == "found"


def test_all_fields_of_both_vocabularies_occur_and_no_others() -> None:
    here = world()
    seen = {key for user_id in here.sample_ids(3000, "found") for key in here.user(user_id)}
    fields = {POST.inner(name) for name in POST.fields["user"]} | set(TWEET.fields["user"])
    assert seen == fields


def test_an_entity_stands_where_it_says() -> None:
    here = world()
    seen = Counter[str]()
    for user_id in here.sample_ids(300, "found"):
        user = here.user(user_id)
        entities = user.get("entities", {})
        for kind, sign, key in (("hashtags", "#", "tag"), ("mentions", "@", "username")):
            for entity in entities.get("description", {}).get(kind, []):
                text = user["description"][entity["start"] : entity["end"]]
                assert text == sign + entity[key]
                seen[kind] += 1
    assert seen.keys() == {"hashtags", "mentions"}


@settings(deadline=None)
@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_counters_never_shrink(first: int, second: int) -> None:
    here = world(shares={})
    metrics = []
    for seconds in (first, second):
        here._clock.advance(seconds)
        metrics.append(here.user("12")["public_metrics"])
    assert all(metrics[0][name] <= metrics[1][name] for name in metrics[0])


def test_asking_for_many_users_leaves_nothing_behind() -> None:
    tracemalloc.start()
    try:
        here = world()
        sample = here.sample_ids(2000, "found")
        for number in range(1, 10_000):  # what is kept of an id is kept of fewer alone
            handles.handle(str(number))
            created_at(number)
        for user_id in sample[:1000]:
            here.user(user_id)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for user_id in sample[1000:]:
            here.user(user_id)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000


def test_a_snowflake_tells_when_it_was_made() -> None:
    moment = created_at(1307025659294674945)
    assert moment == datetime(2020, 9, 18, 18, 36, 15, 195_000, tzinfo=UTC)
