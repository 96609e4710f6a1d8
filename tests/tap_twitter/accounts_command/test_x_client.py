"""How the command reads what X says about tokens and people."""

from __future__ import annotations

import pytest
import requests
from requests.auth import HTTPBasicAuth
from support.harness import SkippingClock

from tap_twitter.accounts_command.x_client import (
    Identity,
    XServer,
    identity_of,
    token_problem,
)
from tap_twitter.errors import (
    AccessError,
    AuthError,
    RateLimitError,
    RedirectedError,
    TapError,
    UnreachableError,
)

XML = '<?xml version="1.0"?><errors><error code="{}">Callback URL not approved</error></errors>'
JSON = '{{"errors":[{{"code":{},"message":"Callback URL not approved"}}]}}'
REFUSALS = [
    (JSON, 415, 403, AccessError, "register it in the app's settings"),
    (XML, 415, 403, AccessError, "register it in the app's settings"),
    (XML, 417, 401, AccessError, "connect with --pin"),
    (JSON, 32, 401, AuthError, "check 'auth.consumer_key' and 'auth.consumer_secret'"),
    (JSON, 135, 401, AuthError, "set this machine's clock"),
    ("<html>Welcome to our network</html>", 0, 302, RedirectedError, "settings of 'api'"),
    ("Failed to validate oauth signature and token", 0, 401, AuthError, "check 'auth.consumer_key'"),
    (JSON, 88, 429, RateLimitError, "a rate limit is used up"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "status", "error", "words"), REFUSALS)
def test_refusals_to_give_a_token(
    text: str, code: int, status: int, error: type[TapError], words: str
) -> None:
    response = requests.Response()
    response.status_code = status
    response._content = text.format(code).encode()
    found = token_problem(response)
    assert type(found) is error
    assert words in str(found)
    assert "not approved" not in str(found)


def test_x_out_of_reach_is_told_with_the_hint() -> None:
    clock = SkippingClock()
    config = {
        "api": {"base_url": "http://127.0.0.1:1", "timeout_seconds": 1, "max_response_mb": 64}
    }
    server = XServer(config, "http://127.0.0.1:1", clock)
    with pytest.raises(
        UnreachableError, match=r"last try at http://127.0.0.1:1; .* 'api.base_url'"
    ):
        server.post_signed("http://127.0.0.1:1/oauth/request_token", HTTPBasicAuth("us", "none"))
    assert sum(clock.skipped) < 300


def test_who_somebody_is() -> None:
    assert identity_of("12", "a_handle_of_2007_and") == Identity("12", "a_handle_of_2007_and")


@pytest.mark.parametrize(
    ("user_id", "username"),
    [
        (None, "jack"),
        ("12", None),
        ("", ""),
        ("twelve", "jack"),
        ("12", "<b>jack</b>"),
        ("12", "né"),
    ],
)
def test_an_answer_that_does_not_say_who(user_id: str | None, username: str | None) -> None:
    with pytest.raises(AuthError, match="does not say whose login this is"):
        identity_of(user_id, username)
