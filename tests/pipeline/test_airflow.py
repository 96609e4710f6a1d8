"""The DAG of `examples/airflow`, read and run by Airflow in an environment of its own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from pipeline.peers import install
from support.commands import BIN, ROOT, MeltanoProject, run
from support.harness import make_dataset, rows

from dataset_store import writeback_id
from tap_twitter.streams.shard import Shard

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = [pytest.mark.orchestrators, pytest.mark.timeout(1200)]

QUIET = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install("airflow", tmp_path_factory.mktemp("environment")) / "python"


def test_the_dag_is_read_without_errors(python: Path, tmp_path: Path) -> None:
    def in_airflow(folder: Path) -> dict[str, Any]:
        done = run(
            python,
            ROOT / "tests/pipeline/in_airflow.py",
            folder,
            cwd=tmp_path,
            **QUIET,
            AIRFLOW_HOME=str(tmp_path / "airflow"),
            TAP_TWITTER_PROJECT="/srv/a project",
            SHARDS="2",
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    dags = shutil.copytree(ROOT / "examples/airflow/dags", tmp_path / "dags")
    found = in_airflow(dags)
    assert found["errors"] == {}
    task = {"pool": "x_api", "retries": 3, "retry_minutes": 15}
    script = "exec python3 '/srv/a project/examples/run_shard.py'"
    assert found["tasks"] == {
        name: {
            **task,
            "after": after,
            "commands": [f"{script} {name} {shard} 2" for shard in (0, 1)],
        }
        for name, after in (("lookup", []), ("insights", ["lookup"]))
    }
    (dags / "broken.py").write_text("from airflow.sdk import dag\nimport nothing_of_the_kind\n")
    assert [path.rpartition("/")[2] for path in in_airflow(dags)["errors"]] == ["broken.py"]


def test_a_task_runs_its_shard(
    python: Path, meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    ids = sandbox.world.sample_ids(250)
    people = make_dataset(store, "Demo people", {"user_id": ids})
    examples = shutil.copytree(ROOT / "examples", meltano.folder / "examples", dirs_exist_ok=True)
    done = run(
        python,
        ROOT / "tests/pipeline/in_airflow.py",
        examples / "airflow" / "dags",
        "lookup",
        "1",
        cwd=tmp_path,
        **QUIET,
        AIRFLOW_HOME=str(tmp_path / "airflow"),
        TAP_TWITTER_PROJECT=str(meltano.folder),
        SHARDS="2",
        MELTANO=str(BIN / "meltano"),
        MELTANO_ENVIRONMENT="sandbox",
        MELTANO_DATABASE_URI=f"sqlite:///{tmp_path}/meltano.db",
        XDG_STATE_HOME=str(tmp_path / "logs"),
        TAP_TWITTER_API_BASE_URL=sandbox.url,
        TAP_TWITTER_STORE=str(store),
        TARGET_DATASET_STORE=str(store),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = rows(store, writeback_id("users_lookup", people.id))
    assert {row["requested_id"] for row in found} == {
        each for each in ids if Shard(1, 2).takes(each)
    }
