"""The summary of a run of the tap: rows, ids, requests, costs, waits and failures by stream."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from singer_plugin.summary import Outcome, duration
from singer_plugin.text_table import aligned, listed, wrapped
from tap_twitter.cost.ledger import Tally, exact
from tap_twitter.errors import causes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from singer_plugin.summary import Ending, Run
    from tap_twitter.api.rate_limits import Reason
    from tap_twitter.errors import Failure
    from tap_twitter.streams.base import XStream

HEADINGS: Final = ("stream", "state", "rows", "requests", "objects", "USD")


class StreamState(enum.StrEnum):
    """How far a stream was read."""

    COMPLETE = "complete"
    BUDGET = "budget"
    """The budget ended it; the next run resumes it."""

    PARTIAL = "partial"
    """Some of its accounts, lists or queries failed."""

    FAILED = "failed"
    STOPPED = "stopped"
    """A signal or an error of the whole run ended it; the next run resumes it."""

    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What a run did for one stream.

    Attributes:
        stream: Its name.
        state: How far it was read.
        rows: RECORD messages written.
        outcomes: How many of the requested ids had each status, if the stream is about ids.
        bill: What it has bought.
    """

    stream: str
    state: StreamState
    rows: int
    outcomes: Mapping[str, int]
    bill: Tally

    def as_json(self) -> dict[str, Any]:
        """The values for programs."""
        return {
            "stream": self.stream,
            "state": self.state.value.replace(" ", "_"),
            "rows": self.rows,
            "outcomes": dict(self.outcomes),
            **_figures(self.bill),
        }

    def cells(self) -> Sequence[str]:
        """Its row of the table."""
        return (self.stream, self.state.value, f"{self.rows:,}", *_cells(self.bill))

    def outcome_lines(self) -> list[str]:
        """What became of its ids."""
        counted = [(count, status.replace("_", " ")) for status, count in self.outcomes.items()]
        return wrapped(listed(counted)) if counted else []


@dataclass(frozen=True, slots=True)
class TapSummary:
    """What a run of the tap did.

    Attributes:
        run: When and how it ended.
        streams: The selected streams in reading order.
        waits: Seconds waited, by reason.
        failures: What failed, while other parts were completed.
        errors: The texts of errors that ended the run, if no failures stand for them.
    """

    run: Run
    streams: Sequence[StreamSummary]
    waits: Mapping[Reason, float]
    failures: Sequence[Failure]
    errors: Sequence[str] = field(default=())

    @property
    def total(self) -> Tally:
        """The bill of all streams."""
        return sum((each.bill for each in self.streams), Tally())

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        return {
            **self.run.as_json(),
            "streams": [each.as_json() for each in self.streams],
            "total": {"rows": self._rows, **_figures(self.total)},
            "waited_seconds": {
                reason.name.lower(): round(seconds, 3) for reason, seconds in self.waits.items()
            },
            "failures": [_failure(each) for each in causes(self.failures)],
            "errors": list(self.errors),
        }

    @property
    def _rows(self) -> int:
        return sum(each.rows for each in self.streams)

    def as_text(self) -> str:
        """The summary for people."""
        return "\n".join([self.run.as_text(), *self._table(), *self._notes()])

    def _table(self) -> Iterator[str]:
        if not self.streams:
            return
        total = self.total
        rows = [HEADINGS, *(each.cells() for each in self.streams)]
        if len(self.streams) > 1:
            rows.append(("total", "", f"{self._rows:,}", *_cells(total)))
        if total.objects:
            free = total.net_usd - total.gross_usd
            repeats = f"{-total.repeats:,}"
            rows.append(("repeats of the day", "free", "", "", repeats, exact(free)))
            net = f"{total.objects - total.repeats:,}"
            rows.append(("to pay", "estimate", "", "", net, exact(total.net_usd)))
        heading, *lines = aligned(rows, texts=2)
        yield heading
        for place, line in enumerate(lines):
            yield line
            if place < len(self.streams):
                yield from self.streams[place].outcome_lines()

    def _notes(self) -> Iterator[str]:
        waits = [
            f"{duration(seconds)} for {reason.value}"
            for reason, seconds in self.waits.items()
            if seconds
        ]
        if waits:
            yield from wrapped(f"Waited {', '.join(waits)}.", indent="")
        if self.run.outcome in {Outcome.SIGNAL, Outcome.BUDGET}:
            yield "The next run resumes here."
        found = len(causes(self.failures)) or len(self.errors)
        if found:
            what = "1 failure" if found == 1 else f"{found} failures"
            yield f"{what}: see the lines around this summary for the cause and the fix."


def summary_of(
    run: Run, ending: Ending, streams: Sequence[XStream[Any]], waits: Mapping[Reason, float]
) -> TapSummary:
    """The summary of a run.

    Args:
        run: When and how it ended.
        ending: What ended it.
        streams: The selected streams.
        waits: Seconds waited, by reason.
    """
    failures = [each for stream in streams for each in stream.run.failures.of(stream.name)]
    return TapSummary(
        run,
        [_stream_summary(each) for each in streams],
        waits,
        failures,
        [] if failures else ending.errors,
    )


def _stream_summary(stream: XStream[Any]) -> StreamSummary:
    bill = stream.run.api.ledger.tallies[stream.name]
    state = _state(stream)
    return StreamSummary(stream.name, state, stream.output.rows, stream.outcomes(), bill)


def _state(stream: XStream[Any]) -> StreamState:
    failures = stream.run.failures.of(stream.name)
    if any(not each.is_of_partition for each in failures):
        return StreamState.FAILED
    if failures:
        failed = {each.partition for each in failures}
        is_all = failed >= {each.name for each in stream.subjects}
        return StreamState.FAILED if is_all else StreamState.PARTIAL
    if not stream.is_finished:
        return StreamState.STOPPED if stream.is_begun else StreamState.NOT_READ
    is_cut = stream.name in stream.run.api.ledger.cut
    return StreamState.BUDGET if is_cut else StreamState.COMPLETE


def _cells(bill: Tally) -> Sequence[str]:
    return (f"{bill.requests:,}", f"{bill.objects:,}", exact(bill.gross_usd))


def _figures(bill: Tally) -> dict[str, Any]:
    free: Decimal = bill.gross_usd - bill.net_usd
    return {
        "requests": bill.requests,
        "objects": bill.objects,
        "usd": float(bill.gross_usd),
        "repeats": bill.repeats,
        "repeats_usd": float(free),
        "usd_to_pay": float(bill.net_usd),
    }


def _failure(failures: Sequence[Failure]) -> dict[str, Any]:
    """Failures of one cause."""
    first = failures[0]
    return {
        "streams": list(dict.fromkeys(each.stream for each in failures)),
        "partitions": list(dict.fromkeys(each.partition for each in failures if each.partition)),
        "noun": first.noun,
        "error": str(first.error),
    }
