from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.credentials import SECOND_USER

if TYPE_CHECKING:
    import requests
    from test_sandbox.asking import Asking, Start

START = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
FROZEN: dict[str, Any] = {"clock_start": START, "clock_ticking": False}


def rate(response: requests.Response) -> tuple[int, int, int]:
    """Limit, requests left, and the seconds from the start's whole second to the reset."""
    limit, left, reset = (
        int(response.headers[f"x-rate-limit-{name}"]) for name in ("limit", "remaining", "reset")
    )
    return limit, left, reset - int(START.timestamp())


@pytest.mark.parametrize(
    ("path", "params", "app_limit", "user_limit"),
    [
        ("/2/users", {"ids": "12"}, 300, 900),
        ("/2/users/by", {"usernames": "founder"}, 300, 900),
        ("/2/users/me", {}, None, 75),
    ],
    ids=["users", "by", "me"],
)
def test_each_pool_has_its_own_limit(
    start: Start, asking: Asking, path: str, params: Any, app_limit: int | None, user_limit: int
) -> None:
    sandbox = start(**FROZEN)
    if app_limit:
        assert rate(asking.app(sandbox)(path, **params)) == (app_limit, app_limit - 1, 900)
    for token in (SECOND_USER, None):
        ask = asking.user(sandbox, token) if token else asking.user(sandbox)
        assert rate(ask(path, **params)) == (user_limit, user_limit - 1, 900)


def test_a_window_opens_with_its_first_request_and_ends_to_the_second(
    start: Start, asking: Asking
) -> None:
    sandbox = start(**FROZEN, limits={"/2/users:app": 2})
    app = asking.app(sandbox)

    seen = []
    for advance in (0, 100, 0, 799.4, 0.1, 0):
        sandbox.clock.advance(advance)
        answer = app("/2/users", ids="12")
        seen.append((answer.status_code, *rate(answer)))
    assert seen == [
        (200, 2, 1, 900),
        (200, 2, 0, 900),
        (429, 2, 0, 900),
        (429, 2, 0, 900),
        (200, 2, 1, 1800),
        (200, 2, 0, 1800),
    ]


def test_beyond_the_limit_nothing_is_looked_up_or_billed(start: Start, asking: Asking) -> None:
    sandbox = start(limits={"/2/users:app": 1})
    app = asking.app(sandbox)
    app("/2/users", ids="12")
    answer = app("/2/users", ids="13")

    assert answer.status_code == 429
    assert answer.json() == {
        "title": "Too Many Requests",
        "detail": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
    }
    assert sandbox.bill.total.gross_objects == 1
    assert app("/2/users/by", usernames="founder").status_code == 200


def test_refused_parameters_count_and_refused_tokens_do_not(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN)
    app = asking.app(sandbox)
    assert "x-rate-limit-limit" not in app("/2/users/me").headers
    assert rate(app("/2/users", ids="x"))[1] == 299
    assert rate(app("/2/users", ids="12"))[1] == 298


def test_limits_scale_but_never_to_nothing(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, limit_scale=0.001, limits={"/2/users:user": 7})
    assert rate(asking.app(sandbox)("/2/users", ids="12"))[0] == 1
    assert rate(asking.user(sandbox)("/2/users", ids="12"))[0] == 7


def test_limits_change_at_once(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN)
    app = asking.app(sandbox)
    app("/2/users", ids="12")
    sandbox.limits.set("/2/users", "app", 2)
    assert rate(app("/2/users", ids="12"))[:2] == (2, 0)


def test_a_limit_on_nothing_is_an_error(start: Start) -> None:
    with pytest.raises(ValueError, match=r"no limits \['/2/user:app'\]"):
        start(limits={"/2/user:app": 1})


def test_waiting_until_the_reset_in_real_time_is_enough(start: Start, asking: Asking) -> None:
    app = asking.app(start(window_seconds=1, limits={"/2/users:app": 1}))
    for _ in range(2):
        assert app("/2/users", ids="12").status_code == 200
        refused = app("/2/users", ids="12")
        assert refused.status_code == 429
        time.sleep(max(0, int(refused.headers["x-rate-limit-reset"]) - time.time()))


def test_answers_are_dated_by_the_sandboxs_clock(start: Start, asking: Asking) -> None:
    answer = asking.app(start(**FROZEN))("/2/users", ids="12")
    assert parsedate_to_datetime(answer.headers["date"]) == START.replace(microsecond=0)


def test_every_answer_has_a_transaction_of_its_own(start: Start, asking: Asking) -> None:
    app = asking.app(start())
    answers = [app("/2/users", ids="12"), app("/2/users", ids="x"), app("/2/nowhere")]
    assert len({answer.headers["x-transaction-id"] for answer in answers}) == 3
