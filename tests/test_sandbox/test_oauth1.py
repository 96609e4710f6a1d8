from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_PLAINTEXT, Client

from sandbox.credentials import APP, OWNER
from sandbox.tokens import Tokens
from sandbox.x.oauth1 import OAuth1, SignedRequest, check_signature
from sandbox.x.problems import Problem

if TYPE_CHECKING:
    from test_sandbox.asking import Asking, Start

    from sandbox import Sandbox

# the example of https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
EXAMPLE_SECRETS = (
    "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
)


def example(
    *,
    method: str = "POST",
    uri: str = "https://api.x.com/1.1/statuses/update.json?include_entities=true",
    body: str = "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21",
    content_type: str = "application/x-www-form-urlencoded",
    signature: str = "Ls93hJiZbQ3akF3HF3x1Bz8/zU4=",
    algorithm: str = "HMAC-SHA1",
    more: str = "",
) -> SignedRequest:
    authorization = (
        'OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", '
        'oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", '
        f'oauth_signature="{quote(signature, safe="")}", '
        f'oauth_signature_method="{algorithm}", oauth_timestamp="1318622958", '
        'oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", '
        f'oauth_version="1.0"{more}'
    )
    return SignedRequest(method, uri, authorization, content_type, body)


def code(problem: pytest.ExceptionInfo[Problem]) -> int:
    number: int = problem.value.body["errors"][0]["code"]
    return number


def test_the_signature_of_xs_own_example_is_accepted() -> None:
    check_signature(example(), *EXAMPLE_SECRETS)


FORGED: dict[str, dict[str, Any]] = {
    "other-signature": {"signature": "Ls93hJiZbQ3akF3HF3x1Bz8/zU5="},
    "other-method": {"method": "GET"},
    "other-host": {"uri": "https://api.twitter.com/1.1/statuses/update.json?include_entities=true"},
    "other-scheme": {"uri": "http://api.x.com/1.1/statuses/update.json?include_entities=true"},
    "other-path": {"uri": "https://api.x.com/1.1/statuses/updates.json?include_entities=true"},
    "other-query": {"uri": "https://api.x.com/1.1/statuses/update.json?include_entities=false"},
    "other-form": {"body": "status=Bye"},
    "form-not-declared": {"content_type": "text/plain"},
    "other-algorithm": {"algorithm": "HMAC-SHA256"},
    "more-oauth": {"more": ', oauth_callback="oob"'},
    "repeated-oauth": {"more": ', oauth_version="1.0"'},
    "unreadable-query": {"uri": "https://api.x.com/1.1/statuses/update.json?a=<b>"},
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_whatever_was_changed_after_signing_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refusal:
        check_signature(example(**change), *EXAMPLE_SECRETS)
    assert (refusal.value.status, code(refusal)) == (401, 32)


def signed(
    *, uri: str = "https://api.x.com/2/users/me", app_key: str = APP.consumer_key, **changes: Any
) -> SignedRequest:
    settings = {
        "client_secret": APP.consumer_secret,
        "resource_owner_key": OWNER.access_token,
        "resource_owner_secret": OWNER.access_token_secret,
        **changes,
    }
    uri, headers, _ = Client(app_key, **settings).sign(uri)
    return SignedRequest("GET", uri, headers["Authorization"])


@pytest.fixture
def verifier() -> OAuth1:
    return OAuth1(Tokens(seed=1))


def test_a_signed_request_names_its_user(verifier: OAuth1) -> None:
    credential = verifier.verify(signed())
    assert (credential.kind, credential.user_id) == ("oauth1", OWNER.user_id)
    assert credential.access_level == "read-write-directmessages"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, 32),
        ({"resource_owner_secret": "wrong"}, 32),
        ({"app_key": "wrong"}, 32),
        ({"resource_owner_key": f"{OWNER.user_id}-wrong"}, 89),
        ({"resource_owner_key": None}, 32),
        ({"timestamp": str(int(time.time()) - 10_000)}, 135),
        ({"timestamp": str(int(time.time()) + 10_000)}, 135),
        ({"timestamp": "yesterday"}, 135),
        ({"signature_method": SIGNATURE_HMAC_SHA256}, 32),
        ({"signature_method": SIGNATURE_PLAINTEXT}, 32),
        ({"uri": "https://api.x.com/2/users?ids=1&ids=2"}, 32),
    ],
    ids=[
        "consumer-secret",
        "token-secret",
        "consumer-key",
        "token",
        "no-token",
        "late",
        "early",
        "no-number",
        "sha256",
        "plaintext",
        "repeated-parameter",
    ],
)
def test_each_reason_has_its_code(verifier: OAuth1, changes: dict[str, Any], expected: int) -> None:
    with pytest.raises(Problem) as refusal:
        verifier.verify(signed(**changes))
    assert (refusal.value.status, code(refusal)) == (401, expected)


def test_a_nonce_serves_once(verifier: OAuth1) -> None:
    verifier.verify(signed(nonce="once"))
    with pytest.raises(Problem) as refusal:
        verifier.verify(signed(nonce="once"))
    assert code(refusal) == 32


def test_nonces_are_forgotten_when_their_timestamps_are_refused_anyway() -> None:
    now = 1_000_000.0
    verifier = OAuth1(Tokens(seed=1), lambda: now)
    for _ in range(3):
        for number in range(5):
            verifier.verify(signed(nonce=f"{now}:{number}", timestamp=str(int(now))))
        now += 1000
    assert len(verifier._nonces) == 5


@pytest.mark.parametrize("seconds", [-301, -299, 299, 301])
def test_timestamps_may_be_five_minutes_off(seconds: int) -> None:
    verifier = OAuth1(Tokens(seed=1), lambda: 1_000_000.0)
    request = signed(timestamp=str(1_000_000 + seconds))
    if abs(seconds) <= 300:
        assert verifier.verify(request).user_id == OWNER.user_id
    else:
        with pytest.raises(Problem):
            verifier.verify(request)


AUTHORIZATIONS = {
    "none": {},
    "empty": {"Authorization": ""},
    "unknown-bearer": {"Authorization": "Bearer AAAA"},
    "basic": {"Authorization": "Basic AAAA"},
    "oauth-alone": {"Authorization": "OAuth"},
    "oauth-garbage": {"Authorization": "OAuth oauth_token"},
    "oauth-incomplete": {"Authorization": 'OAuth oauth_consumer_key="a"'},
}


@pytest.mark.parametrize("headers", AUTHORIZATIONS.values(), ids=AUTHORIZATIONS)
def test_without_valid_authorization_nothing_is_answered_or_counted(
    sandbox: Sandbox, headers: dict[str, str]
) -> None:
    answer = requests.get(f"{sandbox.url}/2/users?ids=12", headers=headers, timeout=10)

    assert answer.status_code == 401
    assert answer.json() == {
        "title": "Unauthorized",
        "type": "about:blank",
        "status": 401,
        "detail": "Unauthorized",
    }
    assert "x-rate-limit-limit" not in answer.headers
    assert sandbox.requests[-1].credential == "none"


def test_codes_can_be_answered_instead_of_the_problem(start: Start, asking: Asking) -> None:
    sandbox = start(unauthorized_body="codes")
    ask = asking.user(sandbox)
    sandbox.tokens.revoke(OWNER.access_token)
    answer = ask("/2/users/me")
    assert answer.status_code == 401
    assert answer.json() == {"errors": [{"code": 89, "message": "Invalid or expired token."}]}


def test_a_revoked_token_fails_until_the_reset(sandbox: Sandbox, asking: Asking) -> None:
    ask = asking.user(sandbox)
    sandbox.tokens.revoke(OWNER.access_token)
    refused = ask("/2/users/me").status_code
    sandbox.reset()
    assert (refused, ask("/2/users/me").status_code) == (401, 200)


@pytest.mark.parametrize(
    ("oauth_clock", "status"), [("real", 200), ("sandbox", 401)], ids=["real", "sandbox"]
)
def test_timestamps_are_compared_with_the_clock_that_was_chosen(
    start: Start, asking: Asking, oauth_clock: str, status: int
) -> None:
    elsewhen = datetime(2024, 5, 1, tzinfo=UTC)
    sandbox = start(clock_start=elsewhen, oauth_clock=oauth_clock)
    assert asking.user(sandbox)("/2/users/me").status_code == status
