"""X's own SDK against the sandbox, with the start of problem types that it insists on."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
import requests
import xdk
from test_sandbox.consenting import press
from test_sandbox.routes import routed
from xdk import oauth1_auth, oauth2_auth
from xdk.oauth1_auth import OAuth1

from sandbox.credentials import APP, CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER

if TYPE_CHECKING:
    from contextlib import ExitStack

    from sandbox import Sandbox
    from sandbox.credentials import Client

CALLBACK = "http://127.0.0.1:8481/callback"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"problem_base": "https://api.x.com/2/problems/", "default_vocabulary": "post"}


@pytest.fixture
def browser(sandbox: Sandbox, stack: ExitStack) -> requests.Session:
    return routed(sandbox, stack, requests.Session())


def reader(sandbox: Sandbox, stack: ExitStack, **settings: Any) -> xdk.Client:
    client = xdk.Client(**settings)
    routed(sandbox, stack, client.session)
    return client


def test_xdk_reads_users_with_the_errors_of_those_it_does_not_get(
    sandbox: Sandbox, stack: ExitStack
) -> None:
    client = reader(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    missing = {
        status: sandbox.world.sample_ids(1, status=status)[0]
        for status in ("suspended", "not_found", "protected")
    }
    model = client.users.get_by_ids(
        ids=["12", *missing.values()], user_fields=["created_at", "public_metrics"]
    )
    answer = model.model_dump(mode="json")
    (user,) = answer["data"]
    assert (user["username"], user["created_at"][:10]) == ("founder", "2006-03-21")
    assert user["public_metrics"]["post_count"] > 0
    assert {error["value"] for error in answer["errors"]} == set(missing.values())


def test_xdk_reads_a_timeline_page_by_page(sandbox: Sandbox, stack: ExitStack) -> None:
    client = reader(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    pages = islice(client.users.get_posts(OWNER.user_id, max_results=50), 3)
    read = [post.id for page in pages for post in page.data]
    assert read == [post["id"] for post in islice(sandbox.world.timeline(OWNER.user_id), 150)]


def test_xdk_connects_with_signatures(
    sandbox: Sandbox,
    stack: ExitStack,
    browser: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(oauth1_auth, "requests", browser)
    flow = OAuth1(APP.consumer_key, APP.consumer_secret, CALLBACK)
    page = flow.start_oauth_flow().replace("https://x.com/", "https://api.x.com/")
    back = press(browser, page, user_id=SECOND_USER.user_id).headers["location"]
    access = flow.get_access_token(back.partition("oauth_verifier=")[2])

    signed = OAuth1(
        APP.consumer_key,
        APP.consumer_secret,
        CALLBACK,
        access.access_token,
        access.access_token_secret,
    )
    client = reader(sandbox, stack, auth=signed)
    assert client.users.get_me().data.id == SECOND_USER.user_id


@pytest.mark.parametrize("app", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
def test_xdk_connects_with_pkce(
    sandbox: Sandbox,
    stack: ExitStack,
    browser: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
    app: Client,
) -> None:
    monkeypatch.setattr(oauth2_auth, "requests", browser)
    client = reader(
        sandbox,
        stack,
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=CALLBACK,
        scope=["tweet.read", "users.read", "offline.access"],
    )
    back = press(browser, client.get_authorization_url()).headers["location"]
    code = dict(part.split("=") for part in back.partition("?")[2].split("&"))["code"]
    tokens = client.oauth2_auth.exchange_code(code)
    assert client.oauth2_auth.token["refresh_token"]
    user = reader(sandbox, stack, access_token=tokens["access_token"]).users.get_me().data
    assert user.username == "NorthwindTea"
