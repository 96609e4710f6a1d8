"""The words of the `dataset` command; `commands` holds the deeds."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dataset_store.errors import DatasetError
from dataset_store.stores import open_store
from dataset_store.unexpected import ReportingGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store.base import DatasetStore

_DELIMITERS = {"tab": "\t", "\\t": "\t"}


class _Warnings(logging.Handler):
    """Shows the package's warnings as lines on the standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"Warning: {record.getMessage()}", err=True)


class _Group(ReportingGroup):
    """Commands that end with one line where a dataset or a file cannot be used."""

    known_errors = (DatasetError,)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendataset-target-dataset")
def main() -> None:
    """Work with datasets: typed tables with a GUID, a name and a schema.

    Where a command takes a DATASET, give its GUID, a URL that holds the GUID, or its name.
    """
    package = logging.getLogger("dataset_store")
    if not package.handlers:
        package.addHandler(_Warnings())


def _commands() -> Any:
    """The deeds, imported when one is to be done: they need Arrow and Delta Lake, help does not."""
    from dataset_store import commands  # noqa: PLC0415

    return commands


def _in_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `--store` and, as its first argument, the store."""

    @click.option(
        "--store",
        "address",
        envvar="DATASET_STORE",
        default="./datasets",
        show_default=True,
        show_envvar=True,
        help="Where datasets live: a folder.",
    )
    @functools.wraps(command)
    def wrapped(address: str, **arguments: Any) -> None:
        command(open_store(address), **arguments)

    return wrapped


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def _delimiter(_context: click.Context, _option: click.Parameter, value: str) -> str:
    character = _DELIMITERS.get(value, value)
    if len(character.encode()) != 1 or character in '"\r\n':
        message = "give one character other than a quote, or `tab`"
        raise click.BadParameter(message)
    return character


@main.command("import")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--name", required=True, help="What the dataset is called.")
@click.option("--description", default="", help="What a new dataset holds.")
@click.option("--replace", is_flag=True, help="Replace what an existing dataset holds.")
@click.option(
    "--delimiter",
    default=",",
    show_default=True,
    callback=_delimiter,
    help="What separates fields: one character, or `tab`.",
)
@click.option(
    "--columns",
    default="",
    help="The names of the columns, with commas between; for a file without a line of names.",
)
@_as_json
@_in_store
def import_file(
    store: DatasetStore, file: Path, delimiter: str, columns: str, **options: Any
) -> None:
    """Make a dataset of a CSV FILE and print its GUID.

    FILE is in UTF-8; `-` is the standard input. All columns are text, so that IDs keep every digit.
    An empty field is null.
    """
    from dataset_store.csv_files import CsvFile  # noqa: PLC0415

    _commands().import_csv(store, CsvFile(file, delimiter, _names(columns)), **options)


def _names(columns: str) -> tuple[str, ...]:
    return tuple(columns.split(",")) if columns else ()


@main.command("list")
@_as_json
@_in_store
def list_datasets(store: DatasetStore, **options: Any) -> None:
    """List all datasets."""
    _commands().list_datasets(store, **options)


@main.command()
@click.argument("dataset")
@click.option(
    "--rows", type=click.IntRange(0), default=10, show_default=True, help="How many rows to show."
)
@click.option(
    "--columns",
    default="",
    help="Which columns of the rows to show, with commas between; else those that fit, keys first.",
)
@_as_json
@_in_store
def show(store: DatasetStore, dataset: str, columns: str, **options: Any) -> None:
    """Show a dataset's columns, newest versions and first rows."""
    _commands().show(store, dataset, names=_names(columns), **options)


@main.command()
@click.argument("dataset")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@_in_store
def export(store: DatasetStore, dataset: str, file: Path) -> None:
    """Write a DATASET to FILE.

    The ending of FILE says how: .csv, .json, .jsonl or .parquet; `-` is CSV on the standard output.
    """
    _commands().export(store, dataset, file)


@main.command()
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_as_json
@_in_store
def sql(store: DatasetStore, query: str, **options: Any) -> None:
    """Answer an SQL QUERY.

    Each dataset is a table, by its name and by its GUID. Quote what is no plain identifier; upper
    and lower case differ: dataset sql 'select count(*) from "my posts"'
    """
    if options["as_csv"] and options["as_json"]:
        message = "--csv and --json exclude each other"
        raise click.UsageError(message)
    _commands().query(store, query, **options)


@main.command()
@click.argument("dataset")
@click.option("--vacuum", is_flag=True, help="Delete the files of old versions, too.")
@click.option(
    "--retain-hours",
    type=click.IntRange(0),
    help="With --vacuum: of which last hours all versions stay readable, instead of those that the "
    "dataset grants. 0 is safe only while nothing else reads or writes it.",
)
@_in_store
def compact(store: DatasetStore, dataset: str, *, vacuum: bool, retain_hours: int | None) -> None:
    """Join the small files of a DATASET, so that it is read and upserted faster.

    Other programs may go on reading and writing it.
    """
    if retain_hours is not None and not vacuum:
        message = "--retain-hours is for --vacuum; give both"
        raise click.UsageError(message)
    _commands().compact(store, dataset, vacuum=vacuum, retain_hours=retain_hours)


@main.command("rm")
@click.argument("dataset")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_in_store
def remove(store: DatasetStore, dataset: str, **options: Any) -> None:
    """Delete a DATASET with all its versions."""
    _commands().remove(store, dataset, **options)
