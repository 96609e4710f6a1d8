from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tap_twitter.api.error_table import ENROLLMENTS
from tap_twitter.api.limit_table import CAPS
from tap_twitter.api.responses import body_of
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AppAccessError,
    AuthError,
    CapError,
    CreditsError,
    InvalidRequestError,
    NoEndpointError,
    RateLimitError,
    TapError,
    TransientError,
)

PROBLEMS = "https://api.twitter.com/2/problems/"
CONTENT_TYPES = ("application/json; charset=utf-8", "application/problem+json")
SECRET = "words of X"


def answer(status: int, body: Any, content_type: str = CONTENT_TYPES[0]) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["content-type"] = content_type
    text = body if isinstance(body, str) else json.dumps(body)
    response._content = text.encode()
    return response


def code(number: int) -> dict[str, Any]:
    return {"errors": [{"code": number, "message": SECRET}]}


def blank(status: int, title: str) -> dict[str, Any]:
    return {"title": title, "detail": SECRET, "type": "about:blank", "status": status}


def problem(kind: str, title: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "detail": SECRET, "type": f"{PROBLEMS}{kind}", **more}


INVALID = {
    "errors": [{"parameters": {"max_results": ["4"]}, "message": SECRET}],
    **problem("invalid-request", "Invalid Request"),
}
UNENROLLED = problem(
    "client-forbidden",
    "Client Forbidden",
    client_id="1",
    required_enrollment="Appropriate Level of API Access",
    registration_url="https://developer.twitter.com/en/docs/projects/overview",
    reason="client-not-enrolled",
)
CAPPED = problem(
    "usage-capped",
    "UsageCapExceeded",
    account_id=1,
    product_name="standard-basic",
    period="Monthly",
    scope="Product",
)

ROWS: list[tuple[int, Any, type[TapError], str]] = [
    (400, INVALID, InvalidRequestError, "max_results"),
    (401, blank(401, "Unauthorized"), AuthError, "ask Ann"),
    (402, problem("credits", "CreditsDepleted", account_id=1), CreditsError, "buy credits"),
    (402, problem("credits-depleted", "Payment Required", status=402), CreditsError, "buy credits"),
    (402, "", CreditsError, "buy credits"),
    (403, problem("unsupported-authentication", "Unsupported Authentication", status=403), AppAccessError, "OAuth 1.0a settings"),
    (403, UNENROLLED, AppAccessError, "X asks for: Appropriate Level of API Access"),
    (403, blank(403, "Forbidden"), AccessError, "permission or scope"),
    (403, problem("credits", "SpendCapReached", account_id=1), CreditsError, "spending limit"),
    (403, {"title": "SpendCapReached"}, CreditsError, "spending limit"),
    (404, blank(404, "Not Found"), NoEndpointError, "settings of 'api'"),
    (404, "", NoEndpointError, "settings of 'api'"),
    (404, problem("resource-not-found", "Not Found Error"), AccountError, "knows no such account"),
    (429, blank(429, "Too Many Requests"), RateLimitError, "rate limit"),
    (429, problem("rate-limit-exceeded", "Too Many Requests"), RateLimitError, "rate limit"),
    (429, CAPPED, CapError, "monthly cap"),
    (429, "", RateLimitError, "rate limit"),
    (500, blank(500, "Internal Server Error"), TransientError, "internal error"),
    (502, "<html>Bad Gateway</html>", TransientError, "internal error"),
    (503, blank(503, "Service Unavailable"), TransientError, "internal error"),
    (504, "", TransientError, "internal error"),
    (599, "", TransientError, "internal error"),
    (408, {"errors": [{"code": "CANCELLED_REQUEST"}]}, TransientError, "could not answer in time"),
    (423, {"errors": [{"code": "LOCK_ACQUISITION_TIMEOUT"}]}, TransientError, "could not answer"),
    (418, "", InvalidRequestError, "please report"),
    (401, code(32), AuthError, "ask Ann"),
    (404, code(34), NoEndpointError, "settings of 'api'"),
    (404, code(50), AccountError, "knows no such account"),
    (403, code(63), AccountError, "suspended"),
    (403, code(64), AccessError, "locked or suspended the account"),
    (429, code(88), RateLimitError, "rate limit"),
    (401, code(89), AuthError, "ask Ann, or connect the account again (`tap-twitter-accounts connect`)"),
    (403, code(89), AuthError, "`tap-twitter-accounts connect`"),
    (403, code(93), AccessError, "'Read and write and Direct message'"),
    (403, code(99), AuthError, "ask Ann"),
    (503, code(130), TransientError, "internal error"),
    (500, code(131), TransientError, "internal error"),
    (401, code(135), AuthError, "set this machine's clock"),
    (404, code(144), TapError, "no such post"),
    (403, code(179), AccessError, "accounts that its author has approved"),
    (400, code(215), AuthError, "ask Ann"),
    (403, code(220), AccessError, "permission"),
    (410, code(251), TapError, "retired"),
    (400, {"error": "invalid_client"}, AuthError, "does not know these credentials; ask Ann"),
    (401, {"error": "unauthorized_client"}, AuthError, "does not know these credentials; ask Ann"),
    (400, {"error": "invalid_request"}, InvalidRequestError, "please report"),
    (400, {"error": "invalid_grant"}, InvalidRequestError, "please report"),
    (400, {"error": ["invalid_client"]}, InvalidRequestError, "please report"),
    (403, code(261), AccessError, "permission"),
    (403, code(326), AccessError, "locked or suspended the account"),
    (403, code(415), AppAccessError, "callback address"),
    (401, code(416), AppAccessError, "suspended the app"),
    (401, code(417), AppAccessError, "callback address"),
    (403, code(453), AppAccessError, "access level"),
]  # fmt: skip
"""By status and body, as X sends them: the error, and what its text tells."""


def words(row: object) -> str | None:
    """Names a row of the table by what tells it from the others."""
    if not isinstance(row, dict):
        return None
    first = (row.get("errors") or [{}])[0]
    return str(row.get("reason") or row.get("title") or first.get("code") or row.get("error"))


@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=["json", "problem-json"])
@pytest.mark.parametrize(("status", "body", "error", "told"), ROWS, ids=words)
def test_answers_that_fail_are_sorted_by_what_to_do(
    status: int, body: Any, error: type[TapError], told: str, content_type: str
) -> None:
    with pytest.raises(TapError) as raised:
        body_of(answer(status, body, content_type), hint="ask Ann")
    assert type(raised.value) is error
    assert told in str(raised.value)
    assert f"HTTP {status}" in str(raised.value)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "body", ["<html>Something went wrong</html>", '{"data":[{"id":"1"', "", "[1]"], ids=str
)
def test_success_that_is_no_object_is_a_fault(body: str) -> None:
    with pytest.raises(TransientError, match=r"incomplete or not JSON \(HTTP 200\)"):
        body_of(answer(200, body))


def test_every_cap_has_a_row() -> None:
    told = {
        str(problem_.get("type", "")).rpartition("/")[2] or str(problem_["title"]).lower()
        for _, problem_, error, _ in ROWS
        if issubclass(error, CapError) and isinstance(problem_, dict)
    }
    assert all(told.intersection(cap.marks.split()) for cap in CAPS)


@pytest.mark.parametrize("wanted", ["Gold of app 4711", 3, ["Standard Basic"], None], ids=str)
def test_the_access_that_x_asks_for_is_repeated_only_where_its_words_are_known(wanted: Any) -> None:
    assert "Standard Basic" in ENROLLMENTS
    with pytest.raises(AccessError) as raised:
        body_of(answer(403, UNENROLLED | {"required_enrollment": wanted}))
    assert "X asks for" not in str(raised.value)
    assert "attach it to a project" in str(raised.value)


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


@pytest.mark.parametrize("number", [89, 93])
def test_a_mend_that_names_the_command_is_not_followed_by_it_again(number: int) -> None:
    with pytest.raises(TapError) as raised:
        body_of(answer(403, code(number)), hint="`tap-twitter-accounts connect ann`")
    assert str(raised.value).count("tap-twitter-accounts") == 1
