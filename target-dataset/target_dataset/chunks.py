"""Chunks: records of one stream that are decoded together, here or in another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from typing_extensions import Buffer

    from target_dataset.decode import RecordDecoder
    from target_dataset.errors import Place
    from target_dataset.record_lines import Lines


class Undecoded(Protocol):
    """Records as JSON; can be pickled."""

    @property
    def size(self) -> int:
        """The size of the text in bytes."""

    def decoded_by(self, decoder: RecordDecoder) -> pa.RecordBatch:
        """The rows.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """


@dataclass(frozen=True, slots=True)
class UndecodedLines:
    """RECORD messages as they are in the input."""

    groups: Sequence[Lines]

    @property
    def size(self) -> int:
        """The size of the text in bytes."""
        return sum(len(lines.text) for lines in self.groups)

    def decoded_by(self, decoder: RecordDecoder) -> pa.RecordBatch:
        """The rows."""
        return decoder.decode_lines(self.groups)


@dataclass(frozen=True, slots=True)
class UndecodedRecords:
    """Records without their messages, each with its place and version."""

    records: Sequence[Buffer]
    places: Sequence[Place]
    versions: Sequence[int | None]

    @property
    def size(self) -> int:
        """The size of the text in bytes."""
        return sum(memoryview(record).nbytes for record in self.records)

    def decoded_by(self, decoder: RecordDecoder) -> pa.RecordBatch:
        """The rows."""
        return decoder.decode(self.records, self.places, self.versions)


class Chunk:
    """Records that become rows.

    Args:
        decoder: Decodes them.
        records: The records.
    """

    def __init__(self, decoder: RecordDecoder, records: Undecoded) -> None:
        self.decoder = decoder
        self._records: Undecoded | None = records
        self._rows: pa.RecordBatch | None = None

    @property
    def records(self) -> Undecoded:
        """The records, until they are decoded."""
        assert self._records is not None
        return self._records

    @property
    def rows(self) -> pa.RecordBatch:
        """The rows, once the records are decoded."""
        assert self._rows is not None
        return self._rows

    def take_rows(self, rows: pa.RecordBatch) -> None:
        """Keep the rows instead of the records."""
        self._rows, self._records = rows, None

    def decode(self) -> None:
        """Decode the records in this process.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """
        self.take_rows(self.records.decoded_by(self.decoder))
