"""How much memory a command and the processes it starts hold together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Self

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS_BETWEEN: Final = 0.05
_MEGABYTE: Final = 1_000_000


class PeakMemory:
    """Samples a tree of processes every 50 ms while the block lasts.

    A sample is the sum of the processes' proportional set sizes (`Pss` of Linux): a page that
    several of them share counts once. A peak shorter than 50 ms may be missed.

    Args:
        pid: The root of the tree.

    Attributes:
        mb: The largest sample, in millions of bytes.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.mb = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.mb = max(self.mb, sum(map(_pss, self._tree())) / _MEGABYTE)
            if self._ended.wait(_SECONDS_BETWEEN):
                return

    def _tree(self) -> Iterator[Any]:
        yield self._root
        try:
            yield from self._root.children(recursive=True)
        except psutil.NoSuchProcess:
            return


def _pss(process: Any) -> int:
    """The proportional set size in bytes; 0 for a process that has ended."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
