"""The lookup with datasets in Domo: input and writeback, and either of them elsewhere."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import BIN, MeltanoProject, Pipe, run
from support.domo_stores import QUICK, connected, domo_address, domo_options, domo_store, states
from support.harness import make_dataset, rows, tap_config

from dataset_store import writeback_dataset, writeback_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline


@pytest.fixture
def domo(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose Domo takes commits at any time."""
    sandbox.domo.set(**QUICK)
    return sandbox


def in_domo(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    return {"store": domo_address(sandbox), "store_options": domo_options(folder)}


def people_in_domo(sandbox: Sandbox, count: int) -> tuple[str, list[str]]:
    """A connector's dataset of ids, and the ids."""
    ids = sandbox.world.sample_ids(count)
    lines = "".join(f'{each},"Ann ""A""\n{each}"\n' for each in ids)
    return connected(sandbox, lines, user_id="STRING", name="STRING"), ids


def looked_up(sandbox: Sandbox, folder: Path, input_id: str) -> list[dict[str, Any]]:
    store = domo_store(sandbox, folder)
    found = writeback_dataset(store, "users_lookup", input_id)
    assert found
    batches = list(found.read())
    return [row for batch in batches for row in batch.to_pylist()]


def test_input_and_writeback_are_in_domo(domo: Sandbox, tmp_path: Path) -> None:
    guid, ids = people_in_domo(domo, 250)
    tap = tap_config(domo, tmp_path, inputs="connected") | in_domo(domo, tmp_path)
    pipe = Pipe(tmp_path, tap, in_domo(domo, tmp_path))
    assert pipe.run() == (0, 0)
    found = looked_up(domo, tmp_path, guid)
    assert sorted(row["requested_id"] for row in found) == sorted(ids)
    assert {row["input_dataset_id"] for row in found} == {guid}
    (entry,) = (each for each in domo.bill.as_json()["endpoints"] if "users" in each)
    assert domo.bill.as_json()["endpoints"][entry]["requests"] == 3
    assert states(domo) == ["SUCCESS"]
    # the next run finds the writeback dataset, and buys nobody who is fresh
    tap["users_lookup"]["refresh_after_days"] = 1
    pipe = Pipe(tmp_path, tap, in_domo(domo, tmp_path))
    assert pipe.run() == (0, 0)
    assert domo.bill.as_json()["endpoints"][entry]["requests"] == 3
    watched = [each for each in domo.requests if each.path.endswith("/executions")]
    assert len(watched) < 20


def test_the_writeback_is_in_domo_and_the_input_is_not(domo: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "datasets"
    ids = domo.world.sample_ids(120)
    people = make_dataset(store, "people", {"user_id": ids})
    pipe = Pipe(tmp_path, tap_config(domo, store), in_domo(domo, tmp_path))
    assert pipe.run() == (0, 0)
    assert sorted(row["requested_id"] for row in looked_up(domo, tmp_path, people.id)) == sorted(
        ids
    )


def test_the_input_is_in_domo_and_the_writeback_is_not(domo: Sandbox, tmp_path: Path) -> None:
    guid, ids = people_in_domo(domo, 120)
    store = tmp_path / "datasets"
    tap = tap_config(domo, store, inputs=guid) | in_domo(domo, tmp_path)
    assert Pipe(tmp_path, tap, {"store": str(store)}).run() == (0, 0)
    found = rows(store, writeback_id("users_lookup", guid))
    assert sorted(row["requested_id"] for row in found) == sorted(ids)


@pytest.mark.xdist_group("meltano")
def test_meltano_looks_up_in_domo(meltano: MeltanoProject, domo: Sandbox, tmp_path: Path) -> None:
    guid, ids = people_in_domo(domo, 120)
    store = in_domo(domo, tmp_path)
    variables: dict[str, Any] = {
        "TAP_TWITTER_API_BASE_URL": domo.url,
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": f"https://acme.domo.com/datasources/{guid}/details",
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "TAP_TWITTER_STORE": store["store"],
        "TAP_TWITTER_STORE_OPTIONS": json.dumps(store["store_options"]),
        # its client stands in meltano.yml
        "TARGET_DOMO_STORE": store["store"],
    }
    done = meltano.run("run", "lookup-to-domo", **variables)
    assert done.returncode == 0, done.stderr
    found = looked_up(domo, tmp_path, guid)
    assert sorted(row["requested_id"] for row in found) == sorted(ids)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda domo: connected(domo, "1.23E+18\n", user_id="STRING"), "so the last digits of its"),
        (lambda domo: connected(domo, "1230000000000000000.0\n", user_id="DOUBLE"), "holds floats"),
        (lambda domo: "11111111-0000-4000-8000-000000000000", "has no access"),
    ],
    ids=["text of floats", "floats", "missing"],
)
def test_an_input_that_cannot_be_used_is_one_line(
    prepare: Callable[[Sandbox], str], said: str, domo: Sandbox, tmp_path: Path
) -> None:
    config = tap_config(domo, tmp_path, inputs=prepare(domo)) | in_domo(domo, tmp_path)
    (tmp_path / "tap.json").write_text(json.dumps(config))
    done = run(BIN / "tap-twitter", "--config", tmp_path / "tap.json")
    assert done.returncode == 1
    (line,) = (each for each in done.stderr.splitlines() if "ERROR" in each or "CRITICAL" in each)
    assert said in line
    assert "Traceback" not in done.stderr
    assert domo.bill.as_json()["total"]["gross_objects"] == 0


def test_the_command_answers_for_domo_or_says_why_not(domo: Sandbox, tmp_path: Path) -> None:
    guid, _ = people_in_domo(domo, 5)
    variables: dict[str, Any] = {
        "DATASET_STORE": domo_address(domo),
        "DATASET_STORE_OPTIONS": json.dumps(domo_options(tmp_path)),
    }

    def dataset(*words: str | Path, code: int = 0) -> str:
        done = run(BIN / "dataset", *words, **variables)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    ids = tmp_path / "ids.csv"
    ids.write_text("user_id,name\n0012,Ann\n2244994945,\n")
    made = dataset("import", ids, "--name", "ids").strip()
    dataset("import", ids, "--name", "ids", "--replace")
    assert {each["name"] for each in json.loads(dataset("list", "--json"))} == {"connected", "ids"}
    assert json.loads(dataset("show", "ids", "--json"))["rows"] == 2
    dataset("export", "ids", tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_text() == '"user_id","name"\n"0012","Ann"\n"2244994945",\n'
    dataset("rename", "ids", "people")
    dataset("describe", made, "Whom to look up")
    assert json.loads(dataset("show", made, "--json"))["description"] == "Whom to look up"
    assert "this store does not support queries" in dataset("sql", "select 1", code=1)
    assert "maintains its datasets itself" in dataset("compact", made, code=1)
    assert "was not created by a stream" in dataset(
        "import", ids, "--name", "connected", "--replace", code=1
    )
    dataset("rm", made, "--yes")
    assert [each["id"] for each in json.loads(dataset("list", "--json"))] == [guid]


def killed_load(domo: Sandbox, folder: Path, seed: int) -> list[str]:
    """Kill a lookup at a random request to Domo's streams, then let it come to its end.

    Returns:
        How the executions stand at the end.
    """
    chance = random.Random(seed)
    folder.mkdir()
    domo.reset()
    domo.domo.set(**QUICK | {"processing_polls": 2, "repeated_parts": "append"})
    guid, ids = people_in_domo(domo, 300)
    options = domo_options(folder, part_rows=20, poll_seconds=0.05)
    target = {"store": domo_address(domo), "store_options": options, "commit_interval": 0.3}
    tap = tap_config(domo, folder, inputs=guid) | in_domo(domo, folder)
    domo.faults.add("delay", path="*/part/*", count=None, seconds=0.03)
    domo.faults.add("delay", path="/2/users", count=None, seconds=0.3)
    pipe = Pipe(folder, tap, target)
    moment = chance.randrange(1, 40)

    def is_time() -> bool:
        return sum(each.path.startswith("/v1/streams") for each in domo.requests) >= moment

    pipe.run(is_time, chance.choice([("target",), ("tap", "target")]))
    assert pipe.run() == (0, 0)
    assert "ACTIVE" not in states(domo)
    found = looked_up(domo, folder, guid)
    assert sorted(row["requested_id"] for row in found) == sorted(ids)
    return states(domo)


@pytest.mark.parametrize("seed", range(5))
def test_a_load_that_is_killed_ends_as_if_it_had_not_been(
    seed: int, domo: Sandbox, tmp_path: Path
) -> None:
    killed_load(domo, tmp_path / str(seed), seed)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_fifty_loads_that_are_killed(domo: Sandbox, tmp_path: Path) -> None:
    ends = [killed_load(domo, tmp_path / str(seed), seed) for seed in range(100, 150)]
    # so many kills struck while an execution was open
    assert sum("ABORTED" in states for states in ends) > 3
