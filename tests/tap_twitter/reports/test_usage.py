"""What X has counted, beside the tap's own bill: rows, comparison, credentials, and the state."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, USER_AUTH, Messages, selecting, tap_config
from support.sandbox_clock import SandboxClock
from support.timelines import NOON, US

from sandbox import running
from sandbox.credentials import APP, FOUNDER
from tap_twitter.cost.ledger import DayBill
from tap_twitter.errors import RunError, StateError
from tap_twitter.reports.usage.own_bill import OwnBill
from tap_twitter.reports.usage.stream import COLUMNS
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

DAY = 86_400
TODAY = date(2026, 3, 10)
MENTIONS = ("mentions", "usage")


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOON, "clock_ticking": False}


class Runs:
    """Runs of one job, each from the state of the one before.

    Attributes:
        days: What a target that upserts has after them, by date.
    """

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self._folder = sandbox, folder
        self.state: dict[str, Any] = {}
        self.days: dict[str, dict[str, Any]] = {}

    def tap(
        self, *streams: str, messages: Messages | None = None, auth: Any = None, **settings: Any
    ) -> TapTwitter:
        bearer = {"bearer_token": self.sandbox.tokens.app_only()}
        config = tap_config(self.sandbox, self._folder, auth=bearer if auth is None else auth)
        config["api"] |= settings.pop("api", {})
        config |= {"accounts": [US], "start_date": "2026-03-01", **settings}
        tap = TapTwitter(
            config=config,
            state=self.state,
            catalog=selecting(config, streams or ["usage"]),
            message_writer=messages or Messages(),
        )
        tap.run_context.clock = SandboxClock(self.sandbox)
        return tap

    def run(self, *streams: str, **settings: Any) -> list[dict[str, Any]]:
        messages = Messages()
        self.tap(*streams, messages=messages, **settings).run()
        self.state = messages.states[-1] if messages.states else self.state
        rows = [each for each in messages.records if "own_posts" in each]
        self.days |= {each["date"]: each for each in rows}
        return rows


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return Runs(sandbox, tmp_path)


@pytest.mark.parametrize(
    ("vocabulary", "shape"), [("tweet", "introduction"), ("post", "spec")], ids=["tweet", "post"]
)
def test_rows_are_what_x_has_counted(tmp_path: Path, vocabulary: Any, shape: Any) -> None:
    with running(clock_start=NOON, vocabulary=vocabulary, usage_shape=shape) as sandbox:
        runs = Runs(sandbox, tmp_path)
        runs.run("mentions", api={"vocabulary": vocabulary})
        posts = sandbox.bill.resources["Post"].net_objects
        rows = runs.run(api={"vocabulary": vocabulary})
    dates = [f"2026-03-{day:02}" for day in range(4, 11)]
    assert [each["date"] for each in rows] == dates
    assert [each["posts"] for each in rows] == [0] * 6 + [posts]
    assert posts > 10
    assert [each["is_complete"] for each in rows] == [True] * 6 + [False]
    assert rows[-1].keys() == {column.name for column in COLUMNS}
    assert rows[-1]["client_apps"] == [{"id": APP.id, "posts": posts}]
    assert (rows[-1]["project_id"], rows[-1]["project_usage"]) == ("1466", posts)


def test_three_days_of_a_job_are_on_both_bills(sandbox: Sandbox, runs: Runs) -> None:
    for number in range(3):
        sandbox.world.timelines.add(FOUNDER.user_id, f"{number} @NorthwindTea")
        sandbox.clock.advance(60)
        runs.run(*MENTIONS)
        runs.run(*MENTIONS)  # buys nothing, and does not count anything twice
        sandbox.clock.advance(DAY - 60)
    counted = [each for each in runs.days.values() if each["posts"]]
    assert [each["own_posts"] for each in counted] == [each["posts"] for each in counted]
    assert len(counted) == 3
    assert sum(each["own_posts"] for each in counted) == sandbox.bill.total.net_objects
    assert sum(each["own_cost_usd"] for each in counted) == pytest.approx(
        float(sandbox.bill.total.net_usd)
    )
    for each in counted:
        [cost] = each["own_cost_by_stream"]
        assert cost == {"stream": "mentions", "usd": pytest.approx(each["own_cost_usd"])}
    assert runs.days["2026-03-09"]["own_posts"] is None  # before the state's first run
    assert runs.days["2026-03-09"]["own_cost_by_stream"] is None


def test_the_day_s_bill_is_kept_by_stream_and_grows_with_each_run() -> None:
    def bill(**streams: str) -> dict[date, DayBill]:
        usd = {name: Decimal(each) for name, each in streams.items()}
        return {TODAY: DayBill(1, sum(usd.values(), Decimal()), defaultdict(Decimal, usd))}

    # as builds wrote it that did not keep streams apart
    before = {"date": TODAY.isoformat(), "posts": 2, "usd": "0.010", "balances": [None, 1.5, None]}
    own = OwnBill.from_bookmark([before], "here")
    own.add(bill(mentions="0.005"))
    own.add(bill(mentions="0.005", users_lookup="0.1"))
    kept = json.loads(json.dumps(own.as_bookmark(TODAY)))
    read = OwnBill.from_bookmark(kept, "here").days[TODAY]

    assert kept[0]["streams"] == {"mentions": "0.010", "users_lookup": "0.1"}
    assert read.columns == {
        "own_posts": 4,
        "own_cost_usd": pytest.approx(0.12),
        "own_cost_by_stream": [
            {"stream": "mentions", "usd": 0.01},
            {"stream": "users_lookup", "usd": 0.1},
        ],
        "total_balance_usd": None,
        "prepaid_balance_usd": 1.5,
        "free_balance_usd": None,
    }


def test_what_others_buy_is_on_the_bill_of_x_alone(runs: Runs) -> None:
    runs.run(*MENTIONS)
    bought = runs.days["2026-03-10"]["own_posts"]
    other = Runs(runs.sandbox, runs._folder)
    [*_, today] = other.run()
    assert (today["posts"], today["own_posts"], today["own_cost_usd"]) == (bought, 0, 0.0)


def test_posts_count_as_posts_at_the_owner_s_price(sandbox: Sandbox, runs: Runs) -> None:
    budget = {"app_owner_id": US["id"]}
    runs.run("mentions", auth=USER_AUTH, budget=budget)
    runs.state = {}
    tap = runs.tap("mentions", auth=USER_AUTH, budget=budget)
    tap.run()
    [day] = tap.run_context.api.ledger.days.values()
    assert day.posts == sandbox.bill.total.net_objects
    assert float(day.usd) == pytest.approx(day.posts / 1000)


def test_the_balance_of_a_day_is_kept(sandbox: Sandbox, runs: Runs) -> None:
    [*_, first] = runs.run()
    assert (first["total_balance_usd"], first["prepaid_balance_usd"]) == (None, None)
    sandbox.account.set(balance_usd=12.5)
    runs.run()
    sandbox.clock.advance(DAY)
    sandbox.account.set(balance_usd=7)
    runs.run()
    found = [runs.days[each]["total_balance_usd"] for each in ("2026-03-10", "2026-03-11")]
    assert found == [12.5, 7.0]
    assert runs.days["2026-03-11"]["free_balance_usd"] == 0.0


def test_the_state_has_the_days_that_are_read_alone(sandbox: Sandbox, runs: Runs) -> None:
    for _ in range(5):
        assert len(runs.run(usage={"days": 3})) == 3
        sandbox.clock.advance(DAY)
    kept = runs.state["bookmarks"]["usage"]["days"]
    assert [each["date"] for each in kept] == ["2026-03-12", "2026-03-13", "2026-03-14"]
    assert len(runs.run(usage={"days": 90})) == 90


def test_usage_is_free_and_the_plan_says_so(sandbox: Sandbox, runs: Runs) -> None:
    plan = runs.tap().plan()
    assert (plan.total.requests, float(plan.total.usd)) == (2, 0.0)
    assert not [each for each in sandbox.requests if each.path.startswith("/2/")]
    runs.run()
    assert sandbox.bill.total.gross_usd == 0
    assert [each.path for each in sandbox.requests] == ["/2/usage/tweets", "/2/usage/credits"]


def test_a_budget_without_requests_leaves_it_out(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(runs.run(budget={"max_requests": 1})) == 7
    assert not runs.run(budget={"max_requests": 0})
    assert "'usage' is not read" in caplog.text
    assert [each.path for each in sandbox.requests] == ["/2/usage/tweets"]


def test_it_takes_a_bearer_token_alone(sandbox: Sandbox, runs: Runs) -> None:
    tap = runs.tap(auth=USER_AUTH)
    with pytest.raises(RunError, match="a bearer token alone"):
        tap.run()
    test = tap.test()
    test.run()
    assert not test.is_passed
    assert "a bearer token alone" in test.report()
    assert not sandbox.requests
    passing = runs.tap(auth=APP_AUTH).test()
    passing.run()
    assert passing.is_passed
    assert passing.most_usd == 0


@pytest.mark.parametrize(
    "days",
    [3, [3], [{"date": "yesterday"}], [{"date": "2026-03-10", "posts": "x", "usd": "0"}]],
    ids=str,
)
def test_a_damaged_bookmark_is_refused(sandbox: Sandbox, runs: Runs, days: Any) -> None:
    runs.state = {"bookmarks": {"usage": {"days": days}}}
    with pytest.raises(StateError, match=r"bookmarks\.usage\.days"):
        runs.run()
    assert not sandbox.requests


def test_a_response_without_a_project_is_told() -> None:
    from tap_twitter.errors import TapError
    from tap_twitter.objects.usage_fields import usage_rows

    with pytest.raises(TapError, match="names no project"):
        usage_rows({"data": {"project_usage": "5"}})
