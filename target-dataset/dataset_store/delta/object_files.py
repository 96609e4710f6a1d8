"""Objects as files for Arrow.

The engine's own file system would stop all threads during each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obstore.fsspec import BufferedFile, FsspecStore
from pyarrow import PythonFile
from pyarrow.fs import FSSpecHandler

if TYPE_CHECKING:
    from typing_extensions import Buffer


class ObjectFile(BufferedFile):
    """An object that is read or written."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(*arguments, **options)
        except BaseException:
            # the destructor would try to close what was never opened, and print a traceback
            self.closed = True
            raise

    def write(self, data: Buffer) -> int:
        """Write data: Arrow gives buffers of signed bytes, which obstore refuses."""
        return super().write(bytes(data))


class ObjectTree(FsspecStore):
    """All objects of a server, by paths that begin with their bucket."""

    def _open(self, path: str, mode: Any = "rb", *_: Any, **__: Any) -> ObjectFile:
        return ObjectFile(self, path, mode)


class ObjectHandler(FSSpecHandler):  # type: ignore[misc] # Arrow has no types
    """The objects for Arrow, which would ask twice whether an object exists."""

    def open_input_file(self, path: str) -> PythonFile:
        """Open an object for reading.

        Raises:
            FileNotFoundError: There is none.
        """
        return PythonFile(self.fs.open(path, mode="rb"), mode="r")
