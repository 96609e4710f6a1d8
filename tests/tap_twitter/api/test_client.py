"""What a run meets on the way to X: faults that pass, faults that stay, tokens that go stale."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import (
    APP_AUTH,
    USER_AUTH,
    Messages,
    SkippingClock,
    make_dataset,
    run_tap,
    tap_config,
)

from tap_twitter.api.retries import FAULT_SECONDS, MIN_TRIES
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

FAULTS = ["service_unavailable", "html", "html_success", "connection_reset", "truncated_json"]


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    return tap_config(sandbox, tmp_path, auth=APP_AUTH)


@pytest.mark.parametrize("kind", [*FAULTS, "rate_limited"])
def test_a_fault_of_the_token_endpoint_is_tried_again(
    sandbox: Sandbox, config: dict[str, Any], kind: str
) -> None:
    sandbox.faults.add(kind, path="/oauth2/token", count=2)
    assert len(run_tap(config, clock=SkippingClock()).records) == 250


@pytest.mark.parametrize("path", ["/oauth2/token", "/2/users"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_that_stays_ends_the_stream_after_the_last_try(
    sandbox: Sandbox, config: dict[str, Any], kind: str, path: str
) -> None:
    sandbox.faults.add(kind, path=path, count=None)
    message = rf"the last try at {re.escape(sandbox.url)}\. The next run resumes here"
    clock = SkippingClock()
    with pytest.raises(RunError, match=message):
        run_tap(config, clock=clock)
    is_known = path == "/2/users"  # X has given a token
    assert (sum(clock.skipped) > FAULT_SECONDS) == is_known
    tries = sum(entry.path == path for entry in sandbox.requests)
    assert tries > MIN_TRIES if is_known else tries == MIN_TRIES


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden", "invalid_token"])
def test_a_refused_pair_is_not_tried_again(
    sandbox: Sandbox, config: dict[str, Any], kind: str
) -> None:
    sandbox.faults.add(kind, path="/oauth2/token", count=None)
    with pytest.raises(RunError, match=r"no bearer token: check the settings 'auth\.consumer_key'"):
        run_tap(config)
    assert len(sandbox.requests) == 1


def test_a_token_that_x_no_longer_accepts_is_fetched_once_more(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    sandbox.faults.add("revoke_token", path="/2/users", nth=2)
    assert len(run_tap(config).records) == 250
    assert sum(entry.path == "/oauth2/token" for entry in sandbox.requests) == 2
    assert sandbox.bill.total.gross_objects == 250


def test_a_fresh_token_that_x_does_not_accept_either_is_the_end(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    sandbox.faults.add("revoke_token", path="/2/users", count=None)
    with pytest.raises(RunError, match="does not accept the credentials"):
        run_tap(config)
    assert sum(entry.path == "/oauth2/token" for entry in sandbox.requests) == 2


@pytest.mark.parametrize(
    ("auth", "setting"),
    [
        (USER_AUTH, r"'auth\.access_token_secret'"),
        ({"bearer_token": "revoked"}, r"'auth\.bearer_token'"),
        (APP_AUTH, r"'auth\.consumer_secret'"),
    ],
    ids=["oauth1", "bearer", "consumer-pair"],
)
def test_a_refused_token_names_the_settings_of_its_kind(
    sandbox: Sandbox, config: dict[str, Any], auth: dict[str, str], setting: str
) -> None:
    sandbox.faults.add("invalid_token", path="/2/users", count=None)
    with pytest.raises(RunError, match=setting):
        run_tap(config | {"auth": auth})


def test_each_request_names_the_tap(sandbox: Sandbox, config: dict[str, Any]) -> None:
    seen: list[str] = []
    tap = TapTwitter(config=config, message_writer=Messages())
    config["api"]["user_agent"] = "ann/1"
    for each in (tap, TapTwitter(config=config, message_writer=Messages())):
        session = each.run_context.api.client._session
        session.hooks["response"].append(
            lambda response, **_: seen.append(response.request.headers["User-Agent"])
        )
        each.run()
    assert {agent.split("/")[0] for agent in seen[:4]} == {"tap-twitter"}
    assert set(seen[4:]) == {"ann/1"}


def test_metrics_count_requests_by_endpoint(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    make_dataset(tmp_path, "people", {"who": [user_id, sandbox.world.handle(user_id)]})
    with caplog.at_level(logging.INFO):
        run_tap({**tap_config(sandbox, tmp_path), "log_metrics": True})
    counted = [line for line in caplog.messages if '"http_request_count"' in line]
    assert sorted(re.findall(r'"value":(\d+).*"endpoint":"([^"]*)"', "\n".join(counted))) == [
        ("1", "/2/users"),
        ("1", "/2/users/by"),
    ]


def test_an_address_that_no_request_can_be_sent_to_is_said(config: dict[str, Any]) -> None:
    config["api"]["base_url"] = "http://127.0.0.1:99999999"
    with pytest.raises(RunError, match="check the addresses in the settings of 'api'"):
        run_tap(config | {"auth": USER_AUTH})
