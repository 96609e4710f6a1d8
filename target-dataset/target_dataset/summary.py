"""The summary of a run of the target: what was read, and what became of each dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from singer_plugin.summary import Outcome
from singer_plugin.text_table import INDENT, aligned, printable, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dataset_store import DatasetInfo
    from singer_plugin.summary import Run
    from target_dataset.loads import Load

HEADINGS: Final = ("dataset", "written", "new", "rows now", "version")
UNKNOWN: Final = "?"


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What a run has written into one dataset.

    Attributes:
        id: Its GUID.
        name: Its name; the GUID if the store does not say.
        streams: The streams whose rows went there.
        method: How they were loaded: upsert, append-only or overwrite.
        written: Rows that were committed: with `upsert` new ones and replaced ones.
        rows: How many rows it has now; None if the store does not say.
        new: How many more rows it has than before the run; None if that is not known.
        version: Its version now.
        location: Where it is.
    """

    id: str
    name: str
    streams: Sequence[str]
    method: str
    written: int
    rows: int | None = None
    new: int | None = None
    version: str | None = None
    location: str | None = None

    @classmethod
    def of(cls, load: Load, info: DatasetInfo | None) -> DatasetSummary:
        """The summary of a load.

        Args:
            load: What was written.
            info: The dataset as it is now; None if it is not known.
        """
        identity = load.dataset.id, tuple(load.streams), load.method, load.written
        dataset_id, streams, method, written = identity
        if info is None:
            return cls(dataset_id, dataset_id, streams, method, written)
        before = load.rows_before
        new = None if before is None else info.rows - before
        return cls(
            dataset_id,
            info.name,
            streams,
            method,
            written,
            info.rows,
            new,
            info.version,
            info.location,
        )

    def as_json(self) -> dict[str, Any]:
        """The values for programs."""
        return {
            "dataset": self.id,
            "name": self.name,
            "streams": list(self.streams),
            "load_method": self.method,
            "written": self.written,
            "new": self.new,
            "rows": self.rows,
            "version": self.version,
            "location": self.location,
        }

    def cells(self) -> Sequence[str]:
        """Its row of the table."""
        figures = (_figure(self.written), _figure(self.new), _figure(self.rows))
        return (printable(self.name), *figures, printable(self.version or UNKNOWN))

    def identity(self) -> str:
        """Its GUID, and the streams whose names it does not bear."""
        streams = "" if self.streams == (self.name,) else f" of {', '.join(self.streams)}"
        return printable(f"{self.id}, {self.method}{streams}")


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """What a run of the target did.

    Attributes:
        run: When and how it ended.
        datasets: The datasets that its rows went to.
        messages: How many messages of each type were read.
        is_state_emitted: Whether the last STATE was passed on; None if there was none.
        errors: The texts of errors that ended the run.
    """

    run: Run
    datasets: Sequence[DatasetSummary]
    messages: Mapping[str, int]
    is_state_emitted: bool | None
    errors: Sequence[str] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        return {
            **self.run.as_json(),
            "messages": {kind.lower(): count for kind, count in self.messages.items()},
            "datasets": [each.as_json() for each in self.datasets],
            "is_last_state_emitted": self.is_state_emitted,
            "errors": list(self.errors),
        }

    def as_text(self) -> str:
        """The summary for people."""
        return "\n".join([self.run.as_text(), *self._table(), *self._notes()])

    def _table(self) -> Iterator[str]:
        if not self.datasets:
            return
        heading, *lines = aligned([HEADINGS, *(each.cells() for each in self.datasets)])
        yield heading
        for line, each in zip(lines, self.datasets, strict=True):
            yield line
            yield f"{INDENT}{each.identity()}"

    def _notes(self) -> Iterator[str]:
        places = {each.location.removesuffix(each.id) for each in self.datasets if each.location}
        for place in sorted(places):
            yield from wrapped(f"Store: {place}", indent="")
        yield f"Records read: {self.messages.get('RECORD', 0):,}."
        if self.run.outcome is not Outcome.COMPLETE and self.is_state_emitted is not None:
            yield (
                "The last STATE was passed on: the next run resumes after it."
                if self.is_state_emitted
                else "The last STATE was not passed on: the next run repeats rows before it."
            )
        if self.errors:
            yield "Failed: see the lines below this summary for the cause and the fix."


def _figure(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"
