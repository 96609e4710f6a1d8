"""Records of a stream that wait to be decoded in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_dataset.chunks import Chunk, UndecodedLines, UndecodedRecords
from target_dataset.versions import with_no_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from typing_extensions import Buffer

    from target_dataset.chunks import Undecoded
    from target_dataset.decode import RecordDecoder
    from target_dataset.errors import Place
    from target_dataset.record_lines import Lines
    from target_dataset.workers import Workers

_DECODED_AT_ONCE: Final = 5_000
_DECODED_BYTES: Final = 200_000
"""How much text is decoded at once: a chunk of the input, without a line that is cut."""


class HeldRecords:
    """Holds records as JSON until there are many, then as Arrow; their order stays.

    Args:
        decoder: Decodes them.
        workers: Decode large chunks. The first chunk of a batch is decoded here: there may be no
            others, and a worker must be given the schema before its first.
    """

    def __init__(self, decoder: RecordDecoder, workers: Workers) -> None:
        self._decoder = decoder
        self._workers = workers
        self._records: list[Buffer] = []
        self._places: list[Place] = []
        self._versions: list[int | None] = []
        self._lines: list[Lines] = []
        self._line_bytes = 0
        self._line_count = 0
        self._chunks: list[Chunk] = []

    def add(self, record: Buffer, place: Place, version: int | None = None) -> None:
        """Hold a record back.

        Args:
            record: The record as JSON.
            place: Its place, for messages.
            version: The version in its message.

        Raises:
            InputError: A record held back is not valid.
            WorkerError: A worker process has ended.
        """
        if self._lines:
            self.decode()
        self._records.append(record)
        self._places.append(place)
        self._versions.append(version)
        if len(self._records) >= _DECODED_AT_ONCE:
            self._pass_on()

    def add_lines(self, lines: Lines) -> None:
        """Hold RECORD messages back.

        Raises:
            InputError: A record held back is not valid.
            WorkerError: A worker process has ended.
        """
        if self._records:
            self.decode()
        self._lines.append(lines)
        self._line_bytes += len(lines.text)
        self._line_count += len(lines)
        if self._line_bytes >= _DECODED_BYTES or self._line_count >= _DECODED_AT_ONCE:
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the workers decode a full chunk."""
        if not self._chunks:
            self.decode()
            return
        for records in self._undecoded():
            chunk = Chunk(self._decoder, records)
            self._workers.decode(chunk)
            self._chunks.append(chunk)

    def decode(self) -> None:
        """Convert the held JSON to Arrow.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """
        for records in self._undecoded():
            chunk = Chunk(self._decoder, records)
            chunk.decode()
            self._chunks.append(chunk)

    def _undecoded(self) -> Iterator[Undecoded]:
        """The held JSON, which is no longer held."""
        if self._records:
            records, self._records = self._records, []
            places, self._places = self._places, []
            versions, self._versions = self._versions, []
            yield UndecodedRecords(records, places, versions)
        if self._lines:
            lines, self._lines = self._lines, []
            self._line_bytes = self._line_count = 0
            yield UndecodedLines(lines)

    def keep_versions(self, decoder: RecordDecoder) -> None:
        """Decode the records that come with another decoder, which keeps their versions.

        Raises:
            InputError: A record held back is not valid.
        """
        self._workers.wait()
        self.decode()
        for chunk in self._chunks:
            chunk.take_rows(with_no_version(chunk.rows))
        self._decoder = decoder

    def take(self) -> Sequence[pa.RecordBatch]:
        """Return and release the held records, decoded.

        Raises:
            InputError: A record is not valid, or a line is not a message.
            WorkerError: A worker process has ended.
        """
        self._workers.wait()
        self.decode()
        chunks, self._chunks = self._chunks, []
        return [chunk.rows for chunk in chunks]
