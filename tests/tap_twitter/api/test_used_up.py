"""What X has said is used up is not asked for again."""

from __future__ import annotations

import pytest
from requests.auth import HTTPBasicAuth

from tap_twitter.api.used_up import UsedUp
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.cost import Resource
from tap_twitter.errors import AuthError, CapError, CreditsError, TapError

AUTH = HTTPBasicAuth("", "")
ANN, BEN, OTHER = (
    Credential(AuthKind.OAUTH1, AUTH, "connect", user_id=user_id, app=app)
    for user_id, app in [("1", "ours"), ("2", "ours"), ("1", "another")]
)
USERS, POSTS = Resource.USER, Resource.POST


def refused(used_up: UsedUp, credential: Credential, resource: Resource, error: TapError) -> None:
    with pytest.raises(type(error)), used_up.heeded(credential, resource):
        raise error


def is_sent(used_up: UsedUp, credential: Credential, resource: Resource) -> bool:
    sent = False
    try:
        with used_up.heeded(credential, resource):
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
    used_up = UsedUp()
    refused(used_up, ANN, USERS, error)
    assert is_sent(used_up, credential, resource) is expected


def test_credentials_that_do_not_tell_their_app_are_told_apart_by_whom_x_counts_for() -> None:
    used_up = UsedUp()
    one, two = (Credential(AuthKind.APP_ONLY, AUTH, "", name=name) for name in ("one", "two"))
    refused(used_up, one, USERS, CreditsError("gone"))
    assert not is_sent(used_up, one, POSTS)
    assert is_sent(used_up, two, POSTS)


def test_answers_that_were_given_are_taken_all_the_same() -> None:
    used_up = UsedUp()
    refused(used_up, ANN, USERS, CreditsError("gone"))
    with used_up.passed_over():
        assert is_sent(used_up, ANN, USERS)
    assert not is_sent(used_up, ANN, USERS)
