"""Deletion vectors: the deleted rows of a data file, kept beside it.

See *Deletion Vectors* and *Deletion Vector Format* in Delta's protocol.
"""

from __future__ import annotations

import base64
import struct
import zlib
from array import array
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap64

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyarrow.fs import FileSystem

FOLDER: Final = "_vectors"
"""The folder of vector files in a table's folder.

The engine ignores names that begin with an underscore. Elsewhere, `vacuum(full=True)` of deltalake
1.6 would delete the files of vectors in use: it knows only data files.
"""

_INLINE: Final = "i"
_RELATIVE: Final = "u"
_UUID_LENGTH: Final = 20
_FORMAT: Final = b"\x01"
_MAGIC: Final = struct.pack("<I", 1681511377)
_BASE85: Final = (
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
)
"""The digits of Python's Base85."""

_Z85: Final = (
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
)
"""The digits of the same values in Z85."""

_TO_Z85: Final = bytes.maketrans(_BASE85, _Z85)
_FROM_Z85: Final = bytes.maketrans(_Z85, _BASE85)


class Vector(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where the deleted rows of a file are listed: *Deletion Vector Descriptor* in the protocol."""

    storage_type: str
    path_or_inline_dv: str
    size_in_bytes: int
    cardinality: int
    """The number of deleted rows."""

    offset: int | None = None

    @property
    def path(self) -> str | None:
        """The path of its file below the table's folder; None if it is in the log or elsewhere."""
        if self.storage_type != _RELATIVE:
            return None
        prefix = self.path_or_inline_dv[:-_UUID_LENGTH]
        name = UUID(bytes=_from_z85(self.path_or_inline_dv[-_UUID_LENGTH:]))
        return f"{prefix}/deletion_vector_{name}.bin".lstrip("/")


class VectorError(Exception):
    """A deletion vector cannot be read; the message begins in the middle of a sentence."""


class VectorFiles:
    """The vectors of one table.

    Args:
        files: The table's folder.
    """

    def __init__(self, files: FileSystem) -> None:
        self._files = files

    def read(self, vector: Vector) -> BitMap64:
        """The positions of the deleted rows in their file.

        Raises:
            VectorError: The vector is damaged, or outside of the table's folder.
        """
        content = self._content(vector)
        rows = None
        if content[: len(_MAGIC)] == _MAGIC:
            try:
                rows = BitMap64.deserialize(content[len(_MAGIC) :])
            except ValueError:
                rows = None
        if rows is None or len(rows) != vector.cardinality:
            message = (
                "one of its deletion vectors is damaged; restore its folder from a backup, or load "
                "all rows again with `load_method: overwrite`"
            )
            raise VectorError(message)
        return rows

    def _content(self, vector: Vector) -> bytes:
        if vector.storage_type == _INLINE:
            return _from_z85(vector.path_or_inline_dv)[: vector.size_in_bytes]
        if vector.path is None:
            message = (
                "one of its deletion vectors is outside of its folder; compact it with the program "
                "that wrote it"
            )
            raise VectorError(message)
        with self._files.open_input_file(vector.path) as file:
            file.seek(vector.offset or 0)
            stored = bytes(file.read(4 + vector.size_in_bytes + 4))
        content = stored[4:-4]
        return content if stored == _framed(content) else b""

    def write(self, rows: Mapping[str, BitMap64]) -> dict[str, Vector]:
        """Write vectors to one new file.

        Args:
            rows: The positions of deleted rows, by the path of their file.

        Returns:
            The vectors by the same paths.
        """
        name = uuid4()
        written = {}
        self._files.create_dir(FOLDER)
        with self._files.open_output_stream(f"{FOLDER}/deletion_vector_{name}.bin") as sink:
            sink.write(_FORMAT)
            for path, positions in rows.items():
                content = _MAGIC + positions.serialize()
                written[path] = Vector(
                    _RELATIVE,
                    FOLDER + _z85(name.bytes),
                    len(content),
                    len(positions),
                    sink.tell(),
                )
                sink.write(_framed(content))
        return written

    def discard(self, vectors: Iterable[Vector]) -> None:
        """Delete the files of vectors that were not committed."""
        for path in {vector.path for vector in vectors}:
            if path is not None:
                self._files.delete_file(path)


def positions(rows: pa.BooleanArray, start: int = 0) -> BitMap64:
    """The positions of the true values, from a first position on."""
    found = pc.add(pc.indices_nonzero(rows), pa.scalar(start, pa.uint64()))
    return BitMap64(array("Q", found.to_pylist()))


def is_in(rows: BitMap64, start: int, count: int) -> pa.BooleanArray | None:
    """For each of `count` positions from `start` on, whether it is among the rows.

    None if none of them is.
    """
    if not rows.range_cardinality(start, start + count):
        return None
    here = BitMap64()
    here.add_range(start, start + count)
    marks = bytearray(count)
    for position in rows & here:
        marks[position - start] = 1
    return pa.Array.from_buffers(pa.uint8(), count, [None, pa.py_buffer(marks)]).cast(pa.bool_())


def _framed(content: bytes) -> bytes:
    """A bitmap between its size and its checksum, as in a file of vectors."""
    return struct.pack(">I", len(content)) + content + struct.pack(">I", zlib.crc32(content))


def _z85(content: bytes) -> str:
    return base64.b85encode(content).translate(_TO_Z85).decode()


def _from_z85(text: str) -> bytes:
    return base64.b85decode(text.encode().translate(_FROM_Z85))
