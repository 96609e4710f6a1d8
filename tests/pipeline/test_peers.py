"""Either half beside plugins that others wrote."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pipeline.peers import SERVER_PROGRAMS, PostgreSQL, install, postgresql, run
from support.commands import BIN
from support.forking import Popen
from support.harness import account_of, make_dataset, rows, run_tap, selecting, tap_config

from sandbox.credentials import NEWS, OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("peers")]

needs_postgresql = pytest.mark.skipif(
    not SERVER_PROGRAMS, reason="no PostgreSQL server is installed; .ci/run installs one"
)


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with postgresql() as running:
        yield running


def settings(folder: Path, name: str, values: dict[str, Any]) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(values))
    return path


def pipe(source: list[str | Path], destination: list[str | Path]) -> str:
    """Run `source | destination`; both must succeed. Gives what the destination wrote."""
    with Popen(source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tap:
        done = subprocess.run(
            destination, stdin=tap.stdout, capture_output=True, text=True, check=False
        )
        assert (tap.wait(), done.returncode) == (0, 0), done.stderr
    return done.stdout


@pytest.fixture
def lookup(sandbox: Sandbox, tmp_path: Path) -> tuple[list[str | Path], Counter[str]]:
    """A command of our tap, and the statuses that its rows have."""
    store = tmp_path / "datasets"
    references = [*sandbox.world.sample_ids(230), "@nobody_at_all", "not one"]
    make_dataset(store, "people", {"who": references})
    config = tap_config(sandbox, store)
    expected = Counter(record["lookup_status"] for record in run_tap(config).records)
    return [BIN / "tap-twitter", "--config", settings(tmp_path, "tap", config)], expected


def test_our_tap_into_target_duckdb(
    lookup: tuple[list[str | Path], Counter[str]], peers: Path, tmp_path: Path
) -> None:
    command, expected = lookup
    programs = install("target-duckdb", peers)
    database = tmp_path / "lookup.duckdb"
    config = settings(tmp_path, "duckdb", {"filepath": str(database), "default_target_schema": "x"})
    state = pipe(command, [programs / "target-duckdb", "--config", config])
    query = (
        "import duckdb, json, sys; connection = duckdb.connect(sys.argv[1]);"
        "print(json.dumps(dict(connection.sql('select lookup_status, count(*) from x.users_lookup"
        " group by 1').fetchall())))"
    )
    assert json.loads(run(programs / "python", "-c", query, database)) == expected
    assert json.loads(state.splitlines()[-1])["bookmarks"] == {"users_lookup": {"pass": []}}


def test_streams_that_begin_with_times_keep_their_first_row_in_target_duckdb(
    sandbox: Sandbox, peers: Path, tmp_path: Path
) -> None:
    config = tap_config(sandbox, tmp_path) | {"accounts": [account_of(OWNER), account_of(NEWS)]}
    config["start_date"] = f"{sandbox.clock.now() - timedelta(days=10):%Y-%m-%d}"
    streams = ["account_insights", "tweet_insights"]
    sent = Counter(
        message["stream"]
        for message in run_tap(config, streams=streams).all
        if message["type"] == "RECORD"
    )
    programs = install("target-duckdb", peers)
    database = tmp_path / "streams.duckdb"
    target = settings(tmp_path, "duckdb", {"filepath": str(database), "default_target_schema": "x"})
    catalog = settings(tmp_path, "catalog", selecting(config, streams))
    command: list[str | Path] = [BIN / "tap-twitter", "--config", settings(tmp_path, "tap", config)]
    pipe([*command, "--catalog", catalog], [programs / "target-duckdb", "--config", target])
    query = (
        "import duckdb, json, sys; connection = duckdb.connect(sys.argv[1]);"
        "print(json.dumps({name: connection.sql('select count(*) from x.' + name).fetchone()[0]"
        " for name in sys.argv[2:]}))"
    )
    stored = json.loads(run(programs / "python", "-c", query, database, *streams))
    assert stored == sent
    assert stored["account_insights"] == 2


@needs_postgresql
def test_our_tap_into_target_postgres(
    lookup: tuple[list[str | Path], Counter[str]],
    peers: Path,
    tmp_path: Path,
    server: PostgreSQL,
) -> None:
    command, expected = lookup
    programs = install("meltanolabs-target-postgres", peers)
    config = settings(tmp_path, "postgres", {**server.settings, "default_target_schema": "x"})
    pipe(command, [programs / "target-postgres", "--config", config])
    lines = server.sql(
        "select lookup_status || ':' || count(*) from x.users_lookup group by lookup_status"
    )
    assert {name: int(count) for name, count in (line.split(":") for line in lines)} == expected
    objects = "select count(*) > 100 from x.users_lookup where jsonb_typeof(entities) = 'object'"
    assert server.sql(objects) == ["t"]


@needs_postgresql
def test_a_foreign_tap_into_our_target(peers: Path, tmp_path: Path, server: PostgreSQL) -> None:
    server.sql(
        "create schema shop; create table shop.orders (id bigint primary key, placed timestamptz,"
        " total numeric(12, 2), paid boolean, note text, tags jsonb);"
        "insert into shop.orders select n, timestamptz '2026-03-01 12:00:00+02' + n * interval '1 s',"
        " n * 1.25, n % 3 = 0, case n % 5 when 0 then null else 'Größe ' || n end,"
        " jsonb_build_object('n', n) from generate_series(1, 5000) as n"
    )
    programs = install("meltanolabs-tap-postgres", peers)
    config = settings(tmp_path, "tap", {**server.settings, "filter_schemas": ["shop"]})
    store = tmp_path / "datasets"
    target = settings(tmp_path, "target", {"store": str(store)})
    catalog = json.loads(run(programs / "tap-postgres", "--config", config, "--discover"))
    for entry in (entry for stream in catalog["streams"] for entry in stream["metadata"]):
        entry["metadata"]["selected"] = True
    selected = settings(tmp_path, "catalog", catalog)
    command: list[str | Path] = [programs / "tap-postgres", "--config", config]
    command += ["--catalog", selected]
    for _ in range(2):
        pipe(command, [BIN / "target-dataset", "--config", target])
    found = {row["id"]: row for row in rows(store, "shop-orders")}
    assert len(found) == 5000
    row = found[20]
    assert row["placed"].isoformat() == "2026-03-01T10:00:20+00:00"
    assert (row["total"], row["paid"], row["note"]) == (25.0, False, None)
    assert found[21]["note"] == "Größe 21"
    assert json.loads(row["tags"]) == {"n": 20}
