"""What the Ads API refuses, how it counts, and how it is steered over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests_oauthlib import OAuth1
from test_sandbox.ads.conftest import STATS, AskAds, codes

from sandbox.ads.accounts import HARBOUR, NORTHWIND, STRANGERS
from sandbox.credentials import APP, CLIENT, OWNER, SECOND_USER
from sandbox.grants import Grant

if TYPE_CHECKING:
    from sandbox import Sandbox

TWEETS = f"accounts/{NORTHWIND.id}/tweets"
PUBLISHED: dict[str, Any] = {"tweet_type": "PUBLISHED"}


def raw(
    sandbox: Sandbox, path: str, host: str | None = None, secret: str = OWNER.access_token_secret
) -> requests.Response:
    """A signed request whose query is sent to the letter, perhaps to one of X's hosts."""
    keys = (APP.consumer_key, APP.consumer_secret, OWNER.access_token, secret)
    url = sandbox.url if host is None else f"https://{host}"
    signed = requests.Request("GET", url + path, auth=OAuth1(*keys)).prepare()
    if host is not None:
        signed.headers.update({"Host": host, "X-Forwarded-Proto": "https"})
        signed.url = sandbox.url + path
    else:
        signed.url = url + path
    with requests.Session() as session:
        return session.send(signed, timeout=10)


@pytest.mark.parametrize("version", ["11", "12"])
@pytest.mark.parametrize(
    "host",
    [
        "ads-api.x.com",
        "ads-api.twitter.com",
        "ads-api-sandbox.x.com",
        "ads-api-sandbox.twitter.com",
    ],
)
def test_every_host_and_version_is_served(sandbox: Sandbox, host: str, version: str) -> None:
    answer = raw(sandbox, f"/{version}/accounts", host)
    assert (answer.status_code, answer.headers["x-current-api-version"]) == (200, "12")


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/10/accounts", None),
        ("/12/campaigns", None),
        ("/12/accounts", "api.x.com"),
        ("/12/accounts", "ton.twimg.com"),
    ],
)
def test_nothing_else_is(sandbox: Sandbox, path: str, host: str | None) -> None:
    answer = raw(sandbox, path, host)
    assert (answer.status_code, codes(answer)) == (404, [("ROUTE_NOT_FOUND", None)])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"account_ids={NORTHWIND.id}%2C{HARBOUR.id}", 200),
        (f"account_ids={NORTHWIND.id},{HARBOUR.id}", 401),
        ("q=a%3Ab", 200),
        ("q=a:b", 401),
        ("q=a&q=b", 401),
    ],
)
def test_commas_and_colons_have_to_be_encoded(sandbox: Sandbox, query: str, status: int) -> None:
    answer = raw(sandbox, f"/12/accounts?{query}")
    assert answer.status_code == status
    if status == 401:
        assert codes(answer) == [("UNAUTHORIZED_ACCESS", None)]


def test_a_wrong_signature_is_refused(sandbox: Sandbox) -> None:
    answer = raw(sandbox, "/12/accounts", secret="wrong")
    assert (answer.status_code, codes(answer)) == (401, [("UNAUTHORIZED_ACCESS", None)])


@pytest.mark.parametrize(
    ("scopes", "is_taken", "status"),
    [(("ads.read",), True, 200), (("ads.read",), False, 401), (("users.read",), True, 401)],
)
def test_bearer_tokens_are_taken_by_a_switch(
    sandbox: Sandbox, scopes: tuple[str, ...], status: int, *, is_taken: bool
) -> None:
    sandbox.ads.set(oauth2=is_taken)
    granted = sandbox.grants.issue(Grant(CLIENT.client_id, OWNER.user_id, scopes)).access_token
    for token, expected in ((granted, status), (sandbox.tokens.app_only(), 401)):
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{sandbox.url}/12/accounts", headers=headers, timeout=10)
        assert answer.status_code == expected


@pytest.mark.parametrize(
    ("access", "reading", "counting"), [("analytics", 403, 200), ("none", 403, 403)]
)
def test_apps_need_access(
    sandbox: Sandbox, ask: AskAds, access: str, reading: int, counting: int
) -> None:
    sandbox.ads.set(app_access=access)
    read = ask(TWEETS, **PUBLISHED)
    assert (read.status_code, codes(read)) == (reading, [("UNAUTHORIZED_CLIENT_APPLICATION", None)])
    span: dict[str, Any] = {"start_time": "2026-11-01", "end_time": "2026-11-02", "entity_ids": "1"}
    assert ask(f"stats/accounts/{NORTHWIND.id}", **STATS, **span).status_code == counting


def test_suspended_users_and_foreign_accounts_are_refused(sandbox: Sandbox, ask: AskAds) -> None:
    for account_id in (STRANGERS.id, "nonsense"):
        answer = ask(f"accounts/{account_id}/cards")
        assert (answer.status_code, codes(answer)) == (403, [("ACCOUNT_NOT_FOUND", None)])
    sandbox.world.set_status(SECOND_USER.user_id, "suspended")
    answer = ask("accounts", token=SECOND_USER)
    assert (answer.status_code, codes(answer)) == (403, [("CURRENT_USER_SUSPENDED", None)])


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        (TWEETS, {}, ("MISSING_PARAMETER", "tweet_type")),
        (TWEETS, {**PUBLISHED, "count": "0"}, ("INVALID_PARAMETER", "count")),
        (TWEETS, {**PUBLISHED, "count": "1001"}, ("INVALID_PARAMETER", "count")),
        (TWEETS, {**PUBLISHED, "timeline_type": "MINE"}, ("INVALID_PARAMETER", "timeline_type")),
        (TWEETS, {**PUBLISHED, "user_id": "12"}, ("INVALID_PARAMETER", "user_id")),
        (TWEETS, {**PUBLISHED, "cursor": "c-nonsense"}, ("INVALID_PARAMETER", "cursor")),
        (TWEETS, {**PUBLISHED, "max_results": "5"}, ("INVALID_PARAMETER", "max_results")),
        (f"accounts/{NORTHWIND.id}/cards", {"count": "201"}, ("INVALID_PARAMETER", "count")),
        ("accounts", {"sort_by": "size"}, ("INVALID_PARAMETER", "sort_by")),
        ("accounts", {"with_deleted": "1"}, ("INVALID_PARAMETER", "with_deleted")),
        ("accounts", {"with_total_count": "true", "cursor": "c-1"}, ("EXCLUSIVE_PARAMETERS", None)),
    ],
)
def test_wrong_parameters_are_named(
    ask: AskAds, path: str, params: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    answer = ask(path, **params)
    assert (answer.status_code, codes(answer)) == (400, [expected])


def test_a_cursor_holds_for_its_own_parameters_alone(sandbox: Sandbox, ask: AskAds) -> None:
    cursor = ask(TWEETS, **PUBLISHED, timeline_type="ORGANIC", count="2").json()["next_cursor"]
    other = ask(TWEETS, **PUBLISHED, timeline_type="ALL", count="2", cursor=cursor)
    assert codes(other) == [("INVALID_PARAMETER", "cursor")]
    same = {**PUBLISHED, "timeline_type": "ORGANIC", "count": "2", "cursor": cursor}
    assert ask(TWEETS, **same).status_code == 200
    sandbox.pages.kill()
    assert ask(TWEETS, **same).status_code == 400


def test_unknown_parameters_may_be_passed_over(sandbox: Sandbox, ask: AskAds) -> None:
    sandbox.ads.set(unknown_parameters="ignore")
    assert ask("accounts", nonsense="1").status_code == 200


def test_accounts_may_be_listed_five_times_in_a_window(sandbox: Sandbox, ask: AskAds) -> None:
    answers = [ask("accounts") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert codes(answers[-1]) == [("TOO_MANY_REQUESTS", None)]
    assert ask("accounts", token=SECOND_USER).status_code == 200
    reset = int(answers[-1].headers["x-rate-limit-reset"])
    sandbox.clock.advance(reset - sandbox.clock.timestamp())
    assert ask("accounts").status_code == 200


def test_one_accounts_window_stops_no_other(sandbox: Sandbox, ask: AskAds) -> None:
    sandbox.ads.limits.set("tweets", 2)
    answers = [ask(TWEETS, **PUBLISHED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    last = answers[-1].headers
    assert last["x-account-rate-limit-remaining"] == last["x-rate-limit-remaining"] == "0"
    other = ask(f"accounts/{HARBOUR.id}/tweets", **PUBLISHED)
    assert other.status_code == 200
    assert other.headers["x-account-rate-limit-remaining"] == "1"
    assert other.headers["x-rate-limit-remaining"] == "0"
    assert "x-account-rate-limit-limit" not in ask(f"accounts/{HARBOUR.id}").headers
    sandbox.ads.set(account_limits=False)
    refused = ask(f"accounts/{HARBOUR.id}/tweets", **PUBLISHED)
    assert (refused.status_code, "x-account-rate-limit-reset" in refused.headers) == (429, False)


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("rate_limited", 429, [("TOO_MANY_REQUESTS", None)]),
        ("rate_limited_code_88", 429, [(88, None)]),
        ("internal_error", 500, [("INTERNAL_ERROR", None)]),
        ("service_unavailable", 503, [("SERVICE_UNAVAILABLE", None)]),
        ("forbidden", 403, [("UNAUTHORIZED_CLIENT_APPLICATION", None)]),
        ("html", 503, None),
        ("empty_error", 503, None),
    ],
)
def test_faults_strike_in_words_of_the_ads_api(
    sandbox: Sandbox, ask: AskAds, kind: str, status: int, expected: Any
) -> None:
    sandbox.faults.add(kind, path="/12/accounts/*/tweets")
    answer = ask(TWEETS, **PUBLISHED)
    assert answer.status_code == status
    if expected is not None:
        assert codes(answer) == expected
    again = ask(TWEETS, **PUBLISHED).status_code
    assert again == (429 if kind.startswith("rate_limited") else 200)


def test_pages_may_be_short_or_empty(sandbox: Sandbox, ask: AskAds) -> None:
    organic = {**PUBLISHED, "timeline_type": "ORGANIC", "count": "4"}
    sandbox.faults.add("short_page")
    sandbox.faults.add("empty_page", nth=2)
    short, empty, whole = (ask(TWEETS, **organic).json() for _ in range(3))
    assert short["data"] == whole["data"][:2]
    assert (empty["data"], bool(empty["next_cursor"])) == ([], True)
    rest = ask(TWEETS, **organic, cursor=empty["next_cursor"]).json()
    assert rest["data"] == whole["data"]


def test_it_is_steered_over_http(sandbox: Sandbox, ask: AskAds) -> None:
    def steer(path: str, **body: Any) -> requests.Response:
        return requests.post(f"{sandbox.url}/sandbox/ads{path}", json=body, timeout=10)

    seen = requests.get(f"{sandbox.url}/sandbox/ads", timeout=10).json()
    card = next(each for each in seen["accounts"] if each["id"] == NORTHWIND.id)["cards"][0]
    steps = [
        steer("", single_card="list"),
        steer(
            "/accounts", user_id="12", timezone="Europe/Berlin", created_at="2026-01-01T00:00:00Z"
        ),
        steer("/accounts/change", id=NORTHWIND.id, name="Renamed"),
        steer("/accounts/grant", id=STRANGERS.id, user_id=OWNER.user_id, permissions=["ANALYST"]),
        steer("/creatives", id=card, name="changed"),
        steer("/limits", name="cards", limit=1),
        steer("/scheduled", account_id=NORTHWIND.id, text="soon", at="2026-12-01T00:00:00Z"),
    ]
    assert [step.status_code for step in steps] == [200] * len(steps)
    scheduled = steps[-1].json()["id"]
    assert steer("/scheduled/change", id=scheduled, text="later").status_code == 200
    path = f"accounts/{NORTHWIND.id}"
    assert ask(f"{path}/scheduled_tweets/{scheduled}").json()["data"]["text"] == "later"
    assert ask(path).json()["data"]["name"] == "Renamed"
    assert ask(f"accounts/{STRANGERS.id}").status_code == 200
    assert ask(f"{path}/cards/{card}").json()["data"][0]["name"] == "changed"
    assert ask(f"{path}/cards/{card}").status_code == 429

    given = {"author_id": OWNER.user_id, "text": "Long ago", "at": "2026-03-01T00:00:00Z"}
    made = requests.post(f"{sandbox.url}/sandbox/posts", json=given, timeout=10).json()["id"]
    given["at"] = "2026-03-01"
    assert not requests.post(f"{sandbox.url}/sandbox/posts", json=given, timeout=10).ok
    (post,) = ask(TWEETS, **PUBLISHED, timeline_type="ORGANIC", tweet_ids=made).json()["data"]
    assert post["created_at"] == "Sun Mar 01 00:00:00 +0000 2026"

    span: dict[str, Any] = {"start_time": "2026-11-01", "end_time": "2026-11-02", "entity_ids": "1"}
    job = ask(f"stats/jobs/{path}", "POST", **STATS, **span).json()["data"]["id"]
    assert steer("/jobs", id=job, status="FAILED").status_code == 200
    assert ask(f"stats/jobs/{path}").json()["data"][0]["status"] == "FAILED"
    for path, body in (
        ("", {"organic_stats": "maybe"}),
        ("", {"nonsense": 1}),
        ("/accounts/change", {"id": NORTHWIND.id, "timezone": "UTC"}),
        ("/accounts/change", {"id": "nonsense", "name": ""}),
        ("/jobs", {"id": job, "status": "DONE"}),
    ):
        assert "error" in steer(path, **body).json()
