"""What X has said is used up is not asked for again."""

from __future__ import annotations

import pytest
from requests.auth import HTTPBasicAuth

from tap_twitter.api.quota import QuotaGuard
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.cost.ledger import Resource
from tap_twitter.errors import (
    AccessError,
    AuthError,
    CapError,
    ContractError,
    CreditsError,
    TapError,
)

AUTH = HTTPBasicAuth("", "")
ANN, BEN, OTHER = (
    Credential(AuthKind.OAUTH1, AUTH, "connect", user_id=user_id, app=app)
    for user_id, app in [("1", "ours"), ("2", "ours"), ("1", "another")]
)
USERS, POSTS = Resource.USER, Resource.POST


def refused(quota: QuotaGuard, credential: Credential, resource: str, error: TapError) -> None:
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


def test_a_missing_contract_closes_an_api_unless_others_were_answered() -> None:
    quota, error = QuotaGuard(), ContractError("no contract", "not this account")
    refused(quota, ANN, "engagement", error)
    assert quota.is_closed("engagement")
    assert not quota.is_closed("ads")
    others = QuotaGuard()
    with others.guard(ANN, "engagement"):
        pass
    assert others.has_admitted(ANN, "engagement")
    assert not others.has_admitted(BEN, "engagement")
    with pytest.raises(AccessError, match="not this account"), others.guard(BEN, "engagement"):
        raise error
    assert not others.is_closed("engagement")
