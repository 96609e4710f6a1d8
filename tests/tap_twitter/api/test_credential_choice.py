"""Which credential asks what, and what is said where X would refuse all of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.v2 import DM_EVENTS, ME, TIMELINE, TWEETS, USERS, USERS_BY
from tap_twitter.auth.account import Account
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.errors import AccessError

if TYPE_CHECKING:
    from tap_twitter.api.endpoints.base import Endpoint

OWN, OTHER = "1", "2"


def credential(kind: AuthKind, user_id: str | None = None, scopes: str | None = None) -> Credential:
    granted = None if scopes is None else frozenset(scopes.split())
    return Credential(kind, lambda request: request, "hint", user_id, granted, name=kind.name)


OAUTH1 = credential(AuthKind.OAUTH1, OWN)
OAUTH2 = credential(AuthKind.OAUTH2, OWN, "tweet.read users.read")
OAUTH2_DM = credential(AuthKind.OAUTH2, OWN, "tweet.read users.read dm.read offline.access")
APP = credential(AuthKind.APP_ONLY)


@pytest.mark.parametrize(
    ("endpoint", "account", "given", "expected"),
    [
        (USERS, OWN, [OAUTH1, APP], OAUTH1),
        (USERS_BY, OTHER, [OAUTH1, APP], OAUTH1),
        (USERS, OTHER, [OAUTH2, APP], OAUTH2),
        (TWEETS, OWN, [OAUTH1, APP], OAUTH1),
        (TIMELINE, OWN, [OAUTH1, APP], OAUTH1),
        (TIMELINE, OTHER, [OAUTH1, APP], APP),
        (TIMELINE, OTHER, [OAUTH1], OAUTH1),
        (DM_EVENTS, OWN, [OAUTH1, APP], OAUTH1),
        (DM_EVENTS, OWN, [OAUTH2, OAUTH2_DM, APP], OAUTH2_DM),
        (ME, OWN, [OAUTH2, APP], OAUTH2),
    ],
    ids=["users", "handles", "oauth2", "posts", "own-posts", "posts-of-others", "only-one",
         "messages", "scopes", "me"],
)  # fmt: skip
def test_the_cheapest_that_x_allows_then_the_bigger_limit(
    endpoint: Endpoint, account: str, given: list[Credential], expected: Credential
) -> None:
    for order in permutations(given):
        assert choose_credential(endpoint, Account("ann", account, None, order)) is expected


def test_equals_are_taken_in_the_order_of_the_settings() -> None:
    for order in permutations([OAUTH1, OAUTH2]):
        assert choose_credential(USERS, Account("ann", OWN, None, order)) is order[0]


@pytest.mark.parametrize(
    ("endpoint", "given", "message"),
    [
        (DM_EVENTS, [APP], "requires OAuth 1.0a User Context or OAuth 2.0 User Context, but 'APP_ONLY' is"),
        (DM_EVENTS, [OAUTH2], r"'OAUTH2' lacks the scope dm\.read"),
        (DM_EVENTS, [replace(OAUTH1, user_id=OTHER)], "'OAUTH1' belongs to another account"),
        (DM_EVENTS, [APP, OAUTH2], "'APP_ONLY' is .*; 'OAUTH2' lacks"),
        (USERS, [credential(AuthKind.OAUTH2, OWN, "dm.read")], r"scope tweet\.read users\.read"),
        (
            replace(TWEETS, kinds=frozenset({AuthKind.OAUTH1})),
            [OAUTH2],
            "requires OAuth 1.0a User Context, but 'OAUTH2' is OAuth 2.0 User Context",
        ),
    ],
    ids=["app-only", "scope", "not-own", "two-reasons", "read-scopes", "oauth1-only"],
)  # fmt: skip
def test_what_x_would_refuse_is_said_with_the_hint(
    endpoint: Endpoint, given: list[Credential], message: str
) -> None:
    with pytest.raises(AccessError, match=message) as raised:
        choose_credential(endpoint, Account("ann", OWN, None, tuple(given)))
    assert endpoint.template in str(raised.value)
    assert "account 'ann'" in str(raised.value)
    assert "`tap-twitter-accounts connect ann`" in str(raised.value)


def test_pools_are_those_of_x() -> None:
    pools = [each.pool for each in (OAUTH1, replace(OAUTH1, user_id=OTHER), APP)]
    assert len(set(pools)) == 3
    same_group = replace(OAUTH2, name=OAUTH1.name)
    assert same_group.pool == OAUTH1.pool


def test_paths_hold_the_account_and_templates_do_not() -> None:
    assert TIMELINE.path("12") == "/2/users/12/tweets"
    assert USERS.path(None) == "/2/users"
