"""Askers of the Ads API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from requests_oauthlib import OAuth1Session

from sandbox.credentials import APP, OWNER

if TYPE_CHECKING:
    from contextlib import ExitStack

    import requests

    from sandbox import Sandbox
    from sandbox.ads.accounts import AdsAccount
    from sandbox.credentials import UserToken

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATS: dict[str, Any] = {
    "entity": "ORGANIC_TWEET",
    "granularity": "DAY",
    "metric_groups": "ENGAGEMENT,VIDEO",
    "placement": "ALL_ON_TWITTER",
}


class AskAds(Protocol):
    """Asks the Ads API, signed by a user: `ask("accounts", count="2")`."""

    def __call__(
        self, path: str, method: str = "GET", token: UserToken = OWNER, **params: Any
    ) -> requests.Response: ...


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


@pytest.fixture
def ask(sandbox: Sandbox, stack: ExitStack) -> AskAds:
    sessions: dict[str, OAuth1Session] = {}

    def send(
        path: str, method: str = "GET", token: UserToken = OWNER, **params: Any
    ) -> requests.Response:
        if token.access_token not in sessions:
            keys = (token.access_token, token.access_token_secret)
            session = OAuth1Session(APP.consumer_key, APP.consumer_secret, *keys)
            sessions[token.access_token] = stack.enter_context(session)
        url = f"{sandbox.url}/12/{path}"
        answer: requests.Response = sessions[token.access_token].request(
            method, url, params=params, timeout=20
        )
        return answer

    return send


def all_pages(ask: AskAds, path: str, **params: Any) -> list[dict[str, Any]]:
    """Everything on all pages of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = ask(path, **params, **cursor).json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def codes(answer: requests.Response) -> list[tuple[str, str | None]]:
    """What an answer refuses: codes, and parameters at fault."""
    return [(error["code"], error.get("parameter")) for error in answer.json()["errors"]]


def stats(ask: AskAds, account: AdsAccount, **params: Any) -> dict[str, Any]:
    """What synchronous stats answer."""
    answer = ask(f"stats/accounts/{account.id}", **{**STATS, **params})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def metrics(body: dict[str, Any], place: int = 0) -> dict[str, list[int] | None]:
    """The numbers of one post of such an answer, by metric."""
    return dict(body["data"][place]["id_data"][0]["metrics"])


def organic(ask: AskAds, account: AdsAccount) -> list[dict[str, Any]]:
    """An account's own posts, newest first."""
    path = f"accounts/{account.id}/tweets"
    return all_pages(ask, path, tweet_type="PUBLISHED", timeline_type="ORGANIC")
