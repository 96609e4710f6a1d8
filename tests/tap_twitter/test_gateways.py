"""What stands before X's API refuses requests, too: that is told apart, and leaves the keys alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from support.answering import AnsweringX, Asked, answering
from support.harness import APP_AUTH, SkippingClock, account_of, make_dataset, run_tap

from sandbox.credentials import OWNER
from tap_twitter.api.engagement_errors import classify_error
from tap_twitter.api.retries import MIN_TRIES
from tap_twitter.errors import AccessError, GatewayError, RunError, TapError
from tap_twitter.gateways import is_refused_before_x

if TYPE_CHECKING:
    from pathlib import Path

    from support.answering import Reply

PAGE = "<html><title>Attention Required! | Cloudflare</title></html>"
HTML = {"content-type": "text/html", "server": "cloudflare"}
PROBLEM = '{"title":"Forbidden","status":403}'


def response(status: int, content_type: str | None, body: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made._content = status, body.encode()
    if content_type:
        made.headers["content-type"] = content_type
    return made


@pytest.mark.parametrize(
    ("status", "content_type", "body", "expected"),
    [
        (403, "text/html", PAGE, True),
        (401, "text/html; charset=utf-8", PAGE, True),
        (402, None, "\n <!DOCTYPE HTML><p>Pay", True),
        (400, "Text/HTML", "", True),
        (407, "text/html", PAGE, True),
        (403, "text/plain", "error code: 1020", True),
        (403, "text/html", PROBLEM, False),
        (403, "application/json", PROBLEM, False),
        (403, "application/json", "", False),
        (401, None, "", False),
        (401, "application/xml", '<?xml version="1.0"?><errors><error code="32">x</error></errors>', False),
        (404, "text/html", PAGE, False),
        (429, "text/html", PAGE, False),
        (503, "text/html", PAGE, False),
        (200, "text/html", PAGE, False),
    ],
)  # fmt: skip
def test_a_page_for_people_is_no_refusal_of_x(
    status: int, content_type: str | None, body: str, expected: bool
) -> None:
    assert is_refused_before_x(response(status, content_type, body)) is expected


def lookup(x: AnsweringX, tmp_path: Path, **groups: Any) -> list[dict[str, Any]]:
    make_dataset(tmp_path, "people", {"user_id": ["12"]})
    return run_tap(x.config(tmp_path, **groups), clock=SkippingClock()).records


@pytest.mark.parametrize("status", [400, 401, 402, 403])
def test_a_gateway_that_stays_is_told_and_no_credentials_are_blamed(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(lambda _: (status, HTML, PAGE)) as x:
        with pytest.raises(RunError) as raised:
            lookup(x, tmp_path)
        assert len(x.asked) == MIN_TRIES
    told = str(raised.value)
    assert re.search(
        rf"before it reached X's API: HTTP {status} .* not the cause\. .* last try at", told
    )
    assert "'auth" not in told
    assert "connect" not in told
    assert "check the network" in told
    assert "Attention" not in caplog.text + told


def test_a_gateway_that_passes_costs_nothing(tmp_path: Path) -> None:
    def handle(asked: Asked) -> Reply:
        if asked.number < 3:
            return 403, HTML, PAGE
        return 200, {}, {"data": [{"id": "12", "username": "ann", "name": "Ann"}]}

    with answering(handle) as x:
        (row,) = lookup(x, tmp_path)
    assert row["lookup_status"] == "found"


def test_a_gateway_uses_up_no_token(tmp_path: Path) -> None:
    def handle(asked: Asked) -> Reply:
        if asked.path == "/oauth2/token":
            return 200, {}, {"token_type": "bearer", "access_token": "AAA"}
        return 401, HTML, PAGE

    with answering(handle) as x:
        with pytest.raises(RunError, match="not the cause"):
            lookup(
                x, tmp_path, auth={**APP_AUTH, "access_token": None, "access_token_secret": None}
            )
        assert x.paths.count("/oauth2/token") == 1


def test_a_gateway_before_the_engagement_api_closes_it_for_nobody(tmp_path: Path) -> None:
    with answering(lambda _: (403, HTML, PAGE)) as x:
        config = x.config(tmp_path, engagement={"tweet_selection": "specific", "tweets": ["2051"]})
        with pytest.raises(RunError, match="not the cause"):
            run_tap(
                config | {"accounts": [account_of(OWNER)]},
                clock=SkippingClock(),
                streams=["engagement_totals"],
            )
        assert len(x.asked) == MIN_TRIES


def refusal(
    *errors: str, asked: str = '["impressions","favorites"]', status: int = 403
) -> TapError:
    made = response(status, "application/json", "")
    made.request = requests.PreparedRequest()
    made.request.body = f'{{"engagement_types":{asked}}}'
    return classify_error(made, {"errors": list(errors)}, "check the settings")


@pytest.mark.parametrize(
    ("errors", "tweets"),
    [
        (["Forbidden to access tweets: 1"], {"1"}),
        (["Forbidden to access tweets: 1, 2"], {"1", "2"}),
        (["Forbidden to access tweets: 1,2", "Forbidden to access tweets: 3"], {"1", "2", "3"}),
        (["Forbidden to access tweets: 1\nForbidden to access tweet: 4"], {"1", "4"}),
    ],
)
def test_posts_of_several_authors_are_all_read(errors: list[str], tweets: set[str]) -> None:
    assert getattr(refusal(*errors), "tweets") == tweets  # noqa: B009 - of one kind of error alone


@pytest.mark.parametrize(
    ("errors", "named"),
    [
        (["Forbidden to access metrics: impressions"], "impressions"),
        (["Forbidden to access metrics: [impressions, favorites]"], "impressions, favorites"),
        (["Forbidden to access metrics: secret words"], "some of the metrics"),
    ],
)
def test_metrics_that_x_refuses_are_named(errors: list[str], named: str) -> None:
    error = refusal(*errors)
    assert type(error) is AccessError
    assert str(error).startswith(f"X does not give the account {named} (HTTP 403): remove them")


def test_a_page_is_no_refusal_of_the_contract() -> None:
    made = response(403, "text/html", PAGE)
    assert type(classify_error(made, None, "hint")) is GatewayError
