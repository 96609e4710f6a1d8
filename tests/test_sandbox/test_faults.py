from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox import running
from sandbox.credentials import OWNER
from sandbox.fault_kinds import KINDS
from sandbox.faults import Faults

if TYPE_CHECKING:
    from test_sandbox.asking import Ask

    from sandbox import Sandbox

REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "rate_limited": (429, {"title": "Too Many Requests", "type": "about:blank"}),
    "refused_with_room": (429, {"title": "Too Many Requests", "type": "about:blank"}),
    "rate_limited_code_88": (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}),
    "usage_capped": (429, {"title": "UsageCapExceeded", "period": "Monthly"}),
    "credits_depleted": (402, {"title": "CreditsDepleted"}),
    "payment_required": (402, {"title": "Payment Required", "detail": "credits depleted"}),
    "client_not_enrolled": (403, {"reason": "client-not-enrolled"}),
    "spend_cap_reached": (403, {"title": "SpendCapReached"}),
    "forbidden": (403, {"title": "Forbidden", "type": "about:blank"}),
    "unauthorized": (401, {"title": "Unauthorized"}),
    "invalid_token": (401, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}),
    "internal_error": (500, {"title": "Internal Server Error"}),
    "bad_gateway": (502, {"title": "Bad Gateway"}),
    "service_unavailable": (503, {"title": "Service Unavailable"}),
    "gateway_timeout": (504, {"title": "Gateway Timeout"}),
}
EXHAUSTING = {"rate_limited", "rate_limited_code_88"}
BODIES = {
    "html": (503, "<!DOCTYPE html>"),
    "html_success": (200, "<!DOCTYPE html>"),
    "empty_error": (503, ""),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_comes_once_and_costs_nothing(sandbox: Sandbox, app: Ask, kind: str) -> None:
    status, excerpt = REFUSALS[kind]
    sandbox.faults.add(kind)
    answer = app("/2/users", ids="12")

    assert answer.status_code == status
    assert answer.json().items() >= excerpt.items()
    assert sandbox.bill.total.gross_objects == 0
    assert sandbox.requests[-1].faults == (kind,)
    assert (answer.headers["x-rate-limit-remaining"] == "0") is (kind in EXHAUSTING)
    assert app("/2/users", ids="12").status_code == (429 if kind in EXHAUSTING else 200)


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_can_be_something_else(sandbox: Sandbox, app: Ask, kind: str) -> None:
    status, start = BODIES[kind]
    sandbox.faults.add(kind)
    answer = app("/2/users", ids="12")
    assert (answer.status_code, answer.text[: len("<!DOCTYPE html>")]) == (status, start)


@pytest.mark.parametrize("kind", ["empty_body", "truncated_json"])
def test_a_broken_body_was_billed(sandbox: Sandbox, app: Ask, kind: str) -> None:
    sandbox.faults.add(kind)
    answer = app("/2/users", ids="12")

    assert answer.status_code == 200
    assert (answer.content == b"") is (kind == "empty_body")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert sandbox.bill.total.net_objects == 1


def test_a_connection_can_break_in_the_middle_of_a_body(sandbox: Sandbox, app: Ask) -> None:
    sandbox.faults.add("connection_reset")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        app("/2/users", ids="12")
    assert sandbox.bill.total.net_objects == 1
    assert app("/2/users", ids="12").status_code == 200


def test_an_answer_can_be_lost_whole(sandbox: Sandbox, app: Ask) -> None:
    sandbox.faults.add("answer_lost")
    with pytest.raises(requests.exceptions.ConnectionError, match="without response"):
        app("/2/users", ids="12")
    assert sandbox.bill.total.net_objects == 1
    assert [(entry.status, entry.faults) for entry in sandbox.requests] == [(200, ("answer_lost",))]
    assert app("/2/users", ids="12").status_code == 200


def test_rate_headers_can_be_missing(sandbox: Sandbox, app: Ask) -> None:
    sandbox.faults.add("missing_headers")
    answer = app("/2/users", ids="12")
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("x-rate-limit")]


def test_a_reset_can_be_absurd(sandbox: Sandbox, app: Ask) -> None:
    sandbox.faults.add("absurd_reset", reset="soon")
    assert app("/2/users", ids="12").headers["x-rate-limit-reset"] == "soon"


@pytest.mark.parametrize(
    ("arguments", "left"),
    [({}, {"13", "14"}), ({"ids": ["13", "14"]}, {"12"})],
    ids=["the-first", "some"],
)
def test_ids_can_be_dropped_without_a_word(
    sandbox: Sandbox, app: Ask, arguments: dict[str, Any], left: set[str]
) -> None:
    for user_id in ("13", "14"):
        sandbox.world.set_status(user_id, "found")
    sandbox.faults.add("drop_ids", **arguments)
    answer = app("/2/users", ids="12,13,14").json()
    assert {user["id"] for user in answer["data"]} == left
    assert "errors" not in answer


def test_a_page_can_be_empty_or_short_and_still_lead_on(sandbox: Sandbox, owner: Ask) -> None:
    def page(**params: str) -> tuple[list[str], str]:
        answer = owner("/2/dm_events", **{"max_results": "10", **params}).json()
        return [event["id"] for event in answer.get("data", [])], answer["meta"]["next_token"]

    undisturbed, _ = page()
    sandbox.faults.add("empty_page", nth=2)
    sandbox.faults.add("short_page", nth=3)
    first, token = page(max_results="4")
    empty, token = page(max_results="4", pagination_token=token)
    short, _ = page(max_results="4", pagination_token=token)
    assert (first, empty, short) == (undisturbed[:4], [], undisturbed[4:6])


def test_tokens_of_pages_can_die(sandbox: Sandbox, owner: Ask) -> None:
    sandbox.faults.add("kill_page_tokens", nth=2)
    token = owner("/2/dm_events").json()["meta"]["next_token"]
    refused = owner("/2/dm_events", pagination_token=token)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameters"] == {"pagination_token": [token]}
    assert "next_token" in owner("/2/dm_events").json()["meta"]


def test_time_can_pass_before_a_request(sandbox: Sandbox, owner: Ask) -> None:
    before = sandbox.clock.now()
    sandbox.faults.add("time_passes", seconds=7200.0)
    owner("/2/dm_events")
    assert (sandbox.clock.now() - before).total_seconds() == pytest.approx(7200, abs=5)


def test_an_answer_can_be_late(sandbox: Sandbox, app: Ask) -> None:
    sandbox.faults.add("delay", seconds=0.2)
    begin = time.monotonic()
    app("/2/users", ids="12")
    assert time.monotonic() - begin >= 0.2


def test_a_client_can_run_out_of_patience() -> None:
    with running() as sandbox:
        sandbox.faults.add("delay", seconds=1.0)
        headers = {"Authorization": f"Bearer {sandbox.tokens.app_only()}"}
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{sandbox.url}/2/users?ids=12", headers=headers, timeout=0.1)


@pytest.mark.parametrize("whose", ["app", "owner"])
def test_a_token_can_be_revoked_between_two_requests(
    sandbox: Sandbox, app: Ask, owner: Ask, whose: str
) -> None:
    ask, other = (app, owner) if whose == "app" else (owner, app)
    sandbox.faults.add("revoke_token", nth=2)
    statuses = [ask("/2/users", ids="12").status_code for _ in range(3)]
    assert statuses == [200, 401, 401]
    assert other("/2/users", ids="12").status_code == 200
    assert OWNER.access_token not in str(list(sandbox.requests))


def test_the_token_endpoint_has_faults_too(sandbox: Sandbox) -> None:
    sandbox.faults.add("service_unavailable", path="/oauth2/*")
    answer = requests.post(f"{sandbox.url}/oauth2/token", timeout=10)
    assert answer.status_code == 503


def test_every_kind_is_tested_here() -> None:
    others = {
        "empty_body",
        "truncated_json",
        "connection_reset",
        "answer_lost",
        "missing_headers",
        "absurd_reset",
        "drop_ids",
        "delay",
        "revoke_token",
        "empty_page",
        "short_page",
        "refuse_metrics",
        "time_passes",
        "kill_page_tokens",
        "ads_refused",
    }
    assert set(KINDS) == {*REFUSALS, *BODIES, *others}


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, [0]),
        ({"nth": 3}, [2]),
        ({"nth": 2, "count": 2}, [1, 2]),
        ({"count": None}, [0, 1, 2, 3]),
        ({"path": "/2/users/*"}, []),
        ({"path": "/2/*", "nth": 4}, [3]),
    ],
    ids=["next", "third", "two-of-them", "all", "other-path", "pattern"],
)
def test_a_fault_strikes_when_it_was_asked_to(when: dict[str, Any], struck: list[int]) -> None:
    faults = Faults()
    faults.add("html", **when)
    assert [n for n in range(4) if faults.due("/2/users")] == struck


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "plague"}, "There is no fault plague; there are rate_limited, "),
        ({"kind": "delay", "minutes": 1.0}, "The fault delay takes {'seconds': 'float'}"),
        ({"kind": "delay", "seconds": "1"}, "not seconds='1'"),
        ({"kind": "html", "nth": 0}, "begin at 1, not at 0"),
        ({"kind": "html", "count": 0}, "begin at 1, not at 1 and 0"),
    ],
    ids=["kind", "argument", "type", "nth", "count"],
)
def test_a_fault_that_cannot_be_is_refused(fault: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Faults().add(**fault)
