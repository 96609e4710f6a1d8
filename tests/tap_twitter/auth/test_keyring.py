"""From groups of settings to credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.clock import SystemClock
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

FOUR = {
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "access_token": "2244994945-at",
    "access_token_secret": "ats",
}
PAIR = {name: FOUR[name] for name in ("consumer_key", "consumer_secret")}
FIVETRAN = {
    "oauth_token": FOUR["access_token"],
    "oauth_token_secret": FOUR["access_token_secret"],
    "client_access": {"client_id": "ck", "client_secret": "cs"},
}
OAUTH1 = (AuthKind.OAUTH1, "2244994945")
OAUTH2 = (AuthKind.OAUTH2, None)
APP_ONLY = (AuthKind.APP_ONLY, None)


def no_answer(*_: Any) -> dict[str, Any]:
    pytest.fail("nothing is asked while settings are read")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(TokenStore(tmp_path / "tokens.json"), "http://x", no_answer, SystemClock())


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({}, []),
        ({"bearer_token": " \n"}, []),
        (FOUR, [OAUTH1]),
        (FIVETRAN, [OAUTH1]),
        ({**FOUR, **FIVETRAN}, [OAUTH1]),
        ({**FOUR, "bearer_token": "b"}, [OAUTH1, APP_ONLY]),
        ({**FOUR, "access_token": "odd"}, [(AuthKind.OAUTH1, None)]),
        ({"bearer_token": "b"}, [APP_ONLY]),
        (PAIR, [APP_ONLY]),
        ({**PAIR, "bearer_token": "b"}, [APP_ONLY]),
        ({"client_id": "c"}, []),
        ({"client_id": "c", "refresh_token": "r"}, [OAUTH2]),
        ({**FOUR, "client_id": "c", "refresh_token": "r"}, [OAUTH1, OAUTH2]),
    ],
    ids=[
        "nothing", "blank", "oauth1", "fivetran", "both-spellings", "oauth1-and-bearer",
        "token-without-id", "bearer", "pair", "pair-and-bearer", "client-for-logins", "oauth2", "oauth1-and-oauth2",
    ],
)  # fmt: skip
def test_a_group_holds_these_credentials(
    keyring: Keyring, group: dict[str, Any], expected: list[tuple[AuthKind, str | None]]
) -> None:
    found = keyring.given(group)
    assert [(each.kind, each.user_id) for each in found] == expected


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"consumer_key": "ck"}, r"'a\.consumer_key' also need.* 'a\.consumer_secret'"),
        ({"access_token": "1-at"}, r"also need.* 'a\.consumer_key', 'a\.consumer_secret', "),
        (
            {**PAIR, "access_token": "1-at", "bearer_token": "b"},
            r"also need.*'a\.access_token_secret'",
        ),
        ({"refresh_token": "r"}, r"'a\.refresh_token' also need.* 'a\.client_id'"),
        (
            {**FOUR, "oauth_token": "other"},
            r"'a\.access_token' and 'a\.oauth_token' mean the same but differ",
        ),
        (
            {**FOUR, "client_access": {"client_id": "other"}},
            r"'a\.consumer_key' and 'a\.client_access\.client_id' mean the same",
        ),
    ],
    ids=["half-a-pair", "token-alone", "three-of-four", "no-client", "two-tokens", "two-keys"],
)
def test_what_is_missing_or_contradicts_is_named(
    keyring: Keyring, group: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message) as raised:
        keyring.given(group, "a")
    assert not any(secret in str(raised.value) for secret in ("ats", "2244994945-at", "other"))


@pytest.mark.parametrize(
    "name", [*FOUR, "bearer_token", "oauth_token", "client_access.client_secret", "client_id"]
)
@pytest.mark.parametrize(
    "damage",
    [
        "two words",
        '"quoted"',
        "'quoted'",
        "line\nbreak",
        "caf\u00e9",
        "zero\u200bwidth",
        "bell\x07",
    ],
    ids=ascii,
)
def test_a_damaged_secret_is_named_and_not_shown(keyring: Keyring, name: str, damage: str) -> None:
    outer, _, inner = name.rpartition(".")
    group = {outer: {inner: damage}} if outer else {inner: damage}
    with pytest.raises(SettingError, match=rf"Setting 'auth\.{name}' .* copy it again") as raised:
        keyring.given(group)
    assert damage not in str(raised.value)


@pytest.mark.parametrize(
    "given",
    [" token\r\n", "Bearer token", "bearer  token ", "\ufeffBearer token\u200b", "Bearer: token",
     "Authorization: Bearer token"],
    ids=ascii,
)  # fmt: skip
def test_what_is_copied_along_with_a_token_is_cut_off(keyring: Keyring, given: str) -> None:
    request = requests.Request("GET", "http://x").prepare()
    (credential,) = keyring.given({"bearer_token": given})
    credential.auth(request)
    assert request.headers["Authorization"] == "Bearer token"


@pytest.mark.parametrize(
    "name", ["consumer_key", "consumer_secret", "access_token_secret", "client_access.client_id"]
)
def test_an_access_token_in_the_place_of_a_key_is_noticed(keyring: Keyring, name: str) -> None:
    outer, _, inner = name.rpartition(".")
    token = "2244994945-AccessToken"
    group = {**FOUR, **({outer: {inner: token}, "consumer_key": ""} if outer else {inner: token})}
    with pytest.raises(SettingError, match=rf"'a\.{name}' holds an access token") as raised:
        keyring.given(group, "a")
    assert token not in str(raised.value)


@pytest.mark.parametrize(
    ("group", "app", "expected"),
    [
        ({"access_token": "1-at", "access_token_secret": "ats"}, PAIR, [(AuthKind.OAUTH1, "1")]),
        ({"refresh_token": "r"}, {"client_id": "c"}, [OAUTH2]),
        ({}, {**PAIR, "client_id": "c"}, []),
        ({"bearer_token": "b"}, PAIR, [APP_ONLY]),
    ],
    ids=["oauth1", "oauth2", "nothing", "bearer"],
)
def test_the_keys_of_the_app_need_not_be_repeated(
    keyring: Keyring,
    group: dict[str, Any],
    app: dict[str, Any],
    expected: list[tuple[AuthKind, str | None]],
) -> None:
    found = keyring.given(group, "accounts[0].auth", app)
    assert [(each.kind, each.user_id) for each in found] == expected


def test_keys_of_two_apps_are_not_mixed(keyring: Keyring) -> None:
    half = {"consumer_key": "another", "access_token": "1-at", "access_token_secret": "ats"}
    with pytest.raises(SettingError, match=r"also need\(s\) 'a\.consumer_secret'"):
        keyring.given(half, "a", PAIR)


def test_the_same_keys_are_the_same_credential_wherever_they_stand(keyring: Keyring) -> None:
    assert keyring.given(FOUR) == keyring.given(FIVETRAN, "accounts[3].auth")
    (first,), (second,) = (keyring.given({"bearer_token": each}, each) for each in ("a", "b"))
    assert first.pool != second.pool


def test_the_mend_names_the_group(keyring: Keyring) -> None:
    for credential in keyring.given({**FOUR, "bearer_token": "b"}, "accounts[3].auth"):
        assert "'accounts[3].auth.access_token'" in credential.hint or (
            "'accounts[3].auth.bearer_token'" in credential.hint
        )
