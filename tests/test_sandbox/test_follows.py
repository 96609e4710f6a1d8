"""Followers, followed accounts and members of lists: whole, in pages, and while they change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids, pages, whole

from sandbox.credentials import CITY, NEWS, OWNER, SECOND_USER
from sandbox.lists import BOOKSELLERS, EMPTY, EVERYBODY, SUPPLIERS, TEA_PEOPLE

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
MINE = f"/2/users/{OWNER.user_id}/followers"
THEIRS = f"/2/users/{CITY.user_id}/followers"
FOLLOWED = f"/2/users/{OWNER.user_id}/following"
TEA = f"/2/lists/{TEA_PEOPLE}/members"
DAY = 86_400


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False, "limit_scale": 10}


def truth(sandbox: Sandbox, path: str) -> list[str]:
    *_, owner, what = path.split("/")
    if what == "members":
        return sandbox.world.lists.members(owner)
    follows = sandbox.world.follows
    return follows.followers(owner) if what == "followers" else follows.following(owner)


@pytest.mark.parametrize(
    ("path", "page", "count"),
    [(MINE, "1000", 2), (FOLLOWED, "100", 5), (TEA, "100", 3), (THEIRS, "1000", 4)],
    ids=["followers", "following", "members", "of-another"],
)
def test_all_pages_together_are_the_circle(
    sandbox: Sandbox, app: Ask, path: str, page: str, count: int
) -> None:
    read = list(pages(app, path, max_results=page))
    assert len(read) == count
    found = [user["id"] for each in read for user in each["data"]]
    assert found == truth(sandbox, path)
    assert len(set(found)) == len(found) > 200
    assert read[0]["data"][0].keys() == {"id", "name", "username"}
    assert read[0]["meta"].keys() == {"result_count", "next_token"}
    assert read[-1]["meta"].keys() == {"result_count", "previous_token"}


def test_a_page_has_a_hundred_unless_another_size_is_asked_for(app: Ask) -> None:
    sizes = [app(path).json()["meta"]["result_count"] for path in (MINE, FOLLOWED, TEA)]
    assert sizes == [100, 100, 100]


@pytest.mark.parametrize("path", [MINE, TEA], ids=["followers", "members"])
def test_tokens_lead_back_as_well(app: Ask, path: str) -> None:
    first = app(path, max_results="7").json()
    second = app(path, max_results="7", pagination_token=first["meta"]["next_token"]).json()
    back = app(path, max_results="7", pagination_token=second["meta"]["previous_token"]).json()
    assert back["data"] == first["data"]


def test_tokens_look_as_the_specs_say(app: Ask, sandbox: Sandbox) -> None:
    follower, member = (app(p, max_results="5").json()["meta"]["next_token"] for p in (MINE, TEA))
    assert len(follower) >= 16
    assert -(2**63) <= int(member) < 2**63
    second = app(TEA, max_results="5", pagination_token=member).json()
    assert len(second["meta"]["previous_token"]) <= 19
    for path, token in ((MINE, follower), (TEA, member)):
        assert app(path, pagination_token=token).status_code == 200
    assert app(THEIRS, pagination_token=follower).status_code == 400
    sandbox.pages.kill()
    for path, token in ((MINE, follower), (TEA, member)):
        assert app(path, pagination_token=token).status_code == 400


def test_numeric_tokens_can_have_a_life_of_their_own(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, page_token_seconds=60)
    app = asking.app(sandbox)
    token = app(TEA).json()["meta"]["next_token"]
    sandbox.clock.advance(59)
    assert app(TEA, pagination_token=token).status_code == 200
    sandbox.clock.advance(1)
    assert app(TEA, pagination_token=token).status_code == 400


@pytest.mark.parametrize("path", [MINE, TEA], ids=["followers", "members"])
def test_a_day_brings_some_and_takes_some(sandbox: Sandbox, app: Ask, path: str) -> None:
    days = 30
    before = ids(whole(app, path))
    sandbox.clock.advance(days * DAY)
    after = ids(whole(app, path))
    came, left = set(after) - set(before), set(before) - set(after)
    assert 0 < len(left) < len(came) < 60
    # whoever came last is first, and the others keep their order
    assert set(after[: len(came)]) == came
    assert after[len(came) :] == [user_id for user_id in before if user_id not in left]


@pytest.mark.parametrize("path", [MINE, TEA], ids=["followers", "members"])
def test_who_comes_and_goes_between_two_pages_moves_nobody_else(
    sandbox: Sandbox, app: Ask, path: str
) -> None:
    whose = path.split("/")[3]
    world = sandbox.world
    before = truth(sandbox, path)
    reading = pages(app, path, max_results="100")
    read = ids(next(reading)["data"])
    newcomer = CITY.user_id
    if path == TEA:
        world.lists.add(whose, newcomer)
        world.lists.remove(whose, before[50])
        world.lists.remove(whose, before[150])
    else:
        world.follows.add(newcomer, whose)
        world.follows.remove(before[50], whose)
        world.follows.remove(before[150], whose)
    for page in reading:
        read += ids(page["data"])
    assert read == [user_id for user_id in before if user_id != before[150]]
    assert truth(sandbox, path) == [newcomer, *before[:50], *before[51:150], *before[151:]]


def test_what_is_steered_stands_on_both_sides_and_in_the_counters(sandbox: Sandbox) -> None:
    world = sandbox.world
    before = world.user(OWNER.user_id)["public_metrics"]
    world.follows.add(CITY.user_id, OWNER.user_id)
    world.follows.add(CITY.user_id, OWNER.user_id)
    assert world.follows.followers(OWNER.user_id)[0] == CITY.user_id
    assert world.follows.following(CITY.user_id)[0] == OWNER.user_id
    after = world.user(OWNER.user_id)["public_metrics"]
    assert after == {**before, "followers_count": before["followers_count"] + 1}
    world.follows.remove(CITY.user_id, OWNER.user_id)
    assert world.user(OWNER.user_id)["public_metrics"] == before
    world.reset()
    assert CITY.user_id not in world.follows.followers(OWNER.user_id)


def test_the_counter_counts_those_as_well_who_are_not_shown(sandbox: Sandbox, app: Ask) -> None:
    before = ids(whole(app, MINE, max_results="1000"))
    count = sandbox.world.user(OWNER.user_id)["public_metrics"]["followers_count"]
    assert len(before) < count < 1.1 * len(before)
    sandbox.world.set_status(before[3], "suspended")
    assert ids(whole(app, MINE, max_results="1000")) == [*before[:3], *before[4:]]
    assert sandbox.world.user(OWNER.user_id)["public_metrics"]["followers_count"] == count


def test_the_order_is_an_option(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, follows_order="earliest_first")
    app = asking.app(sandbox)
    before = truth(sandbox, FOLLOWED)[::-1]
    reading = pages(app, FOLLOWED, max_results="100")
    read = ids(next(reading)["data"])
    sandbox.world.follows.add(OWNER.user_id, NEWS.user_id)
    for page in reading:
        read += ids(page["data"])
    assert read == [*before, NEWS.user_id]


@pytest.mark.parametrize(("path", "largest"), [(MINE, 1000), (FOLLOWED, 1000), (TEA, 100)], ids=str)
def test_pages_have_a_largest_size(app: Ask, path: str, largest: int) -> None:
    assert app(path, max_results=str(largest)).status_code == 200
    for size in (0, largest + 1):
        answer = app(path, max_results=str(size))
        assert answer.status_code == 400
        assert f"is not between 1 and {largest}" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (MINE, {"pagination_token": "short"}),
        (TEA, {"pagination_token": "12345678901234567890"}),
        (TEA, {"pagination_token": "abc"}),
        (MINE, {"since_id": "1"}),
        (MINE, {"expansions": "author_id"}),
        ("/2/lists/x/members", {}),
    ],
    ids=["short-token", "long-number", "no-number", "no-bounds", "expansion", "list"],
)
def test_parameters_that_x_refuses(app: Ask, path: str, params: dict[str, str]) -> None:
    assert app(path, **params).status_code == 400


@pytest.mark.parametrize("what", ["followers", "following"])
@pytest.mark.parametrize("status", ["not_found", "suspended", "protected"])
def test_the_circles_of_an_account_that_is_not_shown(
    sandbox: Sandbox, app: Ask, what: str, status: Any
) -> None:
    sandbox.world.set_status(SECOND_USER.user_id, status)
    answer = app(f"/2/users/{SECOND_USER.user_id}/{what}")
    assert (answer.status_code, answer.json().keys()) == (200, {"errors"})
    assert sandbox.bill.total.net_usd == 0


def test_a_private_list_is_there_for_its_owner_alone(
    sandbox: Sandbox, app: Ask, owner: Ask, asking: Asking
) -> None:
    path = f"/2/lists/{SUPPLIERS}/members"
    assert ids(whole(owner, path)) == sandbox.world.lists.members(SUPPLIERS)
    for ask in (app, asking.user(sandbox, SECOND_USER)):
        (error,) = ask(path).json()["errors"]
        assert error["detail"] == f"Could not find list with id: [{SUPPLIERS}]."
        assert error["type"].endswith("/resource-not-found")
    assert app("/2/lists/1/members").json().keys() == {"errors"}
    assert app(f"/2/lists/{EMPTY}/members").json() == {"meta": {"result_count": 0}}


def test_lists_have_many_sizes(sandbox: Sandbox) -> None:
    sizes = [len(sandbox.world.lists.members(each)) for each in (BOOKSELLERS, EVERYBODY)]
    assert 5 < sizes[0] < 20
    assert 4500 < sizes[1] <= 5000


PRICES = {
    "own": ("owner", MINE, "OwnedRead", 0.1),
    "own-by-app-token": ("app", MINE, "FollowRead", 1.0),
    "of-another": ("owner", THEIRS, "FollowRead", 1.0),
    "own-following": ("owner", FOLLOWED, "OwnedRead", 0.1),
    "own-list": ("owner", TEA, "User", 1.0),
}


@pytest.mark.parametrize(("reader", "path", "kind", "usd"), PRICES.values(), ids=PRICES)
def test_what_is_charged(
    sandbox: Sandbox, app: Ask, owner: Ask, reader: str, path: str, kind: str, usd: float
) -> None:
    {"app": app, "owner": owner}[reader](path)
    bill = sandbox.bill.as_json()["resources"]
    assert {name: tally["net_objects"] for name, tally in bill.items()} == {kind: 100}
    assert bill[kind]["net_usd"] == pytest.approx(usd)


def test_a_user_is_charged_once_a_day_wherever_they_are_met(sandbox: Sandbox, app: Ask) -> None:
    met = ids(app(THEIRS).json()["data"])
    app("/2/users", ids=",".join(met))
    assert float(sandbox.bill.total.net_usd) == pytest.approx(1.0)
    assert float(sandbox.bill.total.gross_usd) == pytest.approx(2.0)


def test_members_may_be_priced_as_lists(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, list_members_price="List")
    asking.app(sandbox)(TEA)
    assert float(sandbox.bill.total.net_usd) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("path", "scope"), [(MINE, "follows.read"), (FOLLOWED, "follows.read"), (TEA, "list.read")]
)
def test_scopes(sandbox: Sandbox, asking: Asking, path: str, scope: str) -> None:
    basic = "tweet.read users.read"
    assert asking.granted(sandbox, basic)(path).status_code == 403
    assert asking.granted(sandbox, f"{basic} {scope}")(path).status_code == 200


@pytest.mark.parametrize(("path", "limit"), [(MINE, "3000"), (FOLLOWED, "3000"), (TEA, "9000")])
def test_each_endpoint_has_its_own_limit(app: Ask, owner: Ask, path: str, limit: str) -> None:
    # ten times X's, as set above
    assert [ask(path).headers["x-rate-limit-limit"] for ask in (app, owner)] == [limit, limit]
