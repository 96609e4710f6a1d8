"""The main job from end to end: a dataset of references becomes a writeback dataset."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.commands import BIN, ROOT, MeltanoProject, Pipe, run
from support.harness import make_dataset, rows, tap_config

from dataset_store import writeback_id
from sandbox import running

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline

PEOPLE = ROOT / "demo" / "people.csv"
STATUSES = {"found": 165, "not_found": 14, "suspended": 10, "invalid": 8, "protected": 6}


def import_people(store: Path) -> str:
    """The demo's CSV as an input dataset; gives its GUID."""
    command: list[str | Path] = [
        BIN / "dataset",
        "import",
        PEOPLE,
        "--name",
        "Demo people",
        f"--store={store}",
    ]
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def assert_lookup_is_right(store: Path, input_id: str, sandbox: Sandbox) -> None:
    with PEOPLE.open() as file:
        lines = [row[0] for row in csv.reader(file)][1:]
    assert len(lines) == 250
    found = rows(store, writeback_id("users_lookup", input_id))
    assert Counter(row["lookup_status"] for row in found) == STATUSES
    assert len({row["requested_id"] for row in found}) == len(found) == 203
    kinds = Counter(row["requested_kind"] for row in found)
    asked = Counter(entry.path for entry in sandbox.requests if entry.path.startswith("/2/"))
    assert asked == {
        "/2/users": -(-kinds["id"] // 100),
        "/2/users/by": -(-kinds["username"] // 100),
    }
    assert sandbox.bill.total.gross_objects == sandbox.bill.total.net_objects == STATUSES["found"]
    assert float(sandbox.bill.total.net_usd) == pytest.approx(STATUSES["found"] * 0.01)


def test_plain_pipes(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "datasets"
    input_id = import_people(store)
    pipe = Pipe(tmp_path, tap_config(sandbox, store, inputs=input_id), {"store": str(store)})
    assert pipe.run() == (0, 0)
    assert_lookup_is_right(store, input_id, sandbox)
    assert pipe.state == {"bookmarks": {"users_lookup": {"pass": []}}}


def environment(sandbox: Sandbox, store: Path) -> dict[str, str]:
    """What points the project's sandbox environment to a test's own sandbox and store."""
    return {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_STORE": str(store),
        "TARGET_DATASET_STORE": str(store),
        "TAP_TWITTER_API_MAX_WAIT_SECONDS": "900.5",
        "TARGET_DATASET_BATCH_MEMORY_MB": "2.5",
        "TARGET_JSONL_DESTINATION_PATH": str(store.parent),
        "MELTANO_DATABASE_URI": f"sqlite:///{store.parent}/meltano.db",
    }


@pytest.mark.xdist_group("meltano")
def test_meltano_run(meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "datasets"
    input_id = import_people(store)
    variables = environment(sandbox, store)
    done = meltano.run("run", "lookup", **variables)
    assert done.returncode == 0, done.stderr
    assert_lookup_is_right(store, input_id, sandbox)
    state = meltano.run("state", "get", "sandbox:twitter-lookup-to-target-dataset", **variables)
    assert json.loads(state.stdout)["singer_state"]["bookmarks"] == {"users_lookup": {"pass": []}}
    again = meltano.run("run", "lookup", **variables)
    assert again.returncode == 0, again.stderr
    assert (
        Counter(row["lookup_status"] for row in rows(store, writeback_id("users_lookup", input_id)))
        == STATUSES
    )


@pytest.mark.xdist_group("meltano")
def test_meltano_run_into_target_jsonl(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    import_people(store)
    done = meltano.run("run", "twitter-lookup", "target-jsonl", **environment(sandbox, store))
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "users_lookup.jsonl").read_text().splitlines()
    assert Counter(json.loads(line)["lookup_status"] for line in lines) == STATUSES


@pytest.mark.xdist_group("meltano")
def test_meltano_reports_a_failure_and_keeps_the_state(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    input_id = import_people(store)
    sandbox.faults.add("credits_depleted", nth=2, count=None)
    variables = environment(sandbox, store)
    done = meltano.run("run", "lookup", **variables)
    assert done.returncode != 0
    assert "the credits of this X account are used up" in done.stderr
    assert "Traceback" not in done.stderr
    sandbox.faults.clear()
    assert meltano.run("run", "lookup", **variables).returncode == 0
    assert (
        Counter(row["lookup_status"] for row in rows(store, writeback_id("users_lookup", input_id)))
        == STATUSES
    )
    assert sandbox.bill.total.gross_objects == STATUSES["found"]


@pytest.mark.parametrize(
    ("seed", "concurrency"),
    [
        (4, 5),
        pytest.param(1, 1, marks=pytest.mark.torture),
        pytest.param(2, 1, marks=pytest.mark.torture),
        pytest.param(3, 1, marks=pytest.mark.torture),
    ],
)
def test_a_tap_that_is_killed_goes_on_where_it_stood(
    tmp_path: Path, seed: int, concurrency: int
) -> None:
    users = 2_000
    with running(latency_ms=20, clock_ticking=False) as sandbox:
        pipes = {}
        for name in ("undisturbed", "killed"):
            store = tmp_path / name
            dataset = make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(users)})
            config = tap_config(sandbox, store)
            config["api"]["concurrency"] = concurrency
            pipes[name] = Pipe(tmp_path, config, {"store": str(store)})
        assert pipes["undisturbed"].run() == (0, 0)
        sandbox.bill.reset()
        sandbox.requests.clear()
        last_request = random.Random(seed).randint(1, users // 100 - 1)
        exits = pipes["killed"].run(kill_when=lambda: len(sandbox.requests) >= last_request)
        assert exits == (-9, 0)
        assert pipes["killed"].run() == (0, 0)
        bought = sandbox.bill.total.gross_objects
    writeback = writeback_id("users_lookup", dataset.id)
    undisturbed, killed = (rows(tmp_path / name, writeback) for name in pipes)
    assert killed == undisturbed
    assert len(killed) == users
    found = sum(row["lookup_status"] == "found" for row in undisturbed)
    assert found <= bought <= found + 100 * concurrency
