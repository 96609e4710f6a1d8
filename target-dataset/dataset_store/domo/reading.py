"""Rows of a dataset from Domo's export, a stream of CSV."""

from __future__ import annotations

from contextlib import closing
from typing import IO, TYPE_CHECKING, Any, Final, cast

import pyarrow as pa
import pyarrow.csv as pacsv
import requests
import urllib3

from dataset_store.domo.client import CSV
from dataset_store.domo.tries import MAX_TRIES, Call
from dataset_store.errors import DatasetError
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataset_store.domo.client import DomoClient

_BLOCK_BYTES: Final = 4_000_000
"""How much is parsed at a time; also the maximum size of a row."""

_WIRE_TIME: Final = pa.timestamp("us")
_BREAKS: Final = (
    urllib3.exceptions.HTTPError,
    requests.RequestException,
    ConnectionError,
    TimeoutError,
)


def exported(
    client: DomoClient, dataset_id: str, schema: pa.Schema, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """The rows of a dataset, in batches of at most `batch_rows`.

    Args:
        client: Sends the request.
        dataset_id: The dataset.
        schema: The wanted columns; Domo sends all of them.
        batch_rows: The maximum number of rows in a batch.

    Raises:
        DatasetError: The export is interrupted, or does not match the columns.
    """
    where = f"Dataset {dataset_id}"
    for attempt in range(1, MAX_TRIES + 1):
        given = False
        try:
            for batch in _read(client, where, dataset_id, schema):
                for start in range(0, batch.num_rows, batch_rows):
                    given = True
                    yield batch.slice(start, batch_rows)
        except _BREAKS as error:
            # yielded rows cannot be taken back, and the next export may have another order
            if given or attempt == MAX_TRIES:
                message = f"{where}: its export was interrupted ({type(error).__name__}); run again"
                raise DatasetError(message) from None
        else:
            return


def _read(
    client: DomoClient, where: str, dataset_id: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    call = Call(
        where, f"/v1/datasets/{dataset_id}/data", params={"includeHeader": "true"}, accept=CSV
    )
    with closing(client.stream(call)) as response:
        response.raw.decode_content = True
        body = _Body(response.raw)
        try:
            reader = pacsv.open_csv(
                cast("IO[bytes]", body),
                read_options=pacsv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
                parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                convert_options=pacsv.ConvertOptions(
                    column_types={field.name: _wire_type(field.type) for field in schema},
                    include_columns=schema.names,
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    timestamp_parsers=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", pacsv.ISO8601],
                ),
            )
            for batch in reader:
                yield _typed(batch, schema)
        except (pa.ArrowInvalid, pa.ArrowKeyError, KeyError):
            if body.error:
                raise body.error from None
            # Arrow's message shows values
            message = (
                f"{where}: its export does not fit its columns; a value is not of its column's "
                f"type, a row is longer than {_BLOCK_BYTES:,} bytes, or the columns changed "
                "during the run"
            )
            raise DatasetError(message) from None


class _Body:
    """The body of a response as a file for Arrow; it keeps the error that interrupted it."""

    closed = False

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        try:
            found: bytes = self._raw.read(size)
        except _BREAKS as error:
            self.error = error
            raise
        return found

    def close(self) -> None:
        """Do nothing: the sender of the request closes the response."""


def _wire_type(data_type: pa.DataType) -> pa.DataType:
    return _WIRE_TIME if data_type == TIMESTAMP else data_type


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
