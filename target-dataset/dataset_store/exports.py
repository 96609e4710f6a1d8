"""Export of datasets to files; the ending sets the format."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from dataset_store.errors import DatasetError
from dataset_store.new_files import STANDARD_STREAM, new_file
from dataset_store.rows import CsvOptions, write_csv, write_json, write_json_lines, write_parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from dataset_store.base import Dataset

    Writer = Callable[[pa.RecordBatchReader, BinaryIO], None]

_CSV: Final = ".csv"
_XLSX: Final = ".xlsx"
_WRITERS: Final[dict[str, Writer]] = {
    ".json": write_json,
    ".jsonl": write_json_lines,
    ".parquet": write_parquet,
}
ENDINGS: Final = (_CSV, _XLSX, *_WRITERS)


def export(
    dataset: Dataset,
    file: Path,
    csv: CsvOptions,
    through: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]] = iter,
) -> None:
    """Write a dataset to a file, or as CSV to standard output.

    Args:
        dataset: The dataset.
        file: The file, or `-`.
        csv: Options of CSV.
        through: Passes the rows through, such as to count them.

    Raises:
        DatasetError: The ending is unknown, the format cannot hold the dataset, or the options
            apply to another format.
    """
    is_stream = str(file) == STANDARD_STREAM
    write = _writer(dataset, _CSV if is_stream else file.suffix.lower(), file, csv)
    rows = pa.RecordBatchReader.from_batches(dataset.schema, through(dataset.read()))
    if is_stream:
        write(rows, sys.stdout.buffer)
        return
    with new_file(file) as sink:
        write(rows, sink)


def _writer(dataset: Dataset, ending: str, file: Path, csv: CsvOptions) -> Writer:
    if ending == _CSV:
        return partial(write_csv, options=csv)
    if ending not in ENDINGS:
        message = f"{file}: its ending is not a known format; use one of {', '.join(ENDINGS)}"
        raise DatasetError(message)
    if csv != CsvOptions():
        message = f"{file}: --bom and --guard-formulas are for CSV; omit them"
        raise DatasetError(message)
    return _xlsx_writer(dataset) if ending == _XLSX else _WRITERS[ending]


def _xlsx_writer(dataset: Dataset) -> Writer:
    # slow to import and rarely needed
    from dataset_store.xlsx_output import check_bounds, write_xlsx  # noqa: PLC0415

    check_bounds(dataset.info().rows, len(dataset.schema))
    return write_xlsx
