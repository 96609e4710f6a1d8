"""Import of files into a dataset; the first bytes of a file decide its format."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from dataset_store.csv_files import CsvFile
from dataset_store.errors import DatasetExistsError, FileFormatError
from dataset_store.identity import dataset_id
from dataset_store.new_files import STANDARD_STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from dataset_store.base import Dataset, DatasetSpec, DatasetStore

_WORKBOOK: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""Archives, and files of Excel 97 to 2003, for which the reader suggests a fix."""

_WORKBOOK_ENDINGS: Final = frozenset({".xlsx", ".xlsm"})


class TableFile(Protocol):
    """A file that holds one table."""

    @property
    def blocks(self) -> int | None:
        """About how many batches its rows are; None if that is not known beforehand."""

    def rows(self) -> pa.RecordBatchReader:
        """The rows, as a stream."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The user's options for a file."""

    columns: tuple[str, ...] = ()
    any_header: bool = False
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@contextmanager
def table_file(path: Path, options: ImportOptions) -> Iterator[TableFile]:
    """The reader of a file: CSV, unless it begins like a workbook or has such an ending.

    Input that can be read only once, such as standard input or a pipe, is copied first: its
    beginning is inspected, and it is read again to find a faulty line.

    Raises:
        FileFormatError: An option is for the other kind of file.
        OSError: The file cannot be read.
    """
    where = "standard input" if str(path) == STANDARD_STREAM else str(path)
    with _readable_twice(path) as local:
        yield _kind(local, path, where, options)


def load_table(
    store: DatasetStore, spec: DatasetSpec, rows: pa.RecordBatchReader, *, replace: bool
) -> Dataset:
    """Put rows into a new dataset, or in the place of those of an existing one.

    Args:
        store: The store.
        spec: The name and the columns.
        rows: The rows.
        replace: Whether an existing dataset of the name gets the rows.

    Raises:
        DatasetExistsError: A dataset of this name exists, and `replace` is false.
        FileFormatError: The file is not valid; then nothing is changed or left behind.
    """
    existing = store.named(spec.name)
    if existing and replace:
        dataset = store.open(spec.name)
        dataset.overwrite(rows)
        return dataset
    if existing:
        message = (
            f"Dataset {spec.name!r} already exists ({existing[0].id}); "
            "use --replace to replace its rows, or another --name"
        )
        raise DatasetExistsError(message)
    if taken := store.find(dataset_id(spec.name)):
        message = (
            f"The GUID of {spec.name!r} belongs to dataset {taken.info().name!r}, which had "
            "that name before; choose another --name"
        )
        raise DatasetExistsError(message)
    dataset = store.create(spec)
    try:
        dataset.overwrite(rows)
    except BaseException:
        store.remove(dataset.id)
        raise
    return dataset


def _kind(local: Path, path: Path, where: str, options: ImportOptions) -> TableFile:
    with local.open("rb") as content:
        begins = content.read(len(_WORKBOOK[0]))
    if begins not in _WORKBOOK and path.suffix.lower() not in _WORKBOOK_ENDINGS:
        _refuse(where, "--sheet is for workbooks, but this is not one", options.sheet)
        return CsvFile(
            local,
            where,
            options.delimiter,
            options.encoding,
            options.columns,
            any_header=options.any_header,
        )
    _refuse(where, "--delimiter is for CSV, but this is a workbook", options.delimiter)
    _refuse(where, "--encoding is for CSV, but this is a workbook", options.encoding)
    # slow to import and rarely needed
    from dataset_store.xlsx_files import XlsxFile  # noqa: PLC0415

    return XlsxFile(local, where, options.sheet, options.columns, any_header=options.any_header)


def _refuse(where: str, reason: str, option: str | None) -> None:
    if option is not None:
        message = f"{where}: {reason}; omit the option"
        raise FileFormatError(message)


@contextmanager
def _readable_twice(path: Path) -> Iterator[Path]:
    if path.is_file() and str(path) != STANDARD_STREAM:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
        copy = Path(folder) / "copy"
        with copy.open("wb") as target:
            if str(path) == STANDARD_STREAM:
                shutil.copyfileobj(sys.stdin.buffer, target)
            else:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, target)
        yield copy
