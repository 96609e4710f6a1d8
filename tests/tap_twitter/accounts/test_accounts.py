"""The settings `auth` and `accounts`: whose data is read, and with which credentials."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support.harness import Messages

from tap_twitter.accounts.accounts import Accounts
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import Login, TokenStore
from tap_twitter.clock import SystemClock
from tap_twitter.errors import SettingError
from tap_twitter.singer.catalog import selecting
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from tap_twitter.auth.account import Account

PAIR = {"consumer_key": "ck", "consumer_secret": "cs"}
FOUR = {**PAIR, "access_token": "7-at", "access_token_secret": "ats"}
OTHER_FOUR = {**FOUR, "access_token": "8-at"}
OTHER_TOKEN = {"oauth_token": "8-at", "oauth_token_secret": "ats"}
APP_ONLY = {"bearer_token": "bt"}


def login(name: str, user_id: str = "9") -> Login:
    return Login(
        name=name,
        kind=AuthKind.OAUTH1,
        user_id=user_id,
        username=name.title(),
        access_token=f"{user_id}-login",
        access_token_secret="ls",
        consumer_key="ck",
        consumer_secret="cs",
    )


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens.json")


def accounts(store: TokenStore, auth: dict[str, str], entries: list[Any] | None = None) -> Accounts:
    keyring = Keyring(store, "http://x", lambda *_: {}, SystemClock())
    return Accounts({"auth": auth, "accounts": entries}, keyring)


def told(account: Account) -> tuple[str, str | None, str | None, list[str]]:
    """What an account is, and where its credentials come from."""
    names = [f"{each.name} {each.kind.name}" for each in account.credentials]
    return account.name, account.user_id, account.username, names


@pytest.mark.parametrize(
    ("auth", "logins", "expected"),
    [
        (FOUR, [], ("7", "7", None, ["auth OAUTH1"])),
        (FOUR, ["ann", "bob"], ("7", "7", None, ["auth OAUTH1"])),
        ({**FOUR, **APP_ONLY}, ["ann"], ("7", "7", None, ["auth OAUTH1", "auth APP_ONLY"])),
        ({**FOUR, "access_token": "odd"}, [], ("auth", None, None, ["auth OAUTH1"])),
        (APP_ONLY, [], ("auth", None, None, ["auth APP_ONLY"])),
        ({}, ["ann"], ("ann", "9", "Ann", ["login ann OAUTH1"])),
        (PAIR, ["ann"], ("ann", "9", "Ann", ["login ann OAUTH1", "auth APP_ONLY"])),
        (APP_ONLY, ["ann", "bob"], ("auth", None, None, ["auth APP_ONLY"])),
    ],
    ids=["oauth1", "over-logins", "two-kinds", "no-id-in-token", "app-only", "sole-login",
         "login-over-app", "two-logins-and-app"],
)  # fmt: skip
def test_the_default_account(
    store: TokenStore, auth: dict[str, str], logins: list[str], expected: Any
) -> None:
    for name in logins:
        store.put(login(name))
    assert told(accounts(store, auth).default) == expected


def test_without_accounts_the_default_one_is_read(store: TokenStore) -> None:
    found = accounts(store, FOUR)
    assert found.listed == [found.default]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"id": "5"}, ("5", "5", None, ["auth OAUTH1"])),
        ({"id": 5}, ("5", "5", None, ["auth OAUTH1"])),
        ({"username": "@Rival"}, ("Rival", None, "Rival", ["auth OAUTH1"])),
        ({"name": "us", "id": "5"}, ("us", "5", None, ["auth OAUTH1"])),
        ({"name": "us", "auth": OTHER_FOUR}, ("us", "8", None, ["accounts[0].auth OAUTH1"])),
        (
            {"username": "rival", "auth": OTHER_FOUR},
            ("rival", None, "rival", ["accounts[0].auth OAUTH1"]),
        ),
        ({"id": "5", "auth": APP_ONLY}, ("5", "5", None, ["accounts[0].auth APP_ONLY"])),
        ({"name": "ann"}, ("ann", "9", None, ["login ann OAUTH1"])),
        ({"username": "ann"}, ("ann", "9", "ann", ["login ann OAUTH1"])),
        (
            {"name": "ann", "username": "rival"},
            ("ann", None, "rival", ["login ann OAUTH1"]),
        ),
        ({"name": "ann", "auth": OTHER_FOUR}, ("ann", "8", None, ["accounts[0].auth OAUTH1"])),
        ({"name": "eve", "auth": OTHER_TOKEN}, ("eve", "8", None, ["accounts[0].auth OAUTH1"])),
    ],
    ids=["id", "number", "handle", "named", "own-auth", "own-auth-for-another", "app-only", "login",
         "login-by-handle", "login-for-another", "auth-over-login", "keys-of-the-app-in-auth"],
)  # fmt: skip
def test_an_entry_of_accounts(store: TokenStore, entry: dict[str, Any], expected: Any) -> None:
    store.put(login("ann"))
    store.put(login("bob", "10"))
    (account,) = accounts(store, FOUR, [entry]).listed
    assert told(account) == expected
    assert account.has_own == (expected[3] != ["auth OAUTH1"])


@pytest.mark.parametrize(
    ("entries", "auth", "message"),
    [
        (None, {}, "^Several logins are connected: 'ann', 'bob'. List those to read in 'accounts'; .* set 'auth' for them"),
        (None, APP_ONLY, "No account to read: .* Connected logins: 'ann', 'bob'"),
        ([{}], FOUR, r"'accounts\[0\]' needs an 'id', a 'username', or the 'name' of a login"),
        ([{"id": "1"}, {"name": "eve"}], FOUR, r"'accounts\[1\]' identifies no account: .* connect eve"),
        ([{"id": "1"}], {}, "Several logins are connected: 'ann', 'bob'"),
        ([{"id": "1"}, {"id": 1, "name": "x"}], FOUR, r"'accounts\[0\]' and 'accounts\[1\]' have the same id"),
        ([{"username": "a"}, {"username": "@A", "name": "x"}], FOUR, "have the same username"),
        ([{"username": "a"}, {"username": "A"}], FOUR, "have the same username"),
        ([{"id": "1"}, {"id": 1}], FOUR, "have the same id"),
        ([{"id": "1", "name": "a"}, {"id": "2", "name": "A"}], FOUR, "have the same name"),
        ([{"id": "1", "auth": {"access_token": "x"}}], FOUR, r"also need\(s\) 'accounts\[0\]\.auth\.access_token_secret'"),
    ],
    ids=["no-credentials", "app-only", "empty", "unknown-name", "nobody-asks", "same-id",
         "same-handle", "same-handle-twice", "same-id-twice", "same-name", "half-credentials"],
)  # fmt: skip
def test_what_serves_nobody_is_said(
    store: TokenStore, entries: Any, auth: dict[str, str], message: str
) -> None:
    store.put(login("ann"))
    store.put(login("bob", "10"))
    with pytest.raises(SettingError, match=message):
        _ = accounts(store, auth, entries).listed


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ([{"id": "1", "color": "private words"}], "Setting 'accounts[0]' accepts only: name, id, username, ads_account_id,"),
        ([{"id": "1", "auth": {"pin": "private words"}}], "Setting 'accounts[0].auth' accepts only: consumer_key,"),
        ({"name": "private words"}, "Setting 'accounts' must be of type array."),
        ([{"id": "1", "ads_account_id": "private words"}], "Setting 'accounts[0].ads_account_id' must be the id of an ads"),
        ([{"id": "1", "ads_account_id": 7}], "Setting 'accounts[0].ads_account_id' must be"),
    ],
    ids=["unknown-key", "unknown-credential", "no-list", "no-ads-account", "number"],
)  # fmt: skip
def test_wrong_entries_are_named_and_not_shown(value: Any, line: str) -> None:
    with pytest.raises(ConfigValidationError) as raised:
        TapTwitter(config={"accounts": value}, message_writer=Messages())
    (problem,) = raised.value.errors
    assert problem.startswith(line)
    assert "private words" not in problem


PLACE = r"^Setting 'accounts\[0\]"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"id": "12x"}, r"\.id' names no account of X: neither a user id"),
        ({"id": 1.5e18}, r"\.id' names no account of X: a float such as .* give it as text"),
        ({"id": Decimal("1234567890123456789.0")}, r"\.id' .* a float such as"),
        ({"id": "7.9155723368987E+017"}, r"\.id' .* a float such as"),
        ({"id": 10**19}, r"\.id' names no account of X: a number of more than 19 digits"),
        ({"id": 0}, r"\.id' names no account of X: 0 is no user id: ids of X begin at 1"),
        ("0", r"' names no account of X: 0 is no user id"),
        ({"id": " \u200b "}, r"\.id' names no account of X: it is blank"),
        ({"username": "a b"}, r"\.username' names no account of X: neither a user id"),
        ({"username": "https://x.com/home"}, r"\.username' .* an address of X that names no user"),
        ("https://nitter.net/founder", r"' names no account of X: an address that is not X's"),
        ({"id": "5", "auth": {}}, r"\.auth' is empty: give it the account's keys"),
        ({"id": "5", "auth": None}, r"\.auth' is empty"),
        ({"id": "5", "auth": ""}, r"\.auth' is empty"),
        ({"id": "5", "auth": "$UNSET"}, r"\.auth' is empty"),
        ({"name": "ann", "auth": {"consumer_key": "", "access_token": None}}, r"\.auth' is empty"),
    ],
    ids=str,
)
def test_an_entry_that_names_nobody_is_told_without_its_value(
    store: TokenStore, entry: Any, message: str
) -> None:
    store.put(login("ann"))
    auth = {**FOUR, "token_store": str(store._path)}
    tap = TapTwitter(config={"auth": auth, "accounts": [entry]}, message_writer=Messages())
    with pytest.raises(SettingError, match=PLACE + message):
        _ = tap.run_context.accounts.listed


@pytest.mark.parametrize(
    ("entry", "user_id", "username"),
    [
        ("northwind", None, "northwind"),
        ("@Northwind", None, "Northwind"),
        ("12", "12", None),
        (12, "12", None),
        ("https://twitter.com/intent/user?user_id=12", "12", None),
        ({"id": '="12"'}, "12", None),
        ({"id": " 12 "}, "12", None),
        ({"id": "@Northwind"}, None, "Northwind"),
        ({"username": "https://x.com/Northwind?lang=en"}, None, "northwind"),
        ({"username": "\u2066@Northwind\u2069"}, None, "Northwind"),
        ({"username": "x.com/i/user/12"}, "12", None),
        ({"username": "12345"}, None, "12345"),
        ({"username": 12345}, None, "12345"),
        ({"username": "Northwind", "id": "12"}, "12", "Northwind"),
    ],
    ids=str,
)
def test_an_entry_takes_what_a_lookup_takes(
    store: TokenStore, entry: Any, user_id: str | None, username: str | None
) -> None:
    (account,) = accounts(store, FOUR, [entry]).listed
    assert (account.user_id, account.username) == (user_id, username)
    assert account.name == (username or user_id)


def test_ids_of_accounts_that_were_rounded_are_refused(
    store: TokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    rounded: list[Any] = ["1294030472427830000", {"id": 1214820332314620000}]
    with pytest.raises(SettingError, match=r"^Setting 'accounts': 2 of 2 long ids end in zeros"):
        _ = accounts(store, FOUR, rounded).listed
    assert len(accounts(store, FOUR, [rounded[0], "x.com/i/user/1214820332314620000"]).listed) == 2
    assert "1 of 1 long ids end in zeros" in caplog.text


OAUTH1_KEYS = "'auth.consumer_key', 'auth.consumer_secret', 'auth.access_token' and 'auth.access_token_secret' (OAuth 1.0a)"
OAUTH2_KEYS = "'auth.client_id' and 'auth.refresh_token' (OAuth 2.0)"
APP_KEYS = "'auth.bearer_token' (app-only)"
NEEDED = {
    "users_lookup": (OAUTH1_KEYS, OAUTH2_KEYS, APP_KEYS),
    "direct_messages": (OAUTH1_KEYS, OAUTH2_KEYS),
    "tweet_hashtag": (OAUTH1_KEYS,),
    "historical_engagement": (OAUTH1_KEYS,),
    "engagement_totals": (OAUTH1_KEYS, APP_KEYS),
    "tweet_counts": (APP_KEYS,),
    "usage tweet_counts": (APP_KEYS,),
    "users_lookup direct_messages": (OAUTH1_KEYS, OAUTH2_KEYS),
    "direct_messages tweet_analytics": (OAUTH1_KEYS,),
    "usage tweet_hashtag": (OAUTH1_KEYS, APP_KEYS),
}  # fmt: skip


@pytest.mark.parametrize("streams", NEEDED)
def test_only_credentials_that_the_streams_take_are_named(streams: str) -> None:
    catalog = selecting(streams.split())
    tap = TapTwitter(config={}, catalog=catalog, message_writer=Messages())
    with pytest.raises(SettingError) as raised:
        _ = tap.run_context.accounts.default
    ways = [f"set {keys}" for keys in NEEDED[streams]]
    if NEEDED[streams] != (APP_KEYS,):
        ways.append("connect an account with `tap-twitter-accounts connect`")
    assert str(raised.value) == f"No credentials for X: {', or '.join(ways)}."


def test_a_token_store_in_nobodys_home_is_told() -> None:
    auth = {"token_store": "~nobody_has_this_name/tokens.json"}
    tap = TapTwitter(config={"auth": auth}, message_writer=Messages())
    with pytest.raises(SettingError, match=r"'auth\.token_store', file ~nobody_has_this_name/"):
        _ = tap.run_context.accounts.default


@pytest.mark.parametrize(
    ("environ", "hints"),
    [
        ({"MELTANO_PROJECT_ROOT": "/p", "MELTANO_ENVIRONMENT": ""}, True),
        ({"MELTANO_PROJECT_ROOT": "/p"}, True),
        ({"MELTANO_PROJECT_ROOT": "/p", "MELTANO_ENVIRONMENT": "prod"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_without_an_environment_of_meltano_the_lack_of_keys_is_explained(
    store: TokenStore, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], hints: bool
) -> None:
    for name in ("MELTANO_PROJECT_ROOT", "MELTANO_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match="No credentials for X") as raised:
        _ = accounts(store, {}).default
    assert ("--environment=prod config test" in str(raised.value)) is hints
