"""What X has said is used up is not asked for again."""

from __future__ import annotations

import pytest
from requests.auth import HTTPBasicAuth

from tap_twitter.api.quota import QuotaGuard
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.cost.ledger import Resource
from tap_twitter.errors import AuthError, CapError, CreditsError, TapError

AUTH = HTTPBasicAuth("", "")
ANN, BEN, OTHER = (
    Credential(AuthKind.OAUTH1, AUTH, "connect", user_id=user_id, app=app)
    for user_id, app in [("1", "ours"), ("2", "ours"), ("1", "another")]
)
USERS, POSTS = Resource.USER, Resource.POST


def refused(quota: QuotaGuard, credential: Credential, resource: Resource, error: TapError) -> None:
    with pytest.raises(type(error)), quota.guard(credential, resource):
        raise error


def is_sent(quota: QuotaGuard, credential: Credential, resource: Resource) -> bool:
    sent = False
    try:
        with quota.guard(credential, resource):
            sent = True
    except CapError:
        assert not sent
    return sent


@pytest.mark.parametrize(
    ("error", "credential", "resource", "expected"),
    [
        (CreditsError("gone"), ANN, USERS, False),
        (CreditsError("gone"), BEN, POSTS, False),
        (CreditsError("gone"), OTHER, USERS, True),
        (CapError("capped"), BEN, USERS, False),
        (CapError("capped"), ANN, POSTS, True),
        (CapError("capped"), OTHER, USERS, True),
        (AuthError("revoked"), ANN, USERS, True),
    ],
    ids=["credits", "credits-for-all", "credits-of-another-app", "cap", "cap-on-other-objects",
         "cap-of-another-app", "no-cap"],
)  # fmt: skip
def test_a_request_is_sent_unless_its_like_was_refused(
    error: TapError, credential: Credential, resource: Resource, expected: bool
) -> None:
    quota = QuotaGuard()
    refused(quota, ANN, USERS, error)
    assert is_sent(quota, credential, resource) is expected


def test_credentials_that_do_not_tell_their_app_are_told_apart_by_whom_x_counts_for() -> None:
    quota = QuotaGuard()
    one, two = (Credential(AuthKind.APP_ONLY, AUTH, "", name=name) for name in ("one", "two"))
    refused(quota, one, USERS, CreditsError("gone"))
    assert not is_sent(quota, one, POSTS)
    assert is_sent(quota, two, POSTS)


def test_answers_that_were_given_are_taken_all_the_same() -> None:
    quota = QuotaGuard()
    refused(quota, ANN, USERS, CreditsError("gone"))
    with quota.bypass():
        assert is_sent(quota, ANN, USERS)
    assert not is_sent(quota, ANN, USERS)
