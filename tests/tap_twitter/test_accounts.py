from __future__ import annotations

from typing import Any

import pytest
import requests

from tap_twitter.accounts import default_credential
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.errors import SettingError

FOUR = {
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "access_token": "2244994945-at",
    "access_token_secret": "ats",
}


def no_answer(*_: Any) -> dict[str, Any]:
    pytest.fail("nothing is asked while settings are read")


def config(*names: str, **more: str) -> dict[str, Any]:
    return {"auth": {name: FOUR[name] for name in names} | more, "api": {"base_url": "http://x"}}


@pytest.mark.parametrize(
    ("given", "kind", "user_id"),
    [
        (config(*FOUR), AuthKind.OAUTH1, "2244994945"),
        (config(*FOUR, bearer_token="b"), AuthKind.OAUTH1, "2244994945"),
        (config(*FOUR) | {"auth": {**FOUR, "access_token": "odd"}}, AuthKind.OAUTH1, None),
        (config(bearer_token="b"), AuthKind.APP_ONLY, None),
        (config("consumer_key", "consumer_secret"), AuthKind.APP_ONLY, None),
    ],
    ids=["oauth1", "oauth1-over-bearer", "token-without-id", "bearer", "consumer-pair"],
)
def test_the_settings_choose_the_credential(
    given: dict[str, Any], kind: AuthKind, user_id: str | None
) -> None:
    credential = default_credential(given, no_answer)
    assert (credential.kind, credential.user_id) == (kind, user_id)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (config(), "No credentials for X: set 'auth.consumer_key', .*'auth.bearer_token'"),
        (config("consumer_key"), "'auth.consumer_key' need.* 'auth.consumer_secret'"),
        (config("access_token"), "need.* 'auth.consumer_key', 'auth.consumer_secret', "),
        (
            config("consumer_key", "consumer_secret", "access_token", bearer_token="b"),
            "need.* 'auth.access_token_secret'",
        ),
    ],
    ids=["none", "half-a-pair", "token-alone", "three-of-four"],
)
def test_what_is_missing_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message) as raised:
        default_credential(given, no_answer)
    assert not any(secret in str(raised.value) for secret in ("ats", "2244994945-at"))


@pytest.mark.parametrize("name", [*FOUR, "bearer_token"])
@pytest.mark.parametrize(
    "damage", ["two words", "line\nbreak", "caf\u00e9", "zero\u200bwidth", "bell\x07"], ids=ascii
)
def test_a_damaged_secret_is_named_and_not_shown(name: str, damage: str) -> None:
    given = (
        config(bearer_token=damage) if name == "bearer_token" else config(*FOUR, **{name: damage})
    )
    with pytest.raises(SettingError, match=rf"Setting 'auth\.{name}' .* copy it again") as raised:
        default_credential(given, no_answer)
    assert damage not in str(raised.value)


def test_blanks_around_a_secret_are_cut_off() -> None:
    request = requests.Request("GET", "http://x").prepare()
    default_credential(config(bearer_token=" token\r\n"), no_answer).auth(request)
    assert request.headers["Authorization"] == "Bearer token"


def test_a_blank_secret_is_none() -> None:
    with pytest.raises(SettingError, match="No credentials for X"):
        default_credential(config(bearer_token=" \n"), no_answer)
