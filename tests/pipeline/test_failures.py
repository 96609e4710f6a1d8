"""What an orchestrator sees of accounts that fail: a chain of blocks goes on, or it stops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from harness import make_dataset, rows

from dataset_store import writeback_id
from sandbox.credentials import OWNER, SECOND_USER

if TYPE_CHECKING:
    from pathlib import Path

    from commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("meltano")]

FIRST = "sandbox:tap-twitter-to-target-dataset"
SECOND = "sandbox:twitter-lookup-to-target-dataset"


def state(meltano: MeltanoProject, state_id: str, variables: dict[str, str]) -> object:
    done = meltano.run("state", "get", state_id, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout).get("singer_state")


@pytest.mark.parametrize("on_account_failure", ["warn", "fail"])
def test_a_chain_after_an_account_was_revoked(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path, on_account_failure: str
) -> None:
    people = make_dataset(
        tmp_path / "store", "people", {"user_id": sandbox.world.sample_ids(150, "found")}
    )
    variables = {
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "TARGET_DATASET_STORE": str(tmp_path / "store"),
        "TAP_TWITTER__SELECT": '["users_lookup.*"]',
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_USERS_LOOKUP_STORE": str(tmp_path / "store"),
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": "people",
        "TAP_TWITTER_AUTH_ACCESS_TOKEN": SECOND_USER.access_token,
        "TAP_TWITTER_AUTH_ACCESS_TOKEN_SECRET": SECOND_USER.access_token_secret,
        "TWITTER_LOOKUP_AUTH_ACCESS_TOKEN": OWNER.access_token,
        "TWITTER_LOOKUP_AUTH_ACCESS_TOKEN_SECRET": OWNER.access_token_secret,
        "TAP_TWITTER_ON_ACCOUNT_FAILURE": on_account_failure,
        "TAP_TWITTER_ACCOUNTS": json.dumps([{"name": "us", "id": OWNER.user_id}]),
        "TAP_TWITTER_SOURCE_DEFAULT_SCHEMA": json.dumps({"team": 7}),
    }
    begun = meltano.run(
        "run", "tap-twitter", "target-dataset", TAP_TWITTER_BUDGET_MAX_REQUESTS="1", **variables
    )
    assert begun.returncode == 0, begun.stderr
    before = state(meltano, FIRST, variables)
    assert "after" in str(before)
    written = rows(tmp_path / "store", writeback_id("users_lookup", people.id))
    assert [row["team"] for row in written] == [7] * 100
    sandbox.revoke(SECOND_USER.access_token)
    sandbox.requests.clear()
    chain = ("tap-twitter", "target-dataset", "twitter-lookup", "target-dataset")
    done = meltano.run("run", *chain, **variables)
    line = f"Stream 'users_lookup' failed for account '{SECOND_USER.user_id}'"
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert state(meltano, FIRST, variables) == before
    asked = {entry.user_id for entry in sandbox.requests if entry.status == 200}
    if on_account_failure == "warn":
        assert done.returncode == 0, done.stderr
        assert asked == {OWNER.user_id}
        assert "pass" in str(state(meltano, SECOND, variables))
    else:
        assert done.returncode != 0
        assert asked == set()
