"""Records of a stream that wait to be decoded, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from typing_extensions import Buffer

    from target_dataset.decode import RecordDecoder
    from target_dataset.errors import Place
    from target_dataset.record_lines import Lines

_DECODED_AT_ONCE: Final = 5_000
_DECODED_BYTES: Final = 200_000
"""How much text of lines is decoded at once: a chunk of the input, less a line that is cut."""


class HeldRecords:
    """Holds records as JSON until there are many, and then as Arrow; their order stays.

    Args:
        decoder: Decodes them.
    """

    def __init__(self, decoder: RecordDecoder) -> None:
        self._decoder = decoder
        self._records: list[Buffer] = []
        self._places: list[Place] = []
        self._lines: list[Lines] = []
        self._line_bytes = 0
        self._line_count = 0
        self._batches: list[pa.RecordBatch] = []

    def add(self, record: Buffer, place: Place) -> None:
        """Hold back a record.

        Args:
            record: The record as JSON.
            place: Where it stands, for messages.

        Raises:
            InputError: One that is held back is not valid.
        """
        if self._lines:
            self.decode()
        self._records.append(record)
        self._places.append(place)
        if len(self._records) >= _DECODED_AT_ONCE:
            self.decode()

    def add_lines(self, lines: Lines) -> None:
        """Hold back RECORD messages.

        Raises:
            InputError: One that is held back is not valid.
        """
        if self._records:
            self.decode()
        self._lines.append(lines)
        self._line_bytes += len(lines.text)
        self._line_count += lines.count
        if self._line_bytes >= _DECODED_BYTES or self._line_count >= _DECODED_AT_ONCE:
            self.decode()

    def decode(self) -> None:
        """Make Arrow of what is JSON.

        Raises:
            InputError: A record is not valid, or a line is no message.
        """
        if self._records:
            self._batches.append(self._decoder.decode(self._records, self._places))
            self._records, self._places = [], []
        if self._lines:
            self._batches.append(self._decoder.decode_lines(self._lines))
            self._lines, self._line_bytes, self._line_count = [], 0, 0

    def take(self) -> Sequence[pa.RecordBatch]:
        """What was held back, decoded; it is held no more.

        Raises:
            InputError: A record is not valid, or a line is no message.
        """
        self.decode()
        batches, self._batches = self._batches, []
        return batches
