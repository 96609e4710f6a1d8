"""`make plan`: what Meltano's next run of a job would cost, from Meltano's own state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.commands import BIN, ROOT, run
from support.harness import make_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox


@pytest.mark.pipeline
@pytest.mark.xdist_group("meltano")
@pytest.mark.timeout(240)
@pytest.mark.torture
def test_make_plan_goes_on_from_meltano_s_state(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_USERS_LOOKUP_STORE": str(store),  # the old name of TAP_TWITTER_STORE
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": "people",
        "TARGET_DATASET_STORE": str(store),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
    }
    assert planned(meltano.folder, variables, job="messages") == [
        "direct_messages 1+ 20+ 0.200+ 0:00:00",
        "direct_messages_sent 0 0 0.000 0:00:00",
    ]
    nightly = {**variables, "MELTANO_RUN_STATE_ID_SUFFIX": "nightly"}
    done = meltano.run("run", "lookup", TAP_TWITTER_BUDGET_MAX_REQUESTS="1", **nightly)
    assert done.returncode == 0, done.stderr
    assert "50 users are left to look up, for at most 0.500 USD" in done.stderr
    assert planned(meltano.folder, nightly) == ["users_lookup 1 50 0.500 0:00:00"]
    assert planned(meltano.folder, variables) == ["users_lookup 2 150 1.500 0:00:00"]
    assert len(sandbox.requests) == 1


def planned(project: Path, variables: dict[str, str], job: str | None = None) -> list[str]:
    """The lines of the plan about streams, with single blanks."""
    environment = project / ".venv"
    if not environment.exists():
        environment.symlink_to(BIN.parent)
    which = [f"JOB={job}"] if job else []
    make = ("make", "-f", ROOT / "Makefile", "-o", "plugins")
    done = run(*make, "plan", *which, cwd=project, **variables)
    assert done.returncode == 0, done.stderr
    lines = done.stdout[done.stdout.index("stream ") :].splitlines()
    return [" ".join(line.split()) for line in lines[1 : lines.index("") - 1]]
