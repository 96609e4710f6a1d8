"""OAuth 2.0 tokens without a server: whatever the order of things, no token works twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.credentials import CLIENT, OWNER, PUBLIC_CLIENT
from sandbox.grants import ACCESS_SECONDS, OFFLINE, Binding, Grant, Grants
from sandbox.x.oauth2_token import fits

GRANT = Grant(CLIENT.client_id, OWNER.user_id, ("users.read", OFFLINE))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def made() -> tuple[Grants, Clock]:
    clock = Clock(NOON, ticking=False)
    return Grants(clock, seed=1), clock


@given(st.lists(st.integers(0, 20), max_size=20))
def test_of_a_chain_of_refresh_tokens_only_the_newest_works(picks: list[int]) -> None:
    grants, _ = made()
    chain = [str(grants.issue(GRANT).refresh_token)]
    for pick in picks:
        token = chain[pick % len(chain)]
        rotated = grants.rotate(token, CLIENT.client_id)
        assert (rotated is not None) is (token == chain[-1])
        if rotated is not None:
            chain.append(str(rotated[1].refresh_token))
    assert len(set(chain)) == len(chain)


@given(st.lists(st.integers(1, ACCESS_SECONDS), min_size=1, max_size=8))
def test_an_access_token_works_for_two_hours_from_its_own_issue(pauses: list[int]) -> None:
    grants, clock = made()
    issued = {}
    for pause in pauses:
        issued[grants.issue(GRANT).access_token] = clock.timestamp()
        clock.advance(pause)
    for token, at in issued.items():
        alive = clock.timestamp() < at + ACCESS_SECONDS
        assert (grants.credential(token) is not None) is alive


def test_another_clients_attempt_spends_nothing() -> None:
    grants, _ = made()
    token = str(grants.issue(GRANT).refresh_token)
    assert grants.rotate(token, PUBLIC_CLIENT.client_id) is None
    assert grants.rotate(token, CLIENT.client_id) is not None


@pytest.mark.parametrize(
    ("method", "challenge", "fitting"),
    [
        # the example of RFC 7636, appendix B
        ("S256", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", True),
        ("S256", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", False),
        ("S256", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", False),
        ("plain", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", True),
        ("plain", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", False),
    ],
    ids=["rfc", "padded", "not-hashed", "plain", "hashed"],
)
def test_a_verifier_fits_its_challenge_alone(method: str, challenge: str, fitting: bool) -> None:
    binding = Binding("http://127.0.0.1/", challenge, method)
    assert fits(binding, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") is fitting
