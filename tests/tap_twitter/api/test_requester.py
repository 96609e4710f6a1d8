"""What a requester does for every API alike: the bill comes before the reading, tries are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.harness import USER_AUTH, Messages, SkippingClock

from tap_twitter.api.endpoints.engagement import HISTORICAL, PROBE
from tap_twitter.api.endpoints.v2 import TIMELINE, USERS
from tap_twitter.errors import BoughtInVainError, TransientError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account


def asking(sandbox: Sandbox, folder: Path, **budget: Any) -> tuple[Requester, Account]:
    config = {
        "api": {"base_url": sandbox.url, "engagement_url": sandbox.url},
        "auth": {**USER_AUTH, "token_store": str(folder / "tokens.json")},
        "budget": budget,
    }
    tap = TapTwitter(config=config, message_writer=Messages())
    tap.run_context.clock = SkippingClock()
    return tap.x_streams[0].requester, tap.run_context.accounts.default


def refuse(_: dict[str, Any]) -> None:
    msg = "The answer does not serve."
    raise TransientError(msg)


@pytest.mark.parametrize(
    ("endpoint", "params", "requests"),
    [
        (TIMELINE, {"max_results": "5"}, 1),
        (TIMELINE, {"max_results": "5", "until_id": "1"}, 3),
        (HISTORICAL, PROBE.params, 3),
    ],
    ids=["v2", "v2-without-objects", "engagement"],
)
def test_answers_that_do_not_serve_are_on_the_bill(
    sandbox: Sandbox, tmp_path: Path, endpoint: Endpoint, params: Mapping[str, Any], requests: int
) -> None:
    requester, account = asking(sandbox, tmp_path, max_requests=3)
    period = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-02T00:00:00Z"}
    whole = {**params, **(period if endpoint is HISTORICAL else {})}
    with pytest.raises(BoughtInVainError):
        requester.fetch(endpoint, whole, refuse, account)
    tally = requester.run.ledger.tallies[requester.stream_name]
    assert tally.requests == len(sandbox.requests) == requests
    assert tally.objects == sandbox.bill.total.gross_objects
    assert requester.run.budget.requests == 3 - requests


def test_probes_of_an_api_without_prices_are_in_no_budget(sandbox: Sandbox, tmp_path: Path) -> None:
    requester, account = asking(sandbox, tmp_path, max_requests=3)
    requester.probe(TIMELINE, account)
    assert requester.run.budget.requests == 2
    requester.probe(HISTORICAL, account)
    assert requester.run.budget.requests == 2
    assert requester.run.ledger.tallies[requester.stream_name].requests == 2


@pytest.mark.parametrize(
    ("count", "usd", "expected"),
    [(250, None, [100, 100, 50]), (250, 1.2, [100, 20]), (0, None, []), (5, 0, [])],
    ids=["all", "budget", "nothing", "no-money"],
)
def test_batches_end_where_the_budget_does(
    sandbox: Sandbox, tmp_path: Path, count: int, usd: float | None, expected: list[int]
) -> None:
    requester, account = asking(sandbox, tmp_path, max_cost_usd=usd)
    ids = sandbox.world.sample_ids(count, "found") if count else []
    sizes = []
    for batch in requester.batches(USERS, ids, account):
        sizes.append(len(batch))
        requester.fetch(USERS, {"ids": ",".join(batch)}, dict, account)
    assert sizes == expected
