"""Processes that a failed test leaves to nobody."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class Popen(subprocess.Popen[Any]):
    """`subprocess.Popen` whose block kills the process if it fails, rather than wait for its end."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the streams and wait for the end of the process."""
        if exc_type is not None:
            self.kill()
        super().__exit__(exc_type, value, traceback)
