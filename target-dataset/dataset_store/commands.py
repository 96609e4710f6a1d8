"""What the commands of `dataset` do, once their words are understood."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import pyarrow as pa

from dataset_store import tables
from dataset_store.base import DatasetSpec
from dataset_store.csv_files import CsvFile
from dataset_store.errors import (
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    StoreError,
)
from dataset_store.identity import guid_in
from dataset_store.rows import FORMATS, records, to_json, write_csv, write_json
from dataset_store.schema import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from dataset_store.base import Dataset, DatasetInfo, DatasetStore

STANDARD_STREAM: Final = "-"

_SHOWN_VERSIONS: Final = 5
_SHOWN_ROWS: Final = 1_000
"""How many rows of an answer a table shows; rich lays a table out in memory."""


def import_csv(  # noqa: PLR0913 - one argument for each option
    store: DatasetStore, file: CsvFile, name: str, *, description: str, replace: bool, as_json: bool
) -> None:
    """Put a CSV file into a new dataset, or in the place of what a dataset holds.

    Raises:
        DatasetExistsError: A dataset of this name is there, and is not to be replaced.
        CsvError: The file is not the CSV that it should be; nothing is changed or left then.
    """
    with _spooled(file) as local:
        rows = local.rows()
        spec = DatasetSpec(name, rows.schema, description=description)
        dataset = _replaced(store, spec, rows) if replace else _created(store, spec, rows)
    info = dataset.info()
    click.echo(to_json(_listed(info), indent=2) if as_json else info.id)
    click.echo(f"Dataset {name!r} holds {info.rows:,} rows now.", err=True)


def _created(store: DatasetStore, spec: DatasetSpec, rows: pa.RecordBatchReader) -> Dataset:
    if existing := store.named(spec.name):
        message = (
            f"Dataset {spec.name!r} is there already ({existing[0].id}); "
            "--replace puts the file in the place of its rows, another --name beside it"
        )
        raise DatasetExistsError(message)
    dataset = store.create(spec)
    try:
        dataset.overwrite(rows)
    except BaseException:
        store.remove(dataset.id)
        raise
    return dataset


def _replaced(store: DatasetStore, spec: DatasetSpec, rows: pa.RecordBatchReader) -> Dataset:
    if not store.named(spec.name):
        return _created(store, spec, rows)
    if spec.description:
        message = "--description: the dataset is there already and keeps its own; leave it out"
        raise click.UsageError(message)
    dataset = store.open(spec.name)
    dataset.overwrite(rows)
    return dataset


@contextmanager
def _spooled(file: CsvFile) -> Iterator[CsvFile]:
    """The file itself, or a copy of the standard input: a faulty line is looked for twice."""
    if str(file.path) != STANDARD_STREAM:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
        copy = Path(folder) / "standard-input.csv"
        with copy.open("wb") as target:
            shutil.copyfileobj(sys.stdin.buffer, target)
        yield CsvFile(copy, file.delimiter, file.columns)


def list_datasets(store: DatasetStore, *, as_json: bool) -> None:
    """Print all datasets."""
    infos = list(store.list())
    if as_json:
        click.echo(to_json([_listed(info) for info in infos], indent=2))
    else:
        tables.console().print(tables.of_datasets(infos))


def _listed(info: DatasetInfo) -> dict[str, Any]:
    return asdict(info)


def show(
    store: DatasetStore, reference: str, *, rows: int, names: Sequence[str], as_json: bool
) -> None:
    """Print what a dataset is: its columns, newest versions and first rows.

    Raises:
        DatasetError: One of the names is no column.
    """
    dataset = store.open(reference)
    info = dataset.info()
    versions = dataset.versions(_SHOWN_VERSIONS)
    head = list(_first(dataset.read(names or None, batch_rows=max(rows, 1)), rows))
    if as_json:
        columns = [{"name": field.name, "type": type_name(field)} for field in dataset.schema]
        found = {
            **_listed(info),
            "columns": columns,
            "versions": [asdict(version) for version in versions],
            "head": [record for batch in head for record in records(batch)],
        }
        click.echo(to_json(found, indent=2))
        return
    console = tables.console()
    console.print(tables.of_datasets([info]))
    console.print(info.location, markup=False)
    console.print(tables.of_columns(dataset.schema, info.keys))
    console.print(tables.of_versions(versions))
    if head:
        keys_first = dict.fromkeys(names or [*info.keys, *dataset.schema.names])
        table, left_out = tables.of_rows(list(keys_first), head, console)
        console.print(table)
        if left_out:
            click.echo(f"{left_out} more columns: --columns A,B shows chosen ones, --json all.")


def _first(batches: Iterable[pa.RecordBatch], limit: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if limit <= 0:
            return
        yield batch.slice(0, limit)
        limit -= batch.num_rows


def export(store: DatasetStore, reference: str, file: Path) -> None:
    """Write a dataset to a file whose ending says how; `-` is CSV on the standard output.

    Raises:
        DatasetError: The ending is unknown.
    """
    write = write_csv if str(file) == STANDARD_STREAM else FORMATS.get(file.suffix.lower())
    if write is None:
        message = f"{file}: its ending names no format; known are {', '.join(FORMATS)}"
        raise DatasetError(message)
    dataset = store.open(reference)
    with _sink(file) as sink:
        write(pa.RecordBatchReader.from_batches(dataset.schema, dataset.read()), sink)


@contextmanager
def _sink(file: Path) -> Iterator[BinaryIO]:
    """The standard output, or a file that takes its name when it is complete."""
    if str(file) == STANDARD_STREAM:
        yield sys.stdout.buffer
        return
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as sink:
            yield sink
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def query(store: DatasetStore, sql: str, *, as_json: bool, as_csv: bool) -> None:
    """Print the answer to an SQL query."""
    answer = store.query(sql)
    stdout = sys.stdout.buffer
    if as_json:
        write_json(answer, stdout)
    elif as_csv:
        write_csv(answer, stdout)
    else:
        shown = list(_first(answer, _SHOWN_ROWS))
        console = tables.console()
        table, left_out = tables.of_rows(answer.schema.names, shown, console)
        console.print(table)
        if left_out:
            click.echo(
                f"{left_out} more columns: select fewer; --csv and --json print all.", err=True
            )
        if sum(batch.num_rows for batch in shown) == _SHOWN_ROWS:
            click.echo(f"Shown are {_SHOWN_ROWS:,} rows; --csv and --json print all.", err=True)


def compact(store: DatasetStore, reference: str, *, vacuum: bool, retain_hours: int | None) -> None:
    """Join a dataset's small files, and delete its old ones if asked to."""
    dataset = store.open(reference)
    click.echo(f"Files saved by joining: {dataset.compact():,}.", err=True)
    if vacuum:
        click.echo(f"Old files deleted: {dataset.vacuum(retain_hours):,}.", err=True)


def remove(store: DatasetStore, reference: str, *, yes: bool) -> None:
    """Delete a dataset, after a question."""
    dataset_id, what = _condemned(store, reference)
    if not yes:
        click.confirm(f"Delete {what} with all its versions?", abort=True, err=True)
    store.remove(dataset_id)
    click.echo(f"Deleted {what}.", err=True)


def _condemned(store: DatasetStore, reference: str) -> tuple[str, str]:
    """The GUID and the description of what is to be deleted; it may be damaged."""
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
