"""What belongs to a question for consent, and what does not; the rest is tested with a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.grants import Binding
from sandbox.x.oauth2_token import fits
from tap_twitter.auth.oauth1_consent import ConsumerApp, OAuth1Consent
from tap_twitter.auth.oauth2_consent import ClientApp, OAuth2Consent
from tap_twitter.clock import SystemClock
from tap_twitter.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.auth.consent import Consent

CALLBACK = "http://127.0.0.1:8481/callback"
ANSWERS = st.dictionaries(
    st.sampled_from(["state", "code", "error", "oauth_token", "oauth_verifier", "denied"]),
    st.text(),
)


def oauth1(answer: Mapping[str, str] | None = None) -> OAuth1Consent:
    app = ConsumerApp("key", "app-secret")
    return OAuth1Consent(app, "https://x", lambda *_: answer or {}, "token", "request-secret")


def oauth2(answer: dict[str, Any] | None = None) -> OAuth2Consent:
    return OAuth2Consent(
        ClientApp("client", "app-secret"),
        "https://x/authorize",
        "https://x",
        CALLBACK,
        ("tweet.read", "users.read"),
        lambda *_: answer or {},
        SystemClock(),
    )


@given(ANSWERS)
def test_nobody_can_guess_an_answer(query: dict[str, str]) -> None:
    assert not oauth2().owns(query)
    assert not oauth1().owns(query)


def test_an_answer_is_known_by_what_the_question_sent() -> None:
    consent = oauth2()
    asked = parse_qs(urlsplit(consent.address).query)
    assert consent.owns({"state": asked["state"][0], "code": "anything"})
    assert oauth1().owns({"oauth_token": "token", "oauth_verifier": "anything"})
    assert oauth1().owns({"denied": "token"})


def test_every_question_is_another_one() -> None:
    consents = [oauth2() for _ in range(50)]
    assert len({consent.state for consent in consents}) == 50
    assert len({consent.verifier for consent in consents}) == 50
    assert all(len(consent.state) >= 43 for consent in consents)


def test_the_verifier_fits_the_challenge() -> None:
    consent = oauth2()
    (challenge,) = parse_qs(urlsplit(consent.address).query)["code_challenge"]
    assert fits(Binding(CALLBACK, challenge, "S256"), consent.verifier)
    assert consent.verifier not in consent.address


def test_no_secret_is_shown() -> None:
    for consent in (oauth1(), oauth2()):
        assert "secret" not in repr(consent).replace("consumer_secret", "")
    assert oauth2().verifier not in repr(oauth2())


@pytest.mark.parametrize(
    ("consent", "query"),
    [
        (oauth1({"oauth_token": "a"}), {"oauth_verifier": "v"}),
        (oauth2({"token_type": "bearer"}), {"code": "c"}),
        (oauth2({"access_token": 7}), {"code": "c"}),
    ],
    ids=["oauth1", "oauth2", "number"],
)
def test_an_answer_without_tokens(consent: Consent, query: dict[str, str]) -> None:
    with pytest.raises(AuthError, match="X answered without tokens"):
        consent.login(query)


REASONS = {
    "access_denied": "Access was denied at X",
    "invalid_scope": "choose others with --scope",
    "unauthorized_client": "turn on user authentication",
    "anything": "neither a code nor a known reason",
    "": "neither a code nor a known reason",
}


@pytest.mark.parametrize("error", REASONS)
def test_reasons_for_a_refusal(error: str) -> None:
    with pytest.raises(AuthError, match=REASONS[error]):
        oauth2().login({"state": "s", "error": error})
