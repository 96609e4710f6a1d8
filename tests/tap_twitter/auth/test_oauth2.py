"""Logins by OAuth 2.0: tokens that expire, are refreshed, refused, lost, and seeded by settings."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.granting import SCOPES, seed_auth
from support.harness import make_dataset, run_tap, tap_config

from sandbox.credentials import CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.logins import LoginSource, is_seeded
from tap_twitter.auth.oauth2 import oauth2_credential, seeded_login
from tap_twitter.auth.refresh import Refresher
from tap_twitter.errors import AuthError, TapError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.granting import Grants

    from tap_twitter.auth.token_store import Login, TokenStore

ME = "/2/users/me"
TOKEN = "/2/oauth2/token"
RECONNECT = "connect the account again: tap-twitter-accounts connect brand."
REVOKED = "X no longer accepts the refresh token of login 'brand'"
LOST = "Login 'brand' is lost: a refresh that started at "


def refusal(ask: Any) -> str:
    with pytest.raises(AuthError) as raised:
        ask()
    return str(raised.value)


def test_a_valid_token_is_used_as_it_is(grants: Grants) -> None:
    login = grants.connect()
    assert grants.asker(login)() == OWNER.user_id
    assert grants.asked == [ME]
    assert grants.stored() == login


def test_a_credential_says_whose_it_is_and_what_was_granted(grants: Grants) -> None:
    login = grants.connect("my brand")
    credential = oauth2_credential(login, grants.store, "", lambda *_: {})
    assert credential.kind is AuthKind.OAUTH2
    assert (credential.user_id, credential.scopes) == (OWNER.user_id, login.scopes)
    assert credential.hint.endswith("tap-twitter-accounts connect 'my brand'")
    assert not is_seeded(login)


@pytest.mark.parametrize("app", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
@pytest.mark.parametrize("early", [0, 59], ids=["expired", "about-to"])
def test_an_expired_token_is_refreshed_before_it_is_used(
    grants: Grants, app: Any, early: int
) -> None:
    login = grants.connect(app=app)
    grants.expire()
    grants.sandbox.clock.advance(-early)
    ask = grants.asker(login)
    assert [ask(), ask()] == [OWNER.user_id] * 2
    assert grants.asked == [TOKEN, ME, ME]

    stored = grants.stored()
    assert stored.access_token != login.access_token
    assert stored.refresh_token != login.refresh_token
    assert stored.expires_at is not None
    assert timedelta(seconds=7190) < stored.expires_at - grants.clock.now() < timedelta(hours=2)
    assert replace(
        stored,
        access_token=login.access_token,
        refresh_token=login.refresh_token,
        expires_at=login.expires_at,
    ) == replace(login, refreshing_since=None)


def test_a_run_goes_on_from_what_the_last_one_stored(grants: Grants) -> None:
    grants.connect()
    for _ in range(3):
        grants.expire()
        assert grants.asker(grants.stored())() == OWNER.user_id
    assert grants.asked == [TOKEN, ME] * 3


def test_a_run_takes_what_another_one_has_refreshed(grants: Grants) -> None:
    login = grants.connect()
    grants.expire()
    assert [grants.asker(login)() for _ in range(2)] == [OWNER.user_id] * 2
    assert grants.asked == [TOKEN, ME, ME]


def test_a_token_without_known_end_is_used_until_x_refuses_it(grants: Grants) -> None:
    login = replace(grants.connect(), expires_at=None)
    grants.store.put(login)
    assert grants.asker(login)() == OWNER.user_id
    grants.expire()
    assert grants.asker(login)() == OWNER.user_id
    assert grants.asked == [ME, ME, TOKEN, ME]


def test_a_refused_token_is_refreshed_and_the_request_sent_again(grants: Grants) -> None:
    login = grants.connect()
    ask, other = grants.asker(login), grants.asker(login)
    grants.sandbox.revoke(login.access_token)
    assert [ask(), ask(), other()] == [OWNER.user_id] * 3
    assert grants.asked == [ME, TOKEN, ME, ME, ME, ME]


def test_a_refusal_that_stays_is_final(grants: Grants) -> None:
    ask = grants.asker(grants.connect())
    grants.sandbox.faults.add("unauthorized", path=ME, count=None)
    said = refusal(ask)
    assert said.endswith(f"{RECONNECT.rstrip('.')} (HTTP 401).")
    assert grants.asked == [ME, TOKEN, ME]


def test_revoked_access_is_told_each_time(grants: Grants) -> None:
    login = grants.connect()
    assert login.refresh_token
    grants.sandbox.revoke(login.refresh_token)
    grants.expire()
    for _ in range(2):
        said = refusal(grants.asker(grants.stored()))
        assert said.startswith(REVOKED)
        assert said.endswith(RECONNECT)
    assert grants.stored() == login


@pytest.mark.parametrize("kind", ["answer_lost", "connection_reset", "truncated_json"])
def test_a_lost_answer_loses_the_login_and_is_told_each_time(grants: Grants, kind: str) -> None:
    login = grants.connect()
    grants.expire()
    grants.sandbox.faults.add(kind, path=TOKEN)
    for _ in range(2):
        said = refusal(grants.asker(grants.stored()))
        assert said.startswith(LOST)
        assert said.endswith(RECONNECT)
    assert grants.asked == [TOKEN] * 3
    assert grants.stored().refresh_token == login.refresh_token


@pytest.mark.parametrize("kind", ["service_unavailable", "html", "rate_limited", "html_success"])
def test_faults_on_the_way_are_sat_out(grants: Grants, kind: str) -> None:
    login = grants.connect()
    grants.expire()
    grants.sandbox.faults.add(kind, path=TOKEN, count=2)
    assert grants.asker(login)() == OWNER.user_id
    assert grants.stored().refreshing_since is None


def test_an_outage_loses_nothing(grants: Grants) -> None:
    login = grants.connect()
    grants.expire()
    grants.sandbox.faults.add("service_unavailable", path=TOKEN, count=None)
    with pytest.raises(UnreachableError):
        grants.asker(login)()
    assert grants.stored().refreshing_since is not None
    grants.sandbox.faults.clear()
    assert grants.asker(grants.stored())() == OWNER.user_id
    assert grants.stored().refreshing_since is None


@pytest.mark.parametrize("kind", ["forbidden", "credits_depleted"])
def test_a_refusal_that_is_not_about_the_token_leaves_no_mark(grants: Grants, kind: str) -> None:
    login = grants.connect()
    grants.expire()
    grants.sandbox.faults.add(kind, path=TOKEN)
    with pytest.raises(TapError, match="developer console"):
        grants.asker(login)()
    assert grants.stored() == login


def test_an_earlier_mark_explains_a_refusal(grants: Grants) -> None:
    login = grants.connect()
    assert login.refresh_token
    began = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    grants.store.put(replace(login, refreshing_since=began))
    grants.sandbox.revoke(login.refresh_token)
    grants.expire()
    said = refusal(grants.asker(grants.stored()))
    assert said.startswith(f"{LOST}2026-03-01T12:30:00+00:00 was interrupted")


def test_an_earlier_mark_is_no_harm(grants: Grants) -> None:
    grants.store.put(replace(grants.connect(), refreshing_since=grants.clock.now()))
    grants.expire()
    assert grants.asker(grants.stored())() == OWNER.user_id
    assert grants.stored().refreshing_since is None


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_without_a_refresh_token_access_ends(grants: Grants, how: str) -> None:
    login = grants.connect(scopes=("tweet.read", "users.read"))
    if how == "expired":
        grants.expire()
    grants.sandbox.revoke(login.access_token)
    said = refusal(grants.asker(login))
    assert "the scope 'offline.access' was not granted" in said
    assert said.endswith(RECONNECT)
    assert TOKEN not in grants.asked
    assert grants.stored() == login


def test_an_app_that_x_does_not_know_is_told(grants: Grants) -> None:
    login = replace(grants.connect(), client_secret="another")
    grants.store.put(login)
    grants.expire()
    said = refusal(grants.asker(login))
    assert said == f"X does not know the app that refreshes login 'brand'; {RECONNECT}"
    assert grants.stored() == login


def test_a_login_that_was_removed_stays_so(grants: Grants) -> None:
    login = grants.connect()
    grants.expire()
    grants.store.remove("brand")
    assert "was removed or given to another account" in refusal(grants.asker(login))
    assert grants.asked == grants.store.names() == []


def test_a_name_that_was_given_to_another_account_is_not_mixed_up(grants: Grants) -> None:
    login = grants.connect()
    grants.connect(user_id=SECOND_USER.user_id)
    grants.expire()
    assert "was removed or given to another account" in refusal(grants.asker(login))
    assert grants.asked == []


def refreshed(grants: Grants, answer: Mapping[str, Any]) -> Login:
    """What a login becomes by an answer of X."""
    source = LoginSource(grants.connect(), grants.store, "auth")
    refresher = Refresher(source, "", lambda *_: dict(answer), grants.clock)
    return refresher.renewed(source.login.access_token)


@pytest.mark.parametrize(
    "answer",
    [{}, {"access_token": ""}, {"access_token": 1}, {"access_token": "a", "refresh_token": 1}],
    ids=str,
)
def test_an_answer_without_tokens_is_told(grants: Grants, answer: Mapping[str, Any]) -> None:
    said = refusal(lambda: refreshed(grants, answer))
    assert "contains no tokens; check 'api.oauth_url'" in said
    assert grants.stored().refreshing_since is not None


@pytest.mark.parametrize(
    ("seconds", "hours"),
    [(7200, 2), (None, None), ("7200", None), (10**30, 365 * 24), (-(10**30), 0)],
    ids=str,
)
def test_no_odd_lifetime_spoils_a_refresh(
    grants: Grants, seconds: object, hours: int | None
) -> None:
    login = refreshed(grants, {"access_token": "new", "expires_in": seconds})
    assert login == grants.stored()
    assert login.refresh_token
    assert login.scopes
    left = login.expires_at and login.expires_at - grants.clock.now()
    assert (left and round(left / timedelta(hours=1))) == hours


class TestSeed:
    """A refresh token in the settings."""

    def seed(self, grants: Grants, app: Any = CLIENT) -> str:
        seed: str = seed_auth(grants.sandbox, app=app)["refresh_token"]
        return seed

    def login(self, store: TokenStore, seed: str, app: Any = CLIENT) -> Login:
        return seeded_login(store, app.client_id, app.client_secret, seed)

    @pytest.mark.parametrize("app", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
    def test_is_spent_once_and_its_successors_are_kept(self, grants: Grants, app: Any) -> None:
        seed = self.seed(grants, app)
        for _ in range(3):
            assert grants.asker(self.login(grants.store, seed, app))() == OWNER.user_id
            grants.expire()
        assert grants.asked == [TOKEN, ME] * 3
        (kept,) = grants.store.logins()
        assert is_seeded(kept)
        assert seed not in kept.name
        assert kept.scopes == set(SCOPES)

    def test_writes_nothing_before_it_is_needed(self, grants: Grants) -> None:
        login = self.login(grants.store, self.seed(grants))
        credential = oauth2_credential(login, grants.store, "", lambda *_: {})
        assert (credential.user_id, credential.scopes) == (None, None)
        assert grants.store.names() == []

    def test_another_one_begins_another_login(self, grants: Grants) -> None:
        seeds = [self.seed(grants), self.seed(grants)]
        for seed in seeds * 2:
            assert grants.asker(self.login(grants.store, seed))() == OWNER.user_id
        assert grants.asked.count(TOKEN) == len(grants.store.names()) == 2

    def test_that_is_spent_elsewhere_is_told_with_its_setting(self, grants: Grants) -> None:
        seed = self.seed(grants)
        grants.sandbox.revoke(seed)
        said = refusal(grants.asker(self.login(grants.store, seed), "accounts[1].auth"))
        assert "X no longer accepts the refresh token of login 'refresh token of client " in said
        assert (
            "set 'accounts[1].auth.refresh_token', and keep the file of 'auth.token_store'" in said
        )

    def test_takes_the_client_from_the_settings(self, grants: Grants) -> None:
        seed = self.seed(grants)
        wrong = replace(self.login(grants.store, seed), client_secret="wrong")
        said = refusal(grants.asker(wrong))
        assert said.endswith("check 'auth.client_id' and 'auth.client_secret'.")
        assert grants.asker(self.login(grants.store, seed))() == OWNER.user_id


def test_a_tap_reads_by_a_refresh_token_and_runs_again(grants: Grants, tmp_path: Path) -> None:
    ids = grants.sandbox.world.sample_ids(3, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    path = tmp_path / "private" / "tokens.json"
    auth = {**seed_auth(grants.sandbox), "token_store": str(path)}
    for _ in range(2):
        records = run_tap(tap_config(grants.sandbox, tmp_path, auth=auth)).records
        assert [record["requested_id"] for record in records] == sorted(ids, key=int)
        (kept,) = grants.store.logins()
        grants.sandbox.revoke(kept.access_token)
    assert grants.asked == [TOKEN, "/2/users", "/2/users", TOKEN, "/2/users"]


@pytest.mark.parametrize(
    "kind", ["answer_lost", "forbidden", "service_unavailable", "truncated_json", "unauthorized"]
)
def test_nothing_secret_is_told(
    grants: Grants, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    login = grants.connect()
    grants.expire()
    grants.sandbox.faults.add(kind, path=TOKEN, count=None)
    with pytest.raises(TapError) as raised:
        grants.asker(login)()
    told = caplog.text + "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    stored = grants.stored()
    for secret in (
        login.access_token,
        login.refresh_token,
        CLIENT.client_secret,
        stored.access_token,
    ):
        assert secret
        assert secret not in told
