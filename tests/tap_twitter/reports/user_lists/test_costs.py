"""What snapshots cost: the refusal to start without a limit, the plan, `--test`, and free refusals."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support.granting import oauth2_login
from support.harness import auth_of, selecting
from support.user_lists import SETTINGS, Snapshots

from sandbox.credentials import CITY, FOUNDER, OWNER
from sandbox.lists import BOOKSELLERS, SUPPLIERS, TEA_PEOPLE
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.errors import MissingSettingError, RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from sandbox import Sandbox

UNLIMITED = {"max_requests": 5}
MISSING = "1530000000000000009"


@pytest.mark.parametrize(
    ("stream", "owner", "cost"),
    [
        ("followers", None, " and 1,000,000 cost 10000.000 USD at 0.010 USD each."),
        ("followers", OWNER.user_id, " and 1,000,000 cost 1000.000 USD at 0.001 USD each."),
        ("following", None, " and 1,000,000 cost 10000.000 USD at 0.010 USD each."),
        ("list_members", None, " and 5,000 cost 50.000 USD at 0.010 USD each."),
    ],
)
def test_a_stream_without_a_limit_refuses_to_start(
    snapshots: Snapshots, stream: str, owner: str | None, cost: str
) -> None:
    budget = {**UNLIMITED, "app_owner_id": owner}
    for command in ("run", "plan"):
        with pytest.raises(MissingSettingError) as refusal:
            getattr(snapshots.tap(budget=budget), command)()
        assert str(refusal.value).startswith(f"Stream '{stream}' buys whole lists ")
        assert cost in str(refusal.value)
        assert str(refusal.value).endswith(f"Set '{stream}.limit' or 'budget.max_cost_usd'.")
    assert list(snapshots.sandbox.requests) == []


def test_the_refusal_has_the_cost_of_the_last_snapshot(snapshots: Snapshots) -> None:
    snapshots.run()
    with pytest.raises(
        MissingSettingError, match=r"258 members on 2026-03-01, 2\.580 USD at 0\.010"
    ):
        snapshots.run(budget=UNLIMITED)


LIMITED = {"list_members": {"lists": [TEA_PEOPLE], "limit": 150}, "budget": {}}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (LIMITED, [(150, False), (50, False), (200, False), (0, False), (150, False)]),
        ({}, [(100, True), (100, True), (100, True), (0, False), (258, True)]),
    ],
    ids=["limit", "budget"],
)
def test_the_plan_has_the_rest_of_a_snapshot_and_the_one_of_the_day(
    snapshots: Snapshots, settings: dict[str, Any], expected: list[tuple[int, bool]]
) -> None:
    def planned() -> tuple[int, bool]:
        found = snapshots.tap(**settings).plan().streams["list_members"]
        assert float(found.usd) == found.objects / 100
        return found.objects, found.open_ended

    found = [planned()]
    snapshots.run(**{**settings, "budget": {"max_requests": 1, "max_cost_usd": 9}})
    found.append(planned())
    begun, today = deepcopy(snapshots.state), snapshots.sandbox.clock.now()
    snapshots.sandbox.clock.set(today + timedelta(days=1))
    found.append(planned())
    snapshots.sandbox.clock.set(today)
    snapshots.state = begun
    snapshots.run(**settings)
    found.append(planned())
    snapshots.sandbox.clock.set(today + timedelta(days=1))
    found.append(planned())
    assert found == expected


@pytest.mark.parametrize("stream", ["followers", "list_members"])
def test_a_test_buys_one_user(snapshots: Snapshots, stream: str) -> None:
    test = snapshots.tap().test()
    assert float(test.most_usd) == 0.01
    test.run()
    assert test.is_passed
    assert snapshots.bought == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [("protected", "the account is protected"), ("suspended", "X has suspended the account"),
     ("not_found", "X knows no such account")],
)  # fmt: skip
@pytest.mark.parametrize("stream", ["followers", "following"])
def test_accounts_that_x_does_not_show_cost_nothing(
    snapshots: Snapshots, stream: str, status: Any, reason: str
) -> None:
    snapshots.sandbox.world.set_status(FOUNDER.user_id, status)
    with pytest.raises(RunError, match=rf"for account '12': X gives no users of it: {reason}"):
        snapshots.run(accounts=[{"id": FOUNDER.user_id}])
    assert snapshots.bought == 0


@pytest.mark.parametrize("of", [MISSING, SUPPLIERS], ids=["missing", "private"])
def test_a_list_that_x_does_not_give_stops_no_other(snapshots: Snapshots, of: str) -> None:
    lists = {"lists": [of, BOOKSELLERS]}
    with pytest.raises(RunError, match=f"for list '{of}': X gives no such list to these"):
        snapshots.run(list_members=lists, auth=auth_of(CITY))
    assert {row["list_id"] for row in snapshots.rows.values()} == {BOOKSELLERS}
    assert snapshots.bought == len(snapshots.sandbox.world.lists.members(BOOKSELLERS))


def test_the_owner_reads_a_private_list(snapshots: Snapshots) -> None:
    snapshots.run(list_members={"lists": [SUPPLIERS]}, auth=auth_of(OWNER))
    assert len(snapshots.rows) == len(snapshots.sandbox.world.lists.members(SUPPLIERS)) > 0


@pytest.mark.parametrize(
    "given",
    [[1530000000000000001], [f"https://twitter.com/i/lists/{TEA_PEOPLE}/", TEA_PEOPLE]],
    ids=["number", "address-and-id"],
)
def test_a_list_by_id_and_by_address_is_one(snapshots: Snapshots, given: list[Any]) -> None:
    snapshots.run(list_members={"lists": given, "limit": 5})
    assert snapshots.given == 5


@pytest.mark.parametrize("given", ["x.com/someone", "https://x.com/i/lists/", "1e5", 0, 1.5])
def test_what_is_no_list_is_refused(snapshots: Snapshots, given: Any) -> None:
    with pytest.raises(ConfigValidationError) as refusal:
        snapshots.tap(list_members={"lists": [given]})
    assert any("list_members.lists[0]" in each for each in refusal.value.errors)


@pytest.mark.parametrize("given", [None, []])
def test_no_lists_is_a_missing_setting(snapshots: Snapshots, given: Any) -> None:
    with pytest.raises(MissingSettingError, match=r"'list_members\.lists' is empty"):
        snapshots.run(list_members={"lists": given})


@pytest.mark.parametrize("stream", ["followers", "list_members"])
def test_a_login_without_the_scope_is_refused_before_any_request(
    snapshots: Snapshots, stream: str
) -> None:
    path = snapshots.store / "tokens.json"
    login = oauth2_login(snapshots.sandbox, "us", OWNER.user_id, "tweet.read users.read")
    TokenStore(path).put(login)
    scope = {"followers": "follows.read", "list_members": "list.read"}[stream]
    config = {"auth": {"token_store": str(path)}, "accounts": None, **SETTINGS["list_members"]}
    connect = r"`tap-twitter-accounts connect us`"
    catalog = selecting(config, [stream])
    config |= {"budget": {"max_cost_usd": 1}, "api": {"base_url": snapshots.sandbox.url}}
    with pytest.raises(RunError, match=rf"lacks the scope {scope} \({connect}\)"):
        TapTwitter(config=config, catalog=catalog).run()
    assert list(snapshots.sandbox.requests) == []


def test_shards_share_the_lists(sandbox: Sandbox, snapshots: Snapshots) -> None:
    ids = [TEA_PEOPLE, BOOKSELLERS, SUPPLIERS]
    read = []
    for index in range(2):
        snapshots.state = {}
        rows = snapshots.run(
            list_members={"lists": ids, "limit": 2}, shard={"index": index, "count": 2}
        ).records
        read.append({row["list_id"] for row in rows})
    assert read[0] | read[1] == set(ids)
    assert not read[0] & read[1]
