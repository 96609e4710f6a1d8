from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tap_twitter.api.problems import body_of
from tap_twitter.errors import (
    AccessError,
    AuthError,
    CapError,
    InvalidRequestError,
    RateLimitError,
    TapError,
    TransientError,
)

PROBLEMS = "https://api.twitter.com/2/problems/"


def answer(status: int, body: Any) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    text = body if isinstance(body, str) else json.dumps(body)
    response._content = text.encode()
    return response


def code(number: int) -> dict[str, Any]:
    return {"errors": [{"code": number, "message": "secret words of X"}]}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (
            400,
            {"title": "Invalid Request", "type": f"{PROBLEMS}invalid-request"},
            InvalidRequestError,
        ),
        (401, {"title": "Unauthorized", "type": "about:blank", "status": 401}, AuthError),
        (401, code(32), AuthError),
        (401, code(89), AuthError),
        (403, code(89), AuthError),
        (401, code(135), AuthError),
        (400, code(215), AuthError),
        (403, code(99), AuthError),
        (402, {"title": "CreditsDepleted", "type": f"{PROBLEMS}credits"}, CapError),
        (402, {"title": "Payment Required", "type": f"{PROBLEMS}credits-depleted"}, CapError),
        (402, "", CapError),
        (403, {"title": "SpendCapReached"}, CapError),
        (403, {"type": f"{PROBLEMS}unsupported-authentication"}, AccessError),
        (
            403,
            {"reason": "client-not-enrolled", "type": f"{PROBLEMS}client-forbidden"},
            AccessError,
        ),
        (403, {"title": "Forbidden", "type": "about:blank", "status": 403}, AccessError),
        (403, code(453), AccessError),
        (403, code(64), AccessError),
        (403, code(326), AccessError),
        (404, {"title": "Not Found", "type": "about:blank", "status": 404}, TapError),
        (404, "", TapError),
        (429, {"title": "Too Many Requests", "type": "about:blank", "status": 429}, RateLimitError),
        (429, code(88), RateLimitError),
        (429, {"title": "UsageCapExceeded", "type": f"{PROBLEMS}usage-capped"}, CapError),
        (500, code(131), TransientError),
        (503, code(130), TransientError),
        (503, {"title": "Service Unavailable", "type": "about:blank"}, TransientError),
        (502, "<html>Bad Gateway</html>", TransientError),
        (504, "", TransientError),
        (200, "<html>Something went wrong</html>", TransientError),
        (200, '{"data":[{"id":"1"', TransientError),
        (200, "", TransientError),
        (200, "[1]", TransientError),
        (599, "", TransientError),
    ],
    ids=lambda value: str(value)[:60] if not isinstance(value, type) else value.__name__,
)
def test_answers_that_fail_are_sorted_by_what_to_do(
    status: int, body: Any, error: type[TapError]
) -> None:
    with pytest.raises(TapError) as raised:
        body_of(answer(status, body))
    assert type(raised.value) is error
    assert f"HTTP {status}" in str(raised.value)
    assert "secret words" not in str(raised.value)


def test_an_object_is_no_error_whatever_partial_errors_it_holds() -> None:
    body = {"errors": [{"title": "Not Found Error"}]}
    assert body_of(answer(200, body)) == body


def test_an_invalid_request_names_the_parameters_that_x_objects_to() -> None:
    body = {
        "errors": [
            {"parameters": {"user.fields": ["x"]}, "message": "one of [id,name]"},
            {"parameters": {"{2244994945}": ["x"]}},
            {"parameters": {"ids": 3}, "message": {"odd": 1}},
            {},
            None,
        ],
        "type": f"{PROBLEMS}invalid-request",
    }
    with pytest.raises(InvalidRequestError) as raised:
        body_of(answer(400, body))
    assert raised.value.refusals.keys() == {"user.fields", "{2244994945}", "ids"}
    assert raised.value.refusals["user.fields"] == "one of [id,name]"
    assert "(HTTP 400: ids, user.fields)" in str(raised.value)


@pytest.mark.parametrize("body", [code(32), code(89), code(215), {}, ""], ids=str)
def test_refused_credentials_come_with_the_mend_of_their_kind(body: Any) -> None:
    with pytest.raises(AuthError, match=r"; ask Ann \(HTTP 401"):
        body_of(answer(401, body), mend="ask Ann")
