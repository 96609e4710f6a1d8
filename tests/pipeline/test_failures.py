"""What an orchestrator sees of accounts that fail: a chain of blocks goes on, or it stops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import auth_of, make_dataset, rows

from dataset_store import dataset_id
from sandbox.credentials import FOUNDER, OWNER, SECOND_USER

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("meltano")]

FIRST = "sandbox:tap-twitter-to-target-dataset"
SECOND = "sandbox:twitter-lookup-to-target-dataset"


def state(meltano: MeltanoProject, state_id: str, variables: dict[str, str]) -> dict[str, Any]:
    done = meltano.run("state", "get", state_id, **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["singer_state"]
    return found


def partitions(meltano: MeltanoProject, variables: dict[str, str]) -> dict[str, Any]:
    """By account: how far its messages were read."""
    bookmarks = state(meltano, FIRST, variables)["bookmarks"]
    return {
        each["context"]["account_id"]: each["cursor"]
        for each in bookmarks["direct_messages"]["partitions"]
    }


@pytest.mark.parametrize(
    "on_account_failure", [pytest.param("warn", marks=pytest.mark.torture), "fail"]
)
def test_a_chain_after_an_account_was_revoked(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path, on_account_failure: str
) -> None:
    store = tmp_path / "store"
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    accounts = [
        {"name": name, "auth": auth_of(token)} for name, token in [("us", FOUNDER), ("them", OWNER)]
    ]
    variables = {
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "TARGET_DATASET_STORE": str(store),
        "TAP_TWITTER__SELECT": '["direct_messages.*"]',
        "TAP_TWITTER_DIRECT_MESSAGES_LIMIT": "5",
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_STORE": str(store),
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": "people",
        "TAP_TWITTER_ON_ACCOUNT_FAILURE": on_account_failure,
        "TAP_TWITTER_ACCOUNTS": json.dumps(accounts),
        "TAP_TWITTER_SOURCE_DEFAULT_SCHEMA": json.dumps({"team": 7}),
        **{
            f"TWITTER_LOOKUP_AUTH_{name.upper()}": key for name, key in auth_of(SECOND_USER).items()
        },
    }
    begun = meltano.run("run", "tap-twitter", "target-dataset", **variables)
    assert begun.returncode == 0, begun.stderr
    before = partitions(meltano, variables)
    assert before.keys() == {FOUNDER.user_id, OWNER.user_id}
    assert {row["team"] for row in rows(store, dataset_id("direct_messages"))} == {7}
    sandbox.revoke(OWNER.access_token)
    sandbox.requests.clear()
    chain = ("tap-twitter", "target-dataset", "twitter-lookup", "target-dataset")
    done = meltano.run("run", *chain, **variables)
    assert "Stream 'direct_messages' failed for account 'them'" in done.stderr
    assert "Traceback" not in done.stderr
    assert partitions(meltano, variables)[OWNER.user_id] == before[OWNER.user_id]
    asked = {entry.user_id for entry in sandbox.requests if entry.status == 200}
    if on_account_failure == "warn":
        assert done.returncode == 0, done.stderr
        assert asked == {FOUNDER.user_id, SECOND_USER.user_id}
        assert "pass" in str(state(meltano, SECOND, variables))
    else:
        assert done.returncode != 0
        assert asked == {FOUNDER.user_id}
