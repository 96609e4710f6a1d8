"""The implementation of the commands of `dataset`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
import pyarrow as pa

from dataset_store import exports, tables
from dataset_store.base import DatasetSpec
from dataset_store.errors import (
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    StoreError,
)
from dataset_store.identity import guid_in
from dataset_store.imports import load_table, table_file
from dataset_store.new_files import STANDARD_STREAM, new_file
from dataset_store.profile import is_small, profile
from dataset_store.progress import tracked
from dataset_store.rows import records, to_json, write_csv, write_json
from dataset_store.schema import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from dataset_store.base import DatasetStore
    from dataset_store.imports import ImportOptions
    from dataset_store.progress import Tracker
    from dataset_store.rows import CsvOptions

_SHOWN_VERSIONS: Final = 5
_HEAD_ROWS: Final = 10
_HEAD_RECORDS: Final = 3
"""The same, if columns stand below each other."""

_BOOKMARK: Final = (
    "If a stream writes to it: its bookmark stays, so the next sync brings only new rows. "
    "To load all rows again, run it with --full-refresh, or clear its state (meltano state clear)."
)
_PAGES: Final = frozenset({".html", ".htm"})
_PLANS: Final = {("plan_type", "plan"), ("explain_key", "explain_value"), ("plan",)}
"""The columns of results of EXPLAIN, whose lines must not be truncated."""

_SHOWN_ROWS: Final = 1_000
"""The maximum number of rows in a table of results; rich lays a table out in memory."""


def import_file(  # noqa: PLR0913 - one argument for each option
    store: DatasetStore,
    file: Path,
    options: ImportOptions,
    name: str,
    *,
    description: str,
    replace: bool,
    as_json: bool,
) -> None:
    """Import a file into a new dataset, or replace the rows of an existing one.

    Raises:
        DatasetExistsError: A dataset of this name exists, and `replace` is false.
        FileFormatError: The file is not valid; then nothing is changed or left behind.
    """
    with (
        table_file(file, options) as table,
        _progress("import", table.blocks, "blocks") as tracker,
    ):
        found = table.rows()
        rows = pa.RecordBatchReader.from_batches(found.schema, tracker.blocks(found))
        spec = DatasetSpec(name, rows.schema, description=description)
        if replace and description and store.named(name):
            message = "--description: the dataset already exists and keeps its own; omit the option"
            raise click.UsageError(message)
        dataset = load_table(store, spec, rows, replace=replace)
    info = dataset.info()
    click.echo(to_json(asdict(info), indent=2) if as_json else info.id)
    click.echo(f"Dataset {name!r} now holds {info.rows:,} rows.", err=True)


def _progress(
    name: str, total: int | None = None, unit: str = "", *, prints: bool = False
) -> AbstractContextManager[Tracker]:
    """Show the progress of the block on standard error.

    Args:
        name: The command.
        total: The amount of work, if it is known beforehand.
        unit: The unit of the total.
        prints: Whether the block prints to standard output.
    """
    may_draw = not (prints and sys.stdout.isatty())
    return tracked(name, partial(click.echo, err=True), total, unit, may_draw=may_draw)


def list_datasets(store: DatasetStore, *, as_json: bool) -> None:
    """Print all datasets."""
    infos = list(store.list())
    if as_json:
        click.echo(to_json([asdict(info) for info in infos], indent=2))
    else:
        console = tables.console()
        console.print(tables.of_datasets(infos, console))


def show(  # noqa: PLR0913 - one argument for each option
    store: DatasetStore,
    reference: str,
    *,
    rows: int | None,
    names: Sequence[str],
    profiled: bool | None,
    as_json: bool,
) -> None:
    """Print a dataset: its first rows, its columns with their profile, and newest versions.

    Raises:
        StoreError: A profile is requested, and the store does not support SQL.
        DatasetError: One of the names is not a column.
    """
    dataset = store.open(reference)
    info = dataset.info()
    versions = dataset.versions(_SHOWN_VERSIONS)
    wanted = _HEAD_ROWS if rows is None else rows
    head = list(_first(dataset.read(names or None, batch_rows=max(wanted, 1)), wanted))
    if profiled is None:
        profiled = store.capabilities.sql and is_small(dataset, info.rows)
    profiles = profile(dataset, info.rows) if profiled else None
    if as_json:
        columns: list[dict[str, Any]] = [
            {"name": field.name, "type": type_name(field)} for field in dataset.schema
        ]
        for column, of_column in zip(columns, profiles or (), strict=profiles is not None):
            column["profile"] = asdict(of_column)
        shown = {
            **asdict(info),
            "columns": columns,
            "versions": [asdict(version) for version in versions],
            "head": [record for batch in head for record in records(batch)],
        }
        click.echo(to_json(shown, indent=2))
        return
    console = tables.console()
    if head:
        keys_first = dict.fromkeys(names or [*info.keys, *dataset.schema.names])
        found = tables.of_rows(list(keys_first), head, console)
        _print_rows(found, console, all_rows=rows is not None)
    console.print(tables.of_dataset(info, tables.newest(dataset.schema, profiles)))
    console.print(tables.of_columns(dataset.schema, info.keys, profiles, console))
    console.print(tables.of_versions(versions))


def _print_rows(found: Sequence[Table], console: Console, *, all_rows: bool) -> None:
    """Print tables of rows; if there are several, only the first rows, unless all are wanted."""
    shown = 0
    for table in found:
        if shown >= _HEAD_RECORDS and not all_rows:
            click.echo("For more rows, use --rows N; for chosen columns, --columns A,B.\n")
            return
        console.print(table)
        # its first column holds the names
        shown += len(table.columns) - 1


def _first(batches: Iterable[pa.RecordBatch], limit: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if limit <= 0:
            return
        yield batch.slice(0, limit)
        limit -= batch.num_rows


def export(store: DatasetStore, reference: str, file: Path, csv: CsvOptions) -> None:
    """Write a dataset to a file; the ending sets the format, and `-` is CSV on standard output.

    Raises:
        DatasetError: The ending is unknown, or the format cannot hold the dataset.
    """
    dataset = store.open(reference)
    is_stream = str(file) == STANDARD_STREAM
    with _progress("export", dataset.info().rows, "rows", prints=is_stream) as tracker:
        exports.export(dataset, file, csv, tracker.rows)


def export_to_duckdb(store: DatasetStore, file: Path, schema: str) -> None:
    """Write all datasets into a DuckDB file, and print how many there are.

    Raises:
        DatasetError: DuckDB is not installed, or a dataset cannot be stored.
    """
    from dataset_store import duckdb_file  # noqa: PLC0415 - slow to import and rarely needed

    with _progress("export") as tracker:
        found = duckdb_file.export_to_duckdb(store, file, schema, tracker)
    views = f" and {len(found.views)} views" if found.views else ""
    click.echo(f"Wrote {len(found.tables)} tables{views} of schema {schema} to {file}")


def report(store: DatasetStore, file: Path, *, title: str) -> None:
    """Write a report of the store's datasets as an HTML page.

    Raises:
        StoreError: The store does not support SQL.
        DatasetError: The ending of the file is not .html.
    """
    # slow to import and rarely needed
    from dataset_store.report import collect, known_figures, write_page  # noqa: PLC0415

    if file.suffix.lower() not in _PAGES:
        message = f"{file}: a report is an HTML page; give a name that ends with .html"
        raise DatasetError(message)
    with _progress("report") as tracker:
        contents = collect(store, known_figures(), tracker)
    with new_file(file) as sink:
        write_page(contents, title, datetime.now(UTC), sink)
    figures = sum(len(section.drawn) for section in contents.sections)
    click.echo(f"Wrote {figures} figures of {len(contents.datasets)} datasets to {file}")


def query(  # noqa: PLR0913 - one argument for each option
    store: DatasetStore,
    sql: str,
    *,
    engine: str,
    server: str | None,
    as_json: bool,
    as_csv: bool,
    csv: CsvOptions,
) -> None:
    """Print the result of an SQL query; `server` is the address of that of `sail`."""
    answer = _answer(store, sql, engine, server)
    stdout = sys.stdout.buffer
    if as_json:
        write_json(answer, stdout)
    elif as_csv:
        write_csv(answer, stdout, csv)
    elif tuple(answer.schema.names) in _PLANS:
        for step in (record for batch in answer for record in records(batch)):
            click.echo(tables.plain("\n".join(step.values())))
    else:
        _print_answer(answer)


def _answer(store: DatasetStore, sql: str, engine: str, server: str | None) -> pa.RecordBatchReader:
    # extras, and slow to import
    if engine == "duckdb":
        from dataset_store import duckdb_queries  # noqa: PLC0415

        return duckdb_queries.answer(sql, store)
    if engine == "sail":
        from dataset_store import sail_queries  # noqa: PLC0415

        return sail_queries.answer(sql, store, server or "")
    return store.query(sql)


def _print_answer(answer: pa.RecordBatchReader) -> None:
    shown = list(_first(answer, _SHOWN_ROWS))
    console = tables.console()
    _print_rows(tables.of_rows(answer.schema.names, shown, console), console, all_rows=True)
    if sum(batch.num_rows for batch in shown) == _SHOWN_ROWS:
        click.echo(f"{_SHOWN_ROWS:,} rows are shown; for all, use --csv or --json.", err=True)


def compact(store: DatasetStore, reference: str, *, vacuum: bool, retain_hours: int | None) -> None:
    """Join a dataset's small files, and delete old ones if requested."""
    dataset = store.open(reference)
    with _progress("compact") as tracker:
        joined = dataset.compact(tracker)
    click.echo(f"Files removed by joining: {joined:,}.", err=True)
    if vacuum:
        with _progress("vacuum"):
            deleted = dataset.vacuum(retain_hours)
        click.echo(f"Old files deleted: {deleted:,}.", err=True)


def rename(store: DatasetStore, reference: str, name: str) -> None:
    """Rename a dataset.

    Raises:
        DatasetExistsError: Another dataset has the name, so it would be ambiguous.
    """
    dataset = store.open(reference)
    others = [info.id for info in store.named(name) if info.id != dataset.id]
    if others:
        message = f"Dataset {others[0]} already has the name {name!r}; choose another name"
        raise DatasetExistsError(message)
    before = dataset.info().name
    dataset.rename(name)
    click.echo(f"Dataset {dataset.id} renamed from {before!r} to {name!r}.", err=True)


def describe(store: DatasetStore, reference: str, description: str) -> None:
    """Replace the description of a dataset."""
    dataset = store.open(reference)
    dataset.describe(description)
    click.echo(f"Description of dataset {dataset.id} replaced.", err=True)


def remove(store: DatasetStore, reference: str, *, yes: bool) -> None:
    """Delete a dataset after confirmation, and explain the effect on the next sync."""
    dataset_id, what = _condemned(store, reference)
    if not yes:
        click.echo(_BOOKMARK, err=True)
        click.confirm(f"Delete {what} with all its versions?", abort=True, err=True)
    store.remove(dataset_id)
    click.echo(f"Deleted {what}.", err=True)
    if yes:
        click.echo(_BOOKMARK, err=True)


def _condemned(store: DatasetStore, reference: str) -> tuple[str, str]:
    """The GUID and the description of the dataset to delete; it may be damaged."""
    try:
        info = store.open(reference).info()
    except (StoreError, DatasetNotFoundError):
        raise
    except DatasetError:
        damaged = guid_in(reference)
        if damaged is None:
            raise
        return damaged, f"the damaged dataset {damaged}"
    return info.id, f"dataset {info.name!r} ({info.id}, {info.rows:,} rows)"
