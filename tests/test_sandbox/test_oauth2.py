from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests_oauthlib import OAuth1

from sandbox.credentials import APP, OWNER, SECOND_USER

if TYPE_CHECKING:
    from sandbox import Sandbox
    from sandbox.credentials import UserToken

FORM = "application/x-www-form-urlencoded"
PAIR = f"{APP.consumer_key}:{APP.consumer_secret}"


def basic(pair: str = PAIR, scheme: str = "Basic") -> str:
    return f"{scheme} {b64encode(pair.encode()).decode()}"


def post(
    sandbox: Sandbox,
    path: str = "/oauth2/token",
    *,
    authorization: str | None = None,
    content_type: str = f"{FORM};charset=UTF-8",
    body: str = "grant_type=client_credentials",
) -> requests.Response:
    headers = {"Authorization": authorization or basic(), "Content-Type": content_type}
    return requests.post(sandbox.url + path, data=body, headers=headers, timeout=10)


def as_app(sandbox: Sandbox, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.url}/2/users?ids=12", headers=headers, timeout=10).status_code


@pytest.mark.parametrize("content_type", [FORM, f"{FORM};charset=UTF-8", f"{FORM}; charset=utf-8"])
def test_the_consumer_pair_buys_a_token_that_works(sandbox: Sandbox, content_type: str) -> None:
    answer = post(sandbox, content_type=content_type)

    assert answer.status_code == 200
    assert answer.json().keys() == {"token_type", "access_token"}
    assert answer.json()["token_type"] == "bearer"
    assert as_app(sandbox, answer.json()["access_token"]) == 200


def test_the_pair_may_be_url_encoded(sandbox: Sandbox) -> None:
    encoded = PAIR.replace("C", "%43")
    assert post(sandbox, authorization=basic(encoded)).status_code == 200


REFUSED: dict[str, dict[str, Any]] = {
    "wrong-secret": {"authorization": basic(PAIR + "x")},
    "wrong-key": {"authorization": basic("x" + PAIR)},
    "not-base64": {"authorization": "Basic ???"},
    "not-ascii": {"authorization": basic("ключ:секрет")},
    "bearer": {"authorization": basic(scheme="Bearer")},
    "no-grant": {"body": ""},
    "other-grant": {"body": "grant_type=password"},
    "grant-twice": {"body": "grant_type=client_credentials&grant_type=client_credentials"},
    "json": {"content_type": "application/json", "body": '{"grant_type": "client_credentials"}'},
    "form-called-text": {"content_type": "text/plain"},
    "latin-1": {"content_type": f"{FORM};charset=ISO-8859-1"},
}


@pytest.mark.parametrize("request_parts", REFUSED.values(), ids=REFUSED)
def test_anything_else_gets_code_99(sandbox: Sandbox, request_parts: dict[str, Any]) -> None:
    answer = post(sandbox, **request_parts)
    assert answer.status_code == 403
    assert answer.json() == {
        "errors": [
            {
                "code": 99,
                "label": "authenticity_token_error",
                "message": "Unable to verify your credentials",
            }
        ]
    }


def test_the_token_stays_the_same_until_it_is_invalidated(sandbox: Sandbox) -> None:
    first, second = (post(sandbox).json()["access_token"] for _ in range(2))
    invalidated = post(sandbox, "/oauth2/invalidate_token", body=f"access_token={quoted(first)}")
    third = post(sandbox).json()["access_token"]

    assert first == second != third
    assert invalidated.json() == {"access_token": first}
    assert (as_app(sandbox, first), as_app(sandbox, third)) == (401, 200)


@pytest.mark.parametrize(
    ("token", "status"), [(OWNER, 200), (SECOND_USER, 403)], ids=["owner", "second"]
)
def test_the_owner_can_invalidate_with_a_signature(
    sandbox: Sandbox, token: UserToken, status: int
) -> None:
    signature = OAuth1(
        APP.consumer_key, APP.consumer_secret, token.access_token, token.access_token_secret
    )
    bearer = sandbox.tokens.app_only()
    answer = requests.post(
        f"{sandbox.url}/oauth2/invalidate_token",
        data={"access_token": bearer},
        auth=signature,
        timeout=10,
    )
    assert answer.status_code == status
    assert as_app(sandbox, bearer) == (401 if status == 200 else 200)


def test_an_unknown_token_cannot_be_invalidated(sandbox: Sandbox) -> None:
    assert post(sandbox, "/oauth2/invalidate_token", body="access_token=AAAA").status_code == 403


def quoted(token: str) -> str:
    return token.replace("%", "%25")
