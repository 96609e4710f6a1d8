"""Pages of a Parquet file that would exceed the memory limit.

Two gigabytes of one letter compress to a few kilobytes. Arrow trusts the size that a page
declares, so this module reads page headers first. They are structs of Thrift's compact protocol
(`PageHeader` in parquet.thrift, the definition of the file format).
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow.parquet as pq

_HEADER_BYTES: Final = 1 << 16
"""Larger than any header, except those with statistics of huge values, which are not read."""

_BYTES_OF_NESTED_VALUE: Final = 12
"""Arrow's memory for a value in a list: eight bytes and two levels."""

_SIZE, _COMPRESSED, _DATA, _DICTIONARY, _DATA_V2 = 2, 3, 5, 7, 8
"""Fields of a page header."""

_VALUES: Final = 1
"""The field in both data page headers that counts values, nulls included."""


class ColumnPages(NamedTuple):
    """The memory of the pages of one column.

    Attributes:
        column: The column's path, such as `entities.list.element`.
        largest: The bytes of the largest page.
        dictionary: The bytes of the dictionary; 0 without one.
    """

    column: str
    largest: int
    dictionary: int


def column_pages(file: IO[bytes], metadata: pq.FileMetaData, group: int) -> list[ColumnPages]:
    """The pages of all columns in a row group; their data is not read.

    Args:
        file: The file; its position changes.
        metadata: The file's footer.
        group: The number of the row group.
    """
    found = []
    for column in range(metadata.num_columns):
        chunk = metadata.row_group(group).column(column)
        is_nested = metadata.schema.column(column).max_repetition_level > 0
        headers = list(_headers(file, chunk))
        largest = max((_memory(header, is_nested=is_nested) for header in headers), default=0)
        dictionary = sum(header[_SIZE] for header in headers if _DICTIONARY in header)
        found.append(ColumnPages(str(chunk.path_in_schema), largest, dictionary))
    return found


def _memory(header: dict[int, Any], *, is_nested: bool) -> int:
    data = header.get(_DATA) or header.get(_DATA_V2) or {}
    values = data.get(_VALUES, 0) if is_nested else 0
    return int(max(header[_SIZE], values * _BYTES_OF_NESTED_VALUE))


def _headers(file: IO[bytes], chunk: pq.ColumnChunkMetaData) -> Iterator[dict[int, Any]]:
    """The headers of a column's pages, up to an invalid one, which Arrow rejects itself."""
    offsets = (chunk.dictionary_page_offset, chunk.data_page_offset)
    place = min(each for each in offsets if each is not None)
    end = place + chunk.total_compressed_size
    while 0 <= place < end:
        file.seek(place)
        reader = _Thrift(file.read(_HEADER_BYTES))
        try:
            header = reader.struct()
            size, compressed = int(header[_SIZE]), int(header[_COMPRESSED])
        except (IndexError, KeyError, TypeError, ValueError, RecursionError):
            return
        if size < 0 or compressed < 0:
            return
        yield header
        place += reader.place + compressed


class _Thrift:
    """Reads structs of the compact protocol; values that are not needed are None.

    Args:
        data: The bytes; reading past them raises `IndexError`.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def struct(self) -> dict[int, Any]:
        """The fields of a struct by their numbers."""
        fields: dict[int, Any] = {}
        number = 0
        while byte := self._byte():
            number = number + (byte >> 4) if byte >> 4 else self._signed()
            fields[number] = self._value(byte & 0x0F)
        return fields

    def _value(self, kind: int) -> Any:
        if kind in _BOOLEANS:
            return kind
        return _READ[kind](self)

    def _byte(self) -> int:
        self.place += 1
        return self._data[self.place - 1]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the bit that announces another byte
                return value

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, count: int) -> None:
        self.place += count

    def _list(self) -> None:
        byte = self._byte()
        count = byte >> 4
        for _ in range(self._unsigned() if count == 0x0F else count):  # noqa: PLR2004 - the count follows
            # a boolean in a list takes a byte
            kind = byte & 0x0F
            self._byte() if kind in _BOOLEANS else self._value(kind)


_BOOLEANS: Final = (1, 2)
_READ: Final[dict[int, Callable[[_Thrift], Any]]] = {
    3: _Thrift._byte,
    4: _Thrift._signed,
    5: _Thrift._signed,
    6: _Thrift._signed,
    7: lambda reader: reader._skip(8),
    8: lambda reader: reader._skip(reader._unsigned()),
    9: _Thrift._list,
    10: _Thrift._list,
    12: _Thrift.struct,
}
"""Readers of values, by the protocol's numbers of types; page headers contain no maps."""
