"""The dbt project of `examples/dbt` on a file that `dataset export --duckdb` has written."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from pipeline.peers import install
from support.commands import ROOT
from support.organic import OF_TWEETS, WORLD
from support.organic_tables import Tables

from dataset_store import open_store
from dataset_store.duckdb_file import export_to_duckdb
from sandbox.ads.accounts import FOUNDERS, NORTHWIND
from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


def test_models_and_tests_of_the_example_pass(
    sandbox: Sandbox, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    timelines, tables = sandbox.world.timelines, Tables(sandbox, tmp_path)
    kept = str(timelines.add(OWNER.user_id, "Kettles #Kettle"))
    gone = str(timelines.add(OWNER.user_id, "Gone #kettle"))
    streams = " ".join([*OF_TWEETS, "account_history"])
    tables.load(streams, NORTHWIND.id, FOUNDERS.id)
    timelines.delete(int(gone))
    sandbox.ads.change_account(NORTHWIND.id, name="Renamed")
    tables.load(streams, NORTHWIND.id, FOUNDERS.id)
    export_to_duckdb(open_store(tables.target["store"]), tmp_path / "datasets.duckdb", "twitter")

    programs = install("dbt-duckdb", tmp_path_factory.mktemp("environment"))
    project = tmp_path / "dbt"
    shutil.copytree(ROOT / "examples" / "dbt", project)
    done = subprocess.run(
        [programs / "dbt", "build", "--profiles-dir", "."],
        cwd=project,
        env={
            **os.environ,
            "DATASETS_FILE": str(tmp_path / "datasets.duckdb"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "PASS=11 WARN=0 ERROR=0" in done.stdout

    with closing(duckdb.connect(str(project / "marts.duckdb"), read_only=True)) as marts:
        posts = marts.execute("select handle, account from posts where id = ?", [kept]).fetchall()
        assert posts == [("NorthwindTea", "Renamed")]
        assert not marts.execute("from posts where id = ?", [gone]).fetchall()
        tagged = "select posts from hashtags where hashtag = 'kettle'"
        assert marts.execute(tagged).fetchall() == [(1,)]
