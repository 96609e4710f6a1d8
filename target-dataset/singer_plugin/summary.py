"""The summary that ends every run: one log record for people, and a file for programs."""

from __future__ import annotations

import enum
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from dataset_store.errors import DatasetError
from dataset_store.new_files import new_file
from singer_plugin.command import EndedBySignalError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator

LINES: Final = ".jsonl"
_OWNER_ONLY: Final = 0o600
_APPENDING: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


class Outcome(enum.StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    BUDGET = "stopped by the budget"
    FAILED = "failed"
    SIGNAL = "ended by a signal"


@dataclass(slots=True)
class Run:
    """The beginning and end of a run.

    Attributes:
        program: Its name.
        version: The version of the program.
        started_at: When it started, in UTC.
        ended_at: When it ended.
        outcome: How it ended.
        signal: The signal that ended it, such as SIGTERM.
    """

    program: str
    version: str
    started_at: datetime
    ended_at: datetime
    outcome: Outcome = Outcome.COMPLETE
    signal: str | None = None

    def as_text(self) -> str:
        """The first line of a summary."""
        how = f"ended by {self.signal}" if self.signal else self.outcome.value
        return f"Summary of {self.program}: {how} after {duration(self.seconds)}"

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended_at - self.started_at).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """The members at the beginning of a summary's JSON object."""
        return {
            "program": self.program,
            "version": self.version,
            "started_at": _stamp(self.started_at),
            "ended_at": _stamp(self.ended_at),
            "seconds": round(self.seconds, 3),
            "outcome": self.outcome.name.lower(),
            "signal": self.signal,
        }


class Summary(Protocol):
    """What a program says of a run."""

    def as_text(self) -> str:
        """Lines of at most 80 columns."""

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""


@dataclass
class Ending:
    """How a run ends, while it is not known yet.

    Attributes:
        outcome: How it ends unless an error or a signal comes.
        errors: The texts of errors that end the run.
        signal: The name of the signal that ends it.
    """

    outcome: Outcome = Outcome.COMPLETE
    errors: list[str] = field(default_factory=list)
    signal: str | None = None

    @contextmanager
    def watched(self, known: tuple[type[Exception], ...]) -> Iterator[None]:
        """Note what ends the block.

        Args:
            known: Errors whose text is fit for users; of others, only the type is noted.
        """
        try:
            yield
        except EndedBySignalError as end:
            self.outcome, self.signal = Outcome.SIGNAL, end.signal.name
            raise
        except known as error:
            self.outcome = Outcome.FAILED
            self.errors += str(error).splitlines()
            raise
        except SystemExit:
            self.outcome = Outcome.FAILED
            self.errors.append("The run ended early; its log says why.")
            raise
        except BaseException as error:
            self.outcome = Outcome.FAILED
            self.errors.append(f"An unexpected error occurred ({type(error).__name__}).")
            raise


@contextmanager
def summarized(
    summary: Callable[[Ending], Summary],
    known: tuple[type[Exception], ...],
    logger: logging.Logger,
    file: str | None,
) -> Iterator[Ending]:
    """Log and store the summary of the block, however it ends.

    Args:
        summary: Makes the summary once it is known how the run ends.
        known: Errors whose text is fit for users.
        logger: Receives the summary as one record: a program that passes the log on, such as
            Meltano, then puts its prefix before the first line alone.
        file: The setting `summary_file`.
    """
    ending = Ending()
    try:
        with ending.watched(known):
            yield ending
    finally:
        publish(summary(ending), logger, file)


def publish(summary: Summary, logger: logging.Logger, file: str | None) -> None:
    """Log a summary, and write it to a file if one is wanted; the run succeeds without it."""
    found = summary.as_json()
    logger.info("%s", summary.as_text(), extra={"summary": found})
    if not file:
        return
    try:
        _write(Path(file), json.dumps(found))
    except (OSError, DatasetError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        logger.warning(
            "Setting 'summary_file': the summary cannot be written to %s (%s). Give the path of a "
            "file in a folder that can be written to.",
            file,
            reason,
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != LINES:
        with new_file(path) as sink:
            sink.write(text.encode())
        return
    # several runs may end at once: a line is appended in one piece
    descriptor = os.open(path, _APPENDING, _OWNER_ONLY)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)


def duration(seconds: float) -> str:
    """A duration for people: `2.4 s`, or `0:15:03` from a minute on."""
    short = f"{seconds:.1f} s"
    return short if seconds < 60 else str(timedelta(seconds=round(seconds)))  # noqa: PLR2004


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
