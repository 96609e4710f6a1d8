"""The command line of `dataset`; `commands` holds the implementation."""

from __future__ import annotations

import functools
import logging
import re
import signal
import threading
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dataset_store.chosen_store import DEFAULT, OPTION, store_at, store_of_settings
from dataset_store.command_options import as_json, csv_options, delimiter, encoding, names
from dataset_store.errors import DatasetError
from dataset_store.json_files import STANDARD_INPUT
from dataset_store.unexpected import ReportingGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store.base import DatasetStore

_SQL_COMMENT = re.compile(r"--(?:[^\n]*\n|(?![a-z-]+=)\S*\s)")


class _Warnings(logging.Handler):
    """Prints the package's warnings as lines on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"Warning: {record.getMessage()}", err=True)


class _Group(ReportingGroup):
    """Commands that end with one line if a dataset or a file cannot be used."""

    known_errors = (DatasetError,)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendataset-target-dataset")
def main() -> None:
    """Work with datasets: typed tables with a GUID, a name and a schema.

    If a command takes a DATASET, give its GUID, a URL that holds the GUID, or its name.
    """
    package = logging.getLogger("dataset_store")
    if not package.handlers:
        package.addHandler(_Warnings())


def _unwind_on_signals(context: click.Context) -> None:
    """Clean up unfinished files if Ctrl-C or SIGTERM ends a command; SIGTERM exits with 143."""

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    _handle(context, signal.SIGTERM, stop)
    _handle(context, signal.SIGINT, signal.default_int_handler)


def _handle(context: click.Context, number: signal.Signals, handler: Callable[..., None]) -> None:
    """Handle a signal until the command ends, unless it is ignored."""
    before = signal.getsignal(number)
    if before is not signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(number, handler)
        context.call_on_close(lambda: signal.signal(number, before or signal.SIG_DFL))


def _commands() -> Any:
    """The implementation, imported on use: it needs Arrow and Delta Lake, but help does not."""
    from dataset_store import commands  # noqa: PLC0415

    return commands


def _in_store(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--store` and `--config` to a command, and pass the store as its first argument.

    Until everything that the command needs is loaded, a signal ends it at once.
    """

    @click.option(
        "--store",
        "address",
        envvar="DATASET_STORE",
        default=DEFAULT,
        show_default=True,
        show_envvar=True,
        help="Where datasets live: a folder, s3://bucket/folder, or domo://api.domo.com. Set the "
        "store's options, such as Domo's client_id and client_secret, as JSON in the variable "
        "DATASET_STORE_OPTIONS.",
    )
    @click.option(
        OPTION,
        "settings",
        metavar="FILE",
        help="Take the store and its options from this file, which has the settings of "
        "target-dataset; - is standard input.",
    )
    @functools.wraps(command)
    def wrapped(address: str, settings: str | None, **arguments: Any) -> None:
        context = click.get_current_context()
        is_given = context.get_parameter_source("address") is ParameterSource.COMMANDLINE
        if settings is not None and is_given:
            msg = "give --store or --config, not both"
            raise click.UsageError(msg)
        store = store_at(address) if settings is None else store_of_settings(settings)
        context.call_on_close(store.close)
        _commands()
        _unwind_on_signals(context)
        command(store, **arguments)

    return wrapped


def _read_once(command: Callable[..., None]) -> Callable[..., None]:
    """Refuse standard input as the file of a command and as its settings at once."""

    @functools.wraps(command)
    def wrapped(file: Path, settings: str | None, **arguments: Any) -> None:
        if str(file) == settings == STANDARD_INPUT:
            msg = "standard input has either the settings or the rows; give one of them as a file"
            raise click.UsageError(msg)
        command(file=file, settings=settings, **arguments)

    return wrapped


@main.command("import")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--name", required=True, help="The name of the dataset.")
@click.option("--description", default="", help="The description of a new dataset.")
@click.option("--replace", is_flag=True, help="Replace the rows of an existing dataset.")
@click.option(
    "--delimiter",
    callback=delimiter,
    help="The delimiter of CSV: one character, or `tab`. Default: the one of , ; tab "
    "and | that splits the first lines evenly.",
)
@click.option(
    "--encoding",
    callback=encoding,
    help="The encoding of CSV, such as cp1252. Default: that of the byte order mark, or UTF-8.",
)
@click.option("--sheet", help="The sheet of a workbook. Default: the first that is not hidden.")
@click.option(
    "--columns",
    default="",
    callback=names,
    help="The names of the columns, separated by commas; for a file without a header line.",
)
@click.option(
    "--header",
    "any_header",
    is_flag=True,
    help="Use the first line as names even if it looks like data, such as years.",
)
@as_json
@_read_once
@_in_store
def import_file(store: DatasetStore, file: Path, **options: Any) -> None:
    """Make a dataset from FILE, CSV or an Excel workbook (.xlsx), and print its GUID.

    `-` is standard input. All columns are text, so that IDs keep every digit; number cells of a
    workbook that may have lost digits are an error. An empty field or cell is null.
    """
    from dataset_store.imports import ImportOptions  # noqa: PLC0415

    of_file = {field.name: options.pop(field.name) for field in fields(ImportOptions)}
    if of_file["columns"] and of_file["any_header"]:
        message = "give either --columns or --header, not both"
        raise click.UsageError(message)
    _commands().import_file(store, file, ImportOptions(**of_file), **options)


@main.command("list")
@as_json
@_in_store
def list_datasets(store: DatasetStore, **options: Any) -> None:
    """List all datasets."""
    _commands().list_datasets(store, **options)


@main.command()
@click.argument("dataset")
@click.option(
    "--rows",
    type=click.IntRange(0),
    help="How many rows to show. Default: 10, or about 3 if the columns do not fit beside each "
    "other.",
)
@click.option(
    "--columns",
    "names",
    default="",
    callback=names,
    help="The columns of the rows to show, separated by commas. Default: all, keys first.",
)
@click.option(
    "--profile/--no-profile",
    "profiled",
    default=None,
    help="Whether to read all rows for a profile of the columns. Default: up to 20 million values.",
)
@as_json
@_in_store
def show(store: DatasetStore, dataset: str, **options: Any) -> None:
    """Show a dataset's first rows, a profile of its columns, and its newest versions.

    The profile has the nulls of each column, the number of distinct values (`~` is an estimate),
    the least and the greatest value, and the newest times.
    """
    _commands().show(store, dataset, **options)


@main.command()
@click.argument("dataset", required=False)
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path), required=False)
@click.option(
    "--duckdb",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all datasets into one DuckDB file instead, as tables, for dbt and BI tools.",
)
@click.option("--schema", help="The schema of these tables. Default: main.")
@csv_options
@_in_store
def export(
    store: DatasetStore,
    dataset: str | None,
    file: Path | None,
    duckdb: Path | None,
    schema: str | None,
    **csv: bool,
) -> None:
    """Write a DATASET to FILE, which only its owner can read.

    The ending of FILE sets the format: .csv, .xlsx, .json, .jsonl or .parquet; `-` writes CSV to
    standard output. FILE appears once it is complete; a symbolic link in its place is not followed.
    """
    from dataset_store.rows import CsvOptions  # noqa: PLC0415

    if duckdb is not None:
        if dataset is not None or any(csv.values()):
            message = "--duckdb writes all datasets, without DATASET, --bom and --guard-formulas"
            raise click.UsageError(message)
        _commands().export_to_duckdb(store, duckdb, "main" if schema is None else schema)
        return
    if dataset is None or file is None or schema is not None:
        message = "give DATASET and FILE, or --duckdb FILE, which may have --schema"
        raise click.UsageError(message)
    _commands().export(store, dataset, file, CsvOptions(**csv))


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default="report.html")
@click.option("--title", default="X report", show_default=True, help="The title of the page.")
@_in_store
def report(store: DatasetStore, file: Path, **options: Any) -> None:
    """Write a report of the store's datasets to FILE (report.html), which only its owner can read.

    It is one HTML page without scripts, for any browser and for printing: followers, posts and
    engagement by day, best posts and hours, messages by day, lookup statuses, costs. Datasets are
    recognized by their columns.
    """
    _commands().report(store, file, **options)


class _SqlCommand(click.Command):
    """A command whose argument may begin with an SQL comment, which looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        queries = [each for each in args if _SQL_COMMENT.match(each)]
        others = [each for each in args if each not in queries]
        return super().parse_args(ctx, [*others, "--", *queries] if queries else args)


@main.command(cls=_SqlCommand)
@click.argument("query")
@click.option(
    "--engine",
    type=click.Choice(["datafusion", "duckdb", "sail"]),
    default="datafusion",
    show_default=True,
    help="The SQL engine. `datafusion` is built in; `duckdb`, an extra, has JSON functions; "
    "`sail`, an extra, sends the query to a server.",
)
@click.option(
    "--address",
    "server",
    envvar="SPARK_REMOTE",
    show_envvar=True,
    metavar="URL",
    help="With --engine sail: the server, such as sc://127.0.0.1:50051.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@csv_options
@as_json
@_in_store
def sql(
    store: DatasetStore, query: str, *, bom: bool, guard_formulas: bool, **options: Any
) -> None:
    """Run an SQL QUERY and print the result.

    Each dataset is a table, by its name and by its GUID. Put names that are not plain identifiers
    in double quotes (backticks with --engine sail) and text in single quotes; names are
    case-sensitive: dataset sql 'select count(*) from "my posts"'
    """
    _check_server(options["engine"], options["server"])
    if options["as_csv"] and options["as_json"]:
        message = "give either --csv or --json, not both"
        raise click.UsageError(message)
    if (bom or guard_formulas) and not options["as_csv"]:
        message = "--bom and --guard-formulas require --csv; add it"
        raise click.UsageError(message)
    from dataset_store.rows import CsvOptions  # noqa: PLC0415

    _commands().query(store, query, csv=CsvOptions(bom, guard_formulas), **options)


def _check_server(engine: str, server: str | None) -> None:
    """Require `--engine sail` and `--address` together; the variable may always be set."""
    source = click.get_current_context().get_parameter_source("server")
    if not server if engine == "sail" else source is ParameterSource.COMMANDLINE:
        message = "--engine sail and --address sc://127.0.0.1:50051 go together; give both"
        raise click.UsageError(message)


@main.command()
@click.argument("dataset")
@click.option("--vacuum", is_flag=True, help="Delete the files of old versions, too.")
@click.option(
    "--retain-hours",
    type=click.IntRange(0),
    help="With --vacuum: the number of past hours whose versions stay readable, instead of the "
    "dataset's own setting. 0 is safe only while nothing else reads or writes it.",
)
@_in_store
def compact(store: DatasetStore, dataset: str, *, vacuum: bool, retain_hours: int | None) -> None:
    """Join the small files of a DATASET, so that it is read and upserted faster.

    Other programs can keep reading and writing it.
    """
    if retain_hours is not None and not vacuum:
        message = "--retain-hours requires --vacuum; add it"
        raise click.UsageError(message)
    _commands().compact(store, dataset, vacuum=vacuum, retain_hours=retain_hours)


@main.command()
@click.argument("dataset")
@click.argument("name")
@_in_store
def rename(store: DatasetStore, dataset: str, name: str) -> None:
    """Give a DATASET another NAME; its GUID, its rows and the stream that writes to it stay.

    Use the new name in settings and queries that use the old one.
    """
    _commands().rename(store, dataset, name)


@main.command()
@click.argument("dataset")
@click.argument("description")
@_in_store
def describe(store: DatasetStore, dataset: str, description: str) -> None:
    """Replace the DESCRIPTION of a DATASET."""
    _commands().describe(store, dataset, description)


@main.command("rm")
@click.argument("dataset")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_in_store
def remove(store: DatasetStore, dataset: str, **options: Any) -> None:
    """Delete a DATASET with all its versions.

    The bookmark of a stream that writes to it stays. To load all rows again, run the stream with
    --full-refresh, or clear its state.
    """
    _commands().remove(store, dataset, **options)
