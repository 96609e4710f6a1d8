"""Connected accounts are listed, tested and removed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from support.granting import SCOPES, oauth2_login

from sandbox.credentials import APP, CITY, CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER
from sandbox.grants import ACCESS_SECONDS
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.logins import SEEDED
from tap_twitter.auth.token_store import Login

if TYPE_CHECKING:
    from support.connecting import Accounts

    from sandbox.credentials import Client, UserToken

pytestmark = pytest.mark.pipeline


def signed(accounts: Accounts, name: str, user: UserToken) -> Login:
    """Store a login by OAuth 1.0a."""
    login = Login(
        name=name,
        kind=AuthKind.OAUTH1,
        user_id=user.user_id,
        username="an_old_name",
        access_token=user.access_token,
        access_token_secret=user.access_token_secret,
        consumer_key=APP.consumer_key,
        consumer_secret=APP.consumer_secret,
        connected_at=datetime(2026, 8, 1, 12, 30, tzinfo=UTC),
    )
    accounts.store.put(login)
    return login


def granted(accounts: Accounts, name: str, app: Client = CLIENT, offline: bool = True) -> Login:
    """Store a login by OAuth 2.0."""
    scopes = " ".join(SCOPES if offline else SCOPES[:2])
    made = oauth2_login(accounts.sandbox, name, CITY.user_id, scopes, app)
    login = replace(made, username="CityOfElsewhere")
    accounts.store.put(login)
    return login


def test_a_list_for_programs(accounts: Accounts) -> None:
    signed(accounts, "us", OWNER)
    granted(accounts, "city")
    short = granted(accounts, "short", offline=False)
    done = accounts.run("list", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == ["city", "short", "us"]
    assert rows["us"] == {
        "name": "us",
        "kind": "OAuth 1.0a User Context",
        "username": "an_old_name",
        "user_id": OWNER.user_id,
        "scopes": [],
        "access_ends_at": None,
        "connected_at": "2026-08-01T12:30:00Z",
    }
    assert rows["city"]["scopes"] == sorted(SCOPES)
    assert rows["city"]["access_ends_at"] is None
    assert short.expires_at is not None
    assert datetime.fromisoformat(rows["short"]["access_ends_at"]) == short.expires_at
    assert (done.returncode, done.stderr, accounts.asked) == (0, "", [])


def test_a_list_for_people(accounts: Accounts) -> None:
    signed(accounts, "[bold]us[/bold]\x1b[31m", OWNER)
    granted(accounts, f"{SEEDED}abc")
    done = accounts.run("list")
    assert "[bold]us[/bold][31m" in done.stdout
    assert "2026-08-01 12:30 UTC" in done.stdout
    assert f"{SEEDED}abc" in done.stdout


@pytest.mark.parametrize(
    ("command", "code"), [(["list"], 0), (["test"], 1), (["test", "us"], 1), (["remove", "us"], 1)]
)
def test_no_account_at_all(accounts: Accounts, command: list[str], code: int) -> None:
    done = accounts.run(*command)
    assert (done.returncode, done.stdout) == (code, "")
    assert "No account is connected yet: tap-twitter-accounts connect." in done.stderr


@pytest.mark.parametrize("command", ["test", "remove"])
def test_a_name_that_is_not_there(accounts: Accounts, command: str) -> None:
    signed(accounts, "us", OWNER)
    done = accounts.run(command, "them")
    assert done.returncode == 1
    assert done.stderr == "Error: There is no login 'them'; connected logins: 'us'.\n"


def test_all_are_accepted(accounts: Accounts) -> None:
    signed(accounts, "books", SECOND_USER)
    signed(accounts, "us", OWNER)
    granted(accounts, "city")
    done = accounts.run("test", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert {name: row["allows"] for name, row in rows.items()} == {
        "books": ["read"],
        "city": sorted(SCOPES),
        "us": ["read", "write", "directmessages"],
    }
    assert rows["us"]["username"] == "NorthwindTea"
    assert all(row["is_accepted"] and row["problem"] is None for row in rows.values())
    assert done.stderr == "X charges 0.010 USD for each account, once per UTC day.\n"
    assert accounts.sandbox.bill.as_json()["total"]["gross_objects"] == 3


def test_one_is_not_accepted(accounts: Accounts) -> None:
    signed(accounts, "books", SECOND_USER)
    signed(accounts, "the brand", OWNER)
    accounts.sandbox.revoke(OWNER.access_token)
    done = accounts.run("test")
    assert done.returncode == 1
    assert "connect the account again: tap-twitter-accounts connect 'the brand'" in done.stdout
    last = done.stderr.splitlines()[-1]
    assert last == "Error: Failed: 'the brand'; see the column 'problem' for the fix."
    assert accounts.run("test", "books").returncode == 0


def test_prices_are_those_of_the_settings(accounts: Accounts) -> None:
    signed(accounts, "us", OWNER)
    done = accounts.run("test", TAP_TWITTER_BUDGET_PRICES='{"user": 0.5}')
    assert "X charges 0.500 USD" in done.stderr


@pytest.mark.parametrize("app", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
def test_a_test_refreshes_what_has_expired(accounts: Accounts, app: Client) -> None:
    before = granted(accounts, "city", app)
    accounts.sandbox.clock.advance(ACCESS_SECONDS)
    done = accounts.run("test", "city", "--json")
    assert done.returncode == 0, done.stderr
    after = accounts.stored()["city"]
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token


def works(accounts: Accounts, login: Login) -> bool:
    """Whether X still accepts any token of a login."""
    tokens = accounts.sandbox.tokens
    if login.kind is AuthKind.OAUTH1:
        return tokens.user_token(login.access_token) is not None
    held = [token for token in (login.access_token, login.refresh_token) if token]
    return any(accounts.sandbox.grants.client_of(token) for token in held)


@pytest.mark.parametrize("way", ["oauth1", "confidential", "public"])
@pytest.mark.parametrize("keeps", [False, True], ids=["ended", "kept"])
def test_removed(accounts: Accounts, way: str, keeps: bool) -> None:
    apps = {"confidential": CLIENT, "public": PUBLIC_CLIENT}
    login = signed(accounts, "us", OWNER) if way == "oauth1" else granted(accounts, "us", apps[way])
    other = granted(accounts, "city")
    done = accounts.run("remove", "us", "--yes", *(["--keep-grant"] if keeps else []))
    assert done.returncode == 0, done.stderr
    assert "Removed login 'us'." in done.stderr
    assert set(accounts.stored()) == {"city"}
    assert works(accounts, login) == keeps
    assert works(accounts, other)


def test_removing_needs_a_yes(accounts: Accounts) -> None:
    signed(accounts, "us", OWNER)
    done = accounts.run("remove", "us")
    assert done.returncode == 1
    assert (
        "Revoke login 'us' at X and remove it? There is no terminal to ask on: add --yes."
        in done.stderr
    )
    assert set(accounts.stored()) == {"us"}
    assert accounts.asked == []


def test_a_token_that_two_logins_hold_is_not_ended(accounts: Accounts) -> None:
    login = signed(accounts, "us", OWNER)
    accounts.store.put(replace(login, name="we"))
    first = accounts.run("remove", "us", "--yes")
    assert "Not revoked at X: 'we' uses the same access token." in first.stderr
    assert works(accounts, login)
    assert "Access at X is revoked." in accounts.run("remove", "we", "--yes").stderr
    assert not works(accounts, login)


def test_what_x_no_longer_knows_is_removed(accounts: Accounts) -> None:
    signed(accounts, "us", OWNER)
    accounts.sandbox.revoke(OWNER.access_token)
    done = accounts.run("remove", "us", "--yes")
    assert done.returncode == 0
    assert "X no longer accepts it: access had already ended." in done.stderr
    assert accounts.stored() == {}


@pytest.mark.parametrize(
    ("way", "fault"),
    [("oauth1", "forbidden"), ("oauth2", "unauthorized")],
)
def test_what_x_does_not_end_is_kept(accounts: Accounts, way: str, fault: str) -> None:
    login = signed(accounts, "us", OWNER) if way == "oauth1" else granted(accounts, "us")
    accounts.sandbox.faults.add(fault, path="*oauth*")
    done = accounts.run("remove", "us", "--yes")
    assert done.returncode == 1
    assert "Login 'us' is kept; --keep-grant removes it here only." in done.stderr
    assert accounts.stored() == {"us": login}


def test_renamed(accounts: Accounts) -> None:
    signed(accounts, "us", OWNER)
    login = granted(accounts, "city")
    done = accounts.run("rename", "city", "the city")
    assert done.returncode == 0, done.stderr
    assert "Login 'city' is now 'the city'." in done.stderr
    assert set(accounts.stored()) == {"us", "the city"}
    assert accounts.store.get("the city") == replace(login, name="the city")
    assert accounts.asked == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nobody", "x", "There is no login 'nobody'; connected logins: 'city', 'us'."),
        ("us", "city", "Login 'city' already exists"),
        ("us", "refresh token of client x", "Names that begin with 'refresh token of client '"),
        ("us", " ", "printable characters"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    accounts: Accounts, old: str, new: str, message: str
) -> None:
    signed(accounts, "us", OWNER)
    granted(accounts, "city")
    done = accounts.run("rename", old, new)
    assert done.returncode != 0
    assert message in done.stderr
    assert set(accounts.stored()) == {"us", "city"}
