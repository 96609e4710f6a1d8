"""`make plan`: what Meltano's next lookup would cost, from Meltano's own state."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from commands import BIN, ROOT
from harness import make_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from commands import MeltanoProject

    from sandbox import Sandbox


@pytest.mark.pipeline
@pytest.mark.xdist_group("meltano")
@pytest.mark.timeout(240)
def test_make_plan_goes_on_from_meltano_s_state(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_USERS_LOOKUP_STORE": str(store),
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": "people",
        "TARGET_DATASET_STORE": str(store),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
    }
    assert planned(meltano.folder, variables) == "users_lookup 2 150 1.500 0:00:00"
    assert not sandbox.requests
    done = meltano.run("run", "lookup", TAP_TWITTER_BUDGET_MAX_REQUESTS="1", **variables)
    assert done.returncode == 0, done.stderr
    assert "50 users are left to look up, for 0.500 USD at most" in done.stderr
    assert planned(meltano.folder, variables) == "users_lookup 1 50 0.500 0:00:00"


def planned(project: Path, variables: dict[str, str]) -> str:
    """The line of the plan about the lookup, with single blanks."""
    environment = project / ".venv"
    if not environment.exists():
        environment.symlink_to(BIN.parent)
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile", "-o", "plugins", "plan"],
        cwd=project,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("users_lookup ")]
    return " ".join(line.split())
