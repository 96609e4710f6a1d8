"""Records of a stream that wait to be decoded in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_dataset.versions import with_no_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from typing_extensions import Buffer

    from target_dataset.decode import RecordDecoder
    from target_dataset.errors import Place
    from target_dataset.record_lines import Lines

_DECODED_AT_ONCE: Final = 5_000
_DECODED_BYTES: Final = 200_000
"""How much text is decoded at once: a chunk of the input, without a line that is cut."""


class HeldRecords:
    """Holds records as JSON until there are many, then as Arrow; their order stays.

    Args:
        decoder: Decodes them.
    """

    def __init__(self, decoder: RecordDecoder) -> None:
        self._decoder = decoder
        self._records: list[Buffer] = []
        self._places: list[Place] = []
        self._versions: list[int | None] = []
        self._lines: list[Lines] = []
        self._line_bytes = 0
        self._line_count = 0
        self._batches: list[pa.RecordBatch] = []

    def add(self, record: Buffer, place: Place, version: int | None = None) -> None:
        """Hold a record back.

        Args:
            record: The record as JSON.
            place: Its place, for messages.
            version: The version in its message.

        Raises:
            InputError: A record held back is not valid.
        """
        if self._lines:
            self.decode()
        self._records.append(record)
        self._places.append(place)
        self._versions.append(version)
        if len(self._records) >= _DECODED_AT_ONCE:
            self.decode()

    def add_lines(self, lines: Lines) -> None:
        """Hold RECORD messages back.

        Raises:
            InputError: A record held back is not valid.
        """
        if self._records:
            self.decode()
        self._lines.append(lines)
        self._line_bytes += len(lines.text)
        self._line_count += len(lines)
        if self._line_bytes >= _DECODED_BYTES or self._line_count >= _DECODED_AT_ONCE:
            self.decode()

    def decode(self) -> None:
        """Convert the held JSON to Arrow.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """
        if self._records:
            self._batches.append(self._decoder.decode(self._records, self._places, self._versions))
            self._records, self._places, self._versions = [], [], []
        if self._lines:
            self._batches.append(self._decoder.decode_lines(self._lines))
            self._lines, self._line_bytes, self._line_count = [], 0, 0

    def keep_versions(self, decoder: RecordDecoder) -> None:
        """Decode the records that come with another decoder, which keeps their versions.

        Raises:
            InputError: A record held back is not valid.
        """
        self.decode()
        self._batches = [with_no_version(batch) for batch in self._batches]
        self._decoder = decoder

    def take(self) -> Sequence[pa.RecordBatch]:
        """Return and release the held records, decoded.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """
        self.decode()
        batches, self._batches = self._batches, []
        return batches
