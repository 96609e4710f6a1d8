"""Commands that users type, and that the set-up can run for them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


def installed(program: str) -> str:
    """The program that is installed beside this one, else any of its name."""
    beside = Path(sys.executable).parent / program
    return str(beside) if beside.exists() else program


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Programs of which each reads what the one before writes.

    Attributes:
        programs: Each with its arguments.
        folder: Where they run.
        output: The file for what the last one writes; None for the terminal.
        appends: Whether the file keeps what it holds.
    """

    programs: Sequence[Sequence[str]]
    folder: Path
    output: str | None = None
    appends: bool = False

    @property
    def text(self) -> str:
        """The pipeline as it is typed in the folder."""
        parts = [shlex.join([_short(first, self.folder), *rest]) for first, *rest in self.programs]
        sink = f" {'>>' if self.appends else '>'} {self.output}" if self.output else ""
        return " | ".join(parts) + sink

    def run(self) -> None:
        """Run it to its end.

        Raises:
            UserError: One of the programs failed; it has said why.
        """
        with ExitStack() as opened:
            running: list[subprocess.Popen[bytes]] = []
            source = None
            for program in self.programs:
                is_last = program is self.programs[-1]
                sink = self._sink(opened) if is_last else subprocess.PIPE
                process = subprocess.Popen(  # noqa: S603 - the project's programs, and no shell
                    program, cwd=self.folder, stdin=source, stdout=sink
                )
                if source is not None:
                    source.close()
                source = process.stdout
                running.append(process)
            codes = [process.wait() for process in running]
        if any(codes):
            msg = "It failed: see above."
            raise UserError(msg)

    def _sink(self, opened: ExitStack) -> int | None:
        if self.output is None:
            return None
        mode = "ab" if self.appends else "wb"
        return opened.enter_context((self.folder / self.output).open(mode)).fileno()


def _short(program: str, folder: Path) -> str:
    """The program as the user may type it in the folder."""
    path = Path(program)
    if path.is_relative_to(folder):
        return str(path.relative_to(folder))
    return path.name if shutil.which(path.name) == program else program
