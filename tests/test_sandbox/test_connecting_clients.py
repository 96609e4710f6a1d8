"""Independent clients get their tokens from the sandbox, and use them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1Session, OAuth2Session
from test_sandbox.consenting import Page, press
from test_sandbox.routes import routed

from sandbox.credentials import APP, CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER

if TYPE_CHECKING:
    from contextlib import ExitStack

    from sandbox import Sandbox
    from sandbox.credentials import Client

CALLBACK = "http://127.0.0.1:8481/callback"
SCOPES = ["tweet.read", "users.read", "offline.access"]


@pytest.fixture
def browser(sandbox: Sandbox, stack: ExitStack) -> requests.Session:
    return routed(sandbox, stack, requests.Session())


class LocalHandler(tweepy.OAuth1UserHandler):  # type: ignore[misc]  # tweepy is untyped
    """tweepy's own flow; it makes sessions on the way, which only their address can lead here."""

    url = ""

    def _get_oauth_url(self, endpoint: str) -> str:
        return f"{self.url}/oauth/{endpoint}"


@pytest.mark.parametrize("callback", ["oob", CALLBACK], ids=["pin", "callback"])
@pytest.mark.parametrize("sign_in", [False, True], ids=["authorize", "authenticate"])
def test_tweepy_connects_with_signatures(
    sandbox: Sandbox, stack: ExitStack, browser: requests.Session, callback: str, sign_in: bool
) -> None:
    handler = LocalHandler(APP.consumer_key, APP.consumer_secret, callback=callback)
    handler.url = sandbox.url
    answer = press(browser, handler.get_authorization_url(signin_with_twitter=sign_in))
    location = urlsplit(answer.headers.get("location", ""))
    returned = dict(parse_qsl(location.query)).get("oauth_verifier")
    token, secret = handler.get_access_token(returned or Page(answer.text).texts["pin"])

    reader = tweepy.Client(None, APP.consumer_key, APP.consumer_secret, token, secret)
    routed(sandbox, stack, reader.session)
    assert reader.get_me().data.id == int(OWNER.user_id)


def test_requests_oauthlib_connects_by_callback(
    sandbox: Sandbox, stack: ExitStack, browser: requests.Session
) -> None:
    session = OAuth1Session(
        APP.consumer_key, client_secret=APP.consumer_secret, callback_uri=CALLBACK
    )
    routed(sandbox, stack, session)
    session.fetch_request_token("https://api.x.com/oauth/request_token")
    url = session.authorization_url("https://api.x.com/oauth/authorize")
    back = press(browser, url, user_id=SECOND_USER.user_id).headers["location"]
    session.parse_authorization_response(back)
    access = session.fetch_access_token("https://api.x.com/oauth/access_token")

    assert access["screen_name"] == "harbour_books"
    answer = session.get("https://api.x.com/2/users/me", timeout=10)
    assert answer.json()["data"]["id"] == SECOND_USER.user_id


@pytest.mark.parametrize("client", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
def test_tweepy_connects_with_pkce(
    sandbox: Sandbox, stack: ExitStack, browser: requests.Session, client: Client
) -> None:
    handler = tweepy.OAuth2UserHandler(
        client_id=client.client_id,
        client_secret=client.client_secret,
        redirect_uri=CALLBACK,
        scope=SCOPES,
    )
    routed(sandbox, stack, handler)
    back = press(browser, handler.get_authorization_url()).headers["location"]
    tokens = handler.fetch_token(back.replace("http://", "https://"))

    reader = tweepy.Client(tokens["access_token"])
    routed(sandbox, stack, reader.session)
    assert reader.get_me(user_auth=False).data.username == "NorthwindTea"


@pytest.mark.parametrize("client", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
def test_requests_oauthlib_connects_with_pkce_and_refreshes(
    sandbox: Sandbox, stack: ExitStack, browser: requests.Session, client: Client
) -> None:
    session = OAuth2Session(client.client_id, redirect_uri=CALLBACK, scope=SCOPES, pkce="S256")
    routed(sandbox, stack, session)
    url, state = session.authorization_url("https://x.com/i/oauth2/authorize")
    back = press(browser, url).headers["location"]
    public = client.client_secret is None
    auth = None if public else (client.client_id, client.client_secret)
    first = session.fetch_token(
        "https://api.x.com/2/oauth2/token",
        authorization_response=back.replace("http://", "https://"),
        include_client_id=public,
        auth=auth,
    )
    named = {"client_id": client.client_id} if public else {}
    second = session.refresh_token("https://api.x.com/2/oauth2/token", auth=auth, **named)

    assert f"state={state}" in back
    assert second["refresh_token"] != first["refresh_token"]
    assert session.get("https://api.x.com/2/users/me", timeout=10).status_code == 200


def test_xs_own_site_serves_its_consent_page_alone(browser: requests.Session) -> None:
    assert browser.get("https://x.com/2/users/me", timeout=10).status_code == 421
    assert browser.get("https://x.com/i/oauth2/authorize", timeout=10).status_code == 400
