"""Targets that others wrote, each with its defaults unless it says otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from bench.contestants import output_of, settings_file
from bench.posts import STREAM, Stored

if TYPE_CHECKING:
    from pipeline.peers import PostgreSQL

_SCHEMA: Final = "bench"


@dataclass(frozen=True)
class TargetDuckdb:
    """target-duckdb; streams without keys need a setting."""

    programs: Path
    name: ClassVar = "target-duckdb"
    QUERY: ClassVar = (
        "import duckdb, json, sys\n"
        # up to DuckDB 1.2, rows are gone with the last reference to their connection
        "database = duckdb.connect(sys.argv[1])\n"
        "rows = database.sql('select count(*), sum(edits) from bench.posts').fetchall()\n"
        "print(json.dumps([int(number) for number in rows[0]]))"
    )

    def command(self, folder: Path) -> list[str | Path]:
        settings = {
            "filepath": str(folder / "posts.duckdb"),
            "default_target_schema": _SCHEMA,
            "primary_key_required": False,
        }
        return [self.programs / "target-duckdb", "--config", settings_file(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        python, database = self.programs / "python", folder / "posts.duckdb"
        return Stored(*json.loads(output_of([python, "-c", self.QUERY, database])))


@dataclass(frozen=True)
class TargetJsonl:
    """target-jsonl."""

    programs: Path
    name: ClassVar = "target-jsonl"

    def command(self, folder: Path) -> list[str | Path]:
        settings = {"destination_path": str(folder), "do_timestamp_file": False}
        return [self.programs / "target-jsonl", "--config", settings_file(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        rows = edited = 0
        with (folder / f"{STREAM}.jsonl").open("rb") as lines:
            for line in lines:
                rows += 1
                edited += b'"edits": 0' not in line
        return Stored(rows, edited)


@dataclass(frozen=True)
class TargetCsv:
    """MeltanoLabs' target-csv."""

    programs: Path
    name: ClassVar = "target-csv"
    QUERY: ClassVar = (
        "import csv, json, sys\n"
        "rows = [row['edits'] for row in csv.DictReader(open(sys.argv[1], newline=''))]\n"
        "print(json.dumps([len(rows), sum(edits != '0' for edits in rows)]))"
    )

    def command(self, folder: Path) -> list[str | Path]:
        settings = {"output_path": str(folder), "file_naming_scheme": "{stream_name}.csv"}
        return [self.programs / "target-csv", "--config", settings_file(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        python, file = self.programs / "python", folder / f"{STREAM}.csv"
        return Stored(*json.loads(output_of([python, "-c", self.QUERY, file])))


@dataclass(frozen=True)
class TargetPostgres:
    """MeltanoLabs' target-postgres, with a server on the same machine that does not wait for the disk."""

    programs: Path
    server: PostgreSQL
    name: ClassVar = "target-postgres"

    def command(self, folder: Path) -> list[str | Path]:
        # a schema of its own for each run
        settings = {**self.server.settings, "default_target_schema": _name_of(folder)}
        return [self.programs / "target-postgres", "--config", settings_file(folder, settings)]

    def stored(self, folder: Path) -> Stored:
        schema = f'"{_name_of(folder)}"'
        [found] = self.server.sql(f"select count(*), sum(edits) from {schema}.{STREAM}")
        self.server.sql(f"drop schema {schema} cascade")
        return Stored(*map(int, found.split("|")))


@dataclass(frozen=True)
class Dlt:
    """dlt, which has no command for Singer: a script in its terms, into a Delta table."""

    programs: Path
    name: ClassVar = "dlt"
    SCRIPT: ClassVar = Path(__file__).with_name("dlt_target.py")
    QUERY: ClassVar = (
        "import json, sys\n"
        "from deltalake import DeltaTable\n"
        "edits = [row['edits'] for batch in DeltaTable(sys.argv[1]).to_pyarrow_dataset()"
        ".to_batches(columns=['edits']) for row in batch.to_pylist()]\n"
        "print(json.dumps([len(edits), sum(edits)]))"
    )

    def command(self, folder: Path) -> list[str | Path]:
        telemetry = "RUNTIME__DLTHUB_TELEMETRY=false"
        return ["env", telemetry, self.programs / "python", self.SCRIPT, folder]

    def stored(self, folder: Path) -> Stored:
        python, table = self.programs / "python", folder / "bench" / STREAM
        return Stored(*json.loads(output_of([python, "-c", self.QUERY, table])))


def _name_of(folder: Path) -> str:
    return f"bench_{folder.name.lower()}"
