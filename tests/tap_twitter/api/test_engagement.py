"""What refusals of the Engagement API stand for."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tap_twitter.api.engagement_errors import (
    TOO_OLD,
    ForeignPostsError,
    OldPostsError,
    classify_error,
)
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AuthError,
    ContractError,
    InvalidRequestError,
    NoEndpointError,
    RateLimitError,
    TapError,
    TransientError,
)

HINT = "reconnect it"
TOKEN = "Your account could not be authenticated. Reason: Access token not found"


def judged(status: int, body: Any) -> TapError:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    return classify_error(response, body, HINT)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (403, {"errors": ["Forbidden to access tweets: 2051"]}, ForeignPostsError, "authors"),
        (400, {"errors": ["…"], TOO_OLD: ["77"]}, OldPostsError, "90 days"),
        (400, {"errors": ["Tweet ID(s) are unavailable"]}, AccountError, "protected"),
        (400, {"errors": ["start must be before end"]}, InvalidRequestError, "invalid"),
        (401, {"errors": [TOKEN]}, AuthError, HINT),
        (403, {"errors": [TOKEN]}, AuthError, HINT),
        (401, None, AuthError, HINT),
        (403, {"errors": ["No"]}, ContractError, "enterprise contract"),
        (403, None, ContractError, "enterprise contract"),
        (403, {"errors": [{"code": 64}]}, AccessError, "locked"),
        (404, None, NoEndpointError, "no such endpoint"),
        (429, {"errors": ["Too many requests"]}, RateLimitError, "limit"),
        (503, None, TransientError, "internal error"),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else None,
)
def test_each_refusal_has_its_error(
    status: int, body: Any, error: type[TapError], words: str
) -> None:
    found = judged(status, body)
    assert type(found) is error
    assert words in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "Forbidden to access tweets: 1,22",
        "Forbidden to access tweets: 1, 22",
        "Forbidden to access tweets: [1, 22]",
        "forbidden to access tweet: 22 1",
    ],
)
def test_the_posts_of_others_are_read_from_the_text(text: str) -> None:
    found = judged(403, {"errors": [text]})
    assert isinstance(found, ForeignPostsError)
    assert isinstance(found, AccessError)
    assert found.tweets == {"1", "22"}


def test_posts_that_are_too_old_are_listed() -> None:
    found = judged(400, {"errors": ["…"], TOO_OLD: ["77", 78]})
    assert isinstance(found, OldPostsError)
    assert found.tweets == {"77", "78"}
