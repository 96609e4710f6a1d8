"""The Dagster project of `examples/dagster`: shards of lookups and of an account report.

Dagster runs in an environment of its own; its child is the `meltano run` of these tests.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from pipeline.peers import install
from support.commands import BIN, ROOT, MeltanoProject, Pipe
from support.commands import run as run_command
from support.harness import make_dataset, rows, tap_config

from dataset_store import writeback_id
from sandbox import running
from sandbox.credentials import OWNER
from tap_twitter.streams.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = [pytest.mark.orchestrators, pytest.mark.timeout(1200)]

PARTITIONS = tuple(f"{index}-of-4" for index in range(4))
PAGE = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DagsterProject:
    """The example in a copy of the Meltano project, and an instance of Dagster."""

    programs: Path
    folder: Path
    meltano: MeltanoProject
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(
        self, partition: str, asset: str = "lookup", **variables: str
    ) -> subprocess.Popen[str]:
        """Begin to materialize a partition by the command line."""
        words = ["asset", "materialize", "--select", asset, "--partition", partition]
        process = subprocess.Popen(
            [self.programs / "dagster", *words, "-m", "x_shards.definitions"],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what a failed test has left."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.communicate()

    def run(self, *arguments: str, **variables: str) -> Any:
        """Run `in_dagster.py`; gives what it found."""
        script = ROOT / "tests" / "pipeline" / "in_dagster.py"
        environment = {**self.environment, "PYTHONPATH": str(self.folder), **variables}
        done = run_command(
            self.programs / "python", script, *arguments, cwd=self.folder, **environment
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def states(self) -> dict[str, Any]:
        """The bookmarks of each state of Meltano, by its id."""
        with sqlite3.connect(self.database) as connection:
            query = "select state_id, partial_state, completed_state from state"
            found = connection.execute(query).fetchall()
        return {name: (json.loads(partial or "{}"), json.loads(full or "{}")) for name, partial, full in found}  # fmt: skip

    def let_minutes_pass(self, minutes: int) -> None:
        """Age what Meltano wrote about its runs: the clock by which it takes them for dead."""
        with sqlite3.connect(self.database) as connection:
            query = "update runs set last_heartbeat_at = datetime(last_heartbeat_at, ?)"
            connection.execute(query, [f"-{minutes} minutes"])

    @property
    def database(self) -> Path:
        return self.meltano.folder / ".meltano" / "meltano.db"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install("dagster", tmp_path_factory.mktemp("environment"))


@pytest.fixture
def dagster(meltano: MeltanoProject, programs: Path, tmp_path: Path) -> Iterator[DagsterProject]:
    """The project with its plugins, but without state, as after `make plugins`."""
    own = meltano.folder / ".meltano"
    for old in own.glob("meltano.db*"):
        old.unlink()
    shutil.rmtree(own / "shards", ignore_errors=True)
    (own / "shards.ready").unlink(missing_ok=True)
    examples = meltano.folder / "examples"
    shutil.copytree(ROOT / "examples", examples, dirs_exist_ok=True)
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(examples / "dagster" / "home" / "dagster.yaml", home)
    variables = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "logs"),
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONWARNINGS": "ignore",
        "MELTANO": str(BIN / "meltano"),
        "MELTANO_ENVIRONMENT": "sandbox",
        "RETRIES": "0",
    }
    project = DagsterProject(programs, examples / "dagster", meltano, variables)
    # what `dagster dev` does at its start: several at once would fail on the tables of its database
    made = run_command(programs / "dagster", "instance", "info", cwd=home, **variables)
    assert made.returncode == 0, made.stderr
    yield project
    project.end()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One that answers slowly, so that a kill strikes in the middle, and on one UTC day."""
    with running(latency_ms=300, clock_ticking=False) as sandbox:
        yield sandbox


def point_at(dagster: DagsterProject, sandbox: Sandbox, store: Path) -> None:
    """Point the project's sandbox environment to a test's own sandbox and store."""
    dagster.environment.update(
        TAP_TWITTER_API_BASE_URL=sandbox.url,
        TAP_TWITTER_STORE=str(store),
        TARGET_DATASET_STORE=str(store),
    )


class Lookup:
    """A lookup that the project is pointed to, with the rows of one run that nothing disturbs.

    Args:
        dagster: The project.
        sandbox: The server, which forgets the undisturbed run.
        folder: Where the stores go.
        size: How many users.
    """

    def __init__(
        self, dagster: DagsterProject, sandbox: Sandbox, folder: Path, *, size: int
    ) -> None:
        self._sandbox = sandbox
        self._store = folder / "datasets"
        users = {"user_id": sandbox.world.sample_ids(size)}
        self._people = make_dataset(self._store, "Demo people", users)
        other = folder / "undisturbed"
        shutil.copytree(self._store, other)
        config = tap_config(sandbox, other, inputs=self._people.id)
        assert Pipe(folder, config, {"store": str(other)}).run() == (0, 0)
        self.expected = self._looked_up(other)
        sandbox.bill.reset()
        sandbox.requests.clear()
        point_at(dagster, sandbox, self._store)

    def rows(self) -> list[dict[str, Any]]:
        """What is stored so far."""
        return self._looked_up(self._store)

    def is_complete(self) -> bool:
        """Whether all rows are stored, and nothing was bought twice but a page on its way."""
        found = sum(row["lookup_status"] == "found" for row in self.expected)
        bill = self._sandbox.bill.total
        assert bill.net_objects == found
        assert found <= bill.gross_objects <= found + PAGE
        return self.rows() == self.expected

    def _looked_up(self, store: Path) -> list[dict[str, Any]]:
        """The rows, but for when they were read."""
        found = rows(store, writeback_id("users_lookup", self._people.id))
        timeless = (
            {key: value for key, value in row.items() if key != "looked_up_at"} for row in found
        )
        return sorted(timeless, key=lambda row: str(row["requested_id"]))


def shards_of(sandbox: Sandbox) -> list[int]:
    """The shard of each request, oldest first."""
    firsts = [
        entry.params["ids"].split(",")[0] for entry in sandbox.requests if "ids" in entry.params
    ]
    return [next(index for index in range(4) if Shard(index, 4).takes(first)) for first in firsts]


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; gives its exit code and its log."""
    log, _nothing = process.communicate()
    logger.debug("%s", log)
    return process.returncode, log


def descendant(process: subprocess.Popen[str], *words: str) -> psutil.Process:
    """The process below another one whose command has these words."""
    for child in psutil.Process(process.pid).children(recursive=True):
        command = " ".join(child.cmdline())
        if all(word in command for word in words):
            return child
    msg = f"no process with {words}"
    raise LookupError(msg)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition():
        if process.poll() is not None:
            pytest.fail(finish(process)[1])
        time.sleep(0.01)


def test_four_shards_one_killed_and_retried_alone(
    dagster: DagsterProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    lookup = Lookup(dagster, sandbox, tmp_path, size=1600)
    shards = {partition: dagster.start(partition) for partition in PARTITIONS}
    struck = shards["2-of-4"]
    wait_until(lambda: shards_of(sandbox).count(2) >= 2, struck)
    descendant(struck, "meltano", "run", "shard-2-of-4").kill()
    ended = {partition: finish(process) for partition, process in shards.items()}
    assert {partition: code for partition, (code, _log) in ended.items()} == {
        "0-of-4": 0, "1-of-4": 0, "2-of-4": 1, "3-of-4": 0,
    }  # fmt: skip
    assert "Shard 2-of-4 of job 'lookup' ended with exit code 137" in ended["2-of-4"][1]
    assert any("pool x_api" in log for _code, log in ended.values())
    assert 0 < len(lookup.expected) - len(lookup.rows()) < 400

    before = len(shards_of(sandbox))
    code, log = finish(dagster.start("2-of-4"))
    assert code == 1
    assert "already running" in log
    dagster.let_minutes_pass(6)
    assert finish(dagster.start("2-of-4"))[0] == 0
    assert set(shards_of(sandbox)[before:]) == {2}

    assert lookup.is_complete()
    assert set(dagster.states()) == {
        f"sandbox:twitter-lookup-to-target-dataset:shard-{partition}" for partition in PARTITIONS
    }


def test_a_shard_whose_tap_was_killed_is_retried_by_dagster(
    dagster: DagsterProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    lookup = Lookup(dagster, sandbox, tmp_path, size=900)
    shard = dagster.start("0-of-1", SHARDS="1", RETRIES="1", RETRY_SECONDS="0.1")
    wait_until(lambda: len(sandbox.requests) >= 3, shard)
    descendant(shard, "/tap-twitter", "--config").kill()
    code, log = finish(shard)
    assert code == 0, log
    assert "STEP_RESTARTED" in log
    assert lookup.is_complete()


def test_a_run_that_is_terminated_finishes_its_page(
    dagster: DagsterProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    lookup = Lookup(dagster, sandbox, tmp_path, size=900)
    shard = dagster.start("0-of-1", SHARDS="1")
    wait_until(lambda: len(sandbox.requests) >= 3, shard)
    shard.terminate()
    code, log = finish(shard)
    assert code != 0
    assert "Ended by SIGTERM" in log
    assert 0 < len(lookup.rows()) < len(lookup.expected)
    assert len(lookup.rows()) % PAGE == 0
    assert finish(dagster.start("0-of-1", SHARDS="1"))[0] == 0
    assert lookup.is_complete()


def test_a_report_of_accounts_in_shards_within_one_budget(
    dagster: DagsterProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    found = sandbox.world.sample_ids(12, status="found")
    accounts = [{"id": each} for each in found if not sandbox.world.is_protected(each)]
    point_at(dagster, sandbox, store)
    dagster.environment.update(SHARDS="2", TAP_TWITTER_ACCOUNTS=json.dumps(accounts))
    partitions = ("0-of-2", "1-of-2")
    results = dagster.run("insights", *partitions, MAX_COST_USD="40")
    assert [result["success"] for result in results] == [True, True], results
    read = {row["account_id"] for row in rows(store, "account_insights")}
    assert read == {account["id"] for account in accounts}
    bill = sandbox.bill.total
    assert bill.gross_objects == bill.net_objects
    totals = [result["metadata"] for result in results]
    assert sum(each["objects"] for each in totals) == bill.gross_objects
    assert sum(each["requests"] for each in totals) == bill.requests
    assert sum(each["usd"] for each in totals) == pytest.approx(float(bill.gross_usd))
    assert all(0 < each["usd"] <= 20 for each in totals)
    stored = sum(len(rows(store, name)) for name in ("account_insights", "tweet_insights"))
    assert sum(each["rows"] for each in totals) == stored

    sandbox.revoke(OWNER.access_token)
    refused = dagster.run("insights", partitions[0])
    assert not refused[0]["success"]
    assert "of job 'insights' ended with exit code 1: " in refused[0]["failure"]


def test_schedules_request_one_run_per_shard(dagster: DagsterProject) -> None:
    assert dagster.run(SHARDS="2") == {
        f"{job}_all_shards_daily": ["2026-03-10-0-of-2 0-of-2", "2026-03-10-1-of-2 1-of-2"]
        for job in ("lookup", "insights")
    }
    done = run_command(dagster.programs / "dagster", "definitions", "validate", cwd=dagster.folder,
                       **dagster.environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
