"""The target: messages in, datasets and STATE out."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from singer_plugin.summary import Outcome, Run, summarized
from target_dataset.batch_files import batch_records
from target_dataset.errors import RecordBeforeSchemaError, conflicts_of
from target_dataset.json_numbers import as_spelled
from target_dataset.line_buffer import MEGABYTE
from target_dataset.load_progress import load_progress
from target_dataset.load_run import LoadRun, LoadTarget
from target_dataset.mapping import Mapper, mapped
from target_dataset.output import write_state
from target_dataset.reader import InputReader
from target_dataset.sink import DatasetSink
from target_dataset.stream_names import StreamNames
from target_dataset.summary import DatasetSummary, TargetSummary

if TYPE_CHECKING:
    from types import FrameType
    from typing import IO

    from singer_sdk.plugin_base import _ConfigInput
    from typing_extensions import Buffer

    from dataset_store import DatasetInfo
    from dataset_store.progress import Tracker
    from singer_plugin.summary import Ending
    from target_dataset.errors import Place
    from target_dataset.loads import Load
    from target_dataset.mapping import Output
    from target_dataset.messages import RecordMessage
    from target_dataset.record_lines import Lines

_encode: Final = msgspec.json.Encoder(enc_hook=as_spelled, decimal_format="number").encode


class TargetDataset(LoadTarget):
    """Receives the messages of a tap; writes rows to datasets and STATE to standard output."""

    default_sink_class = DatasetSink
    message_reader_class = InputReader

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._max_line_bytes = int(self.config["batch_max_line_mb"] * MEGABYTE)
        self.run = LoadRun(self.config, self._maps)
        self.message_reader = self._reader = InputReader(
            idle_seconds=self._idle_seconds,
            on_idle=self.flush,
            max_line_bytes=self._max_line_bytes,
            around=self.run.reading,
            on_records=self._take_lines,
            on_read=self._show_progress,
        )
        self._tracker: Tracker | None = None
        # one commit at a time: each may need the memory of a batch, and uses all cores itself
        self.max_parallelism = 1
        self._most_held_bytes = int(self.config["batch_memory_mb"] * MEGABYTE)
        self._held_bytes = 0
        self._direct: set[str] = set()
        self._names = StreamNames()
        self._latest_state: str | None = None  # type: ignore[assignment]
        self._emitted_state: str | None = None
        self._signal: signal.Signals | None = None

    @classmethod
    def invoke(  # type: ignore[override]  # the SDK gives each option a name
        cls,
        *,
        about: bool = False,  # noqa: ARG003 - the command prints it
        about_format: str | None = None,  # noqa: ARG003 - the same
        config: _ConfigInput | None = None,
        file_input: IO[str] | None = None,
    ) -> None:
        """Load the input, and end with a summary."""
        cls.print_version(print_fn=cls.logger.info)
        target = cls(
            config=config.config if config else None,
            parse_env_config=bool(config and config.parse_env),
        )
        begun, file = datetime.now(UTC), target.config.get("summary_file")
        summary = partial(target.summary, begun)
        with (
            summarized(summary, cls.known_errors, cls.logger, file),
            load_progress(file_input, cls.logger.info) as tracker,
        ):
            target._tracker = tracker
            target.listen(file_input)

    def _show_progress(self, size: int) -> None:
        """Count bytes whose messages were processed."""
        if self._tracker:
            rows = f"{self._reader.counts['RECORD']:,} rows read"
            self._tracker.note(f"{rows}, {self.run.loads.written:,} committed")
            self._tracker.advance(size)

    def summary(self, begun: datetime, ending: Ending) -> TargetSummary:
        """What the run has done."""
        now, signum = datetime.now(UTC), self._signal
        outcome = ending.outcome if signum is None else Outcome.SIGNAL
        signal_name = None if signum is None else signum.name
        run = Run(self.name, self.plugin_version, begun, now, outcome, signal_name)
        loads = self.run.loads.by_dataset.values()
        state = self._latest_state
        return TargetSummary(
            run,
            [DatasetSummary.of(each, self._info(each, outcome)) for each in loads],
            self._reader.counts,
            None if state is None else state == self._emitted_state,
            () if outcome is Outcome.SIGNAL else ending.errors,
        )

    def _info(self, load: Load, outcome: Outcome) -> DatasetInfo | None:
        """A dataset as it is now; a store that has just failed is not asked for it."""
        is_cheap = self.run.datasets.store.capabilities.cheap_watch
        return load.info() if is_cheap or outcome is Outcome.COMPLETE else None

    def setup_mapper(self) -> None:
        """Use the SDK's mapper with readable errors."""
        self._mapper = self._maps = Mapper(dict(self.config), self.logger)

    def _idle_seconds(self) -> float:
        return self.run.idle_seconds(has_news=self._latest_state != self._emitted_state)

    def flush(self) -> None:
        """Commit all rows held back, then emit the STATE."""
        self._start_flush()
        self.run.commits.wait()

    def _start_flush(self) -> None:
        """The same, in the background."""
        self._decode()
        self.drain_all()
        self._held_bytes = 0
        self.run.commits.add(partial(self._load_due, self._latest_state))
        self.run.commits.start()

    def _load_due(self, state: str | None) -> None:
        """If the store's interval has passed, commit the rows that wait for it and emit a STATE."""
        if self.run.paced.is_due:
            self.run.paced.commit()
            if state:
                self._emit_state(state)

    def _decode(self) -> None:
        """Decode all records held back before any of them is committed."""
        self.run.workers.wait()
        for sink in (*self._sinks_to_clear, *self._sinks_active.values()):
            cast("DatasetSink", sink).decode()

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        # it may change the columns of a dataset that is being written, or about to be
        self.run.workers.wait()
        self.run.commits.wait()
        stream = message_dict["stream"]
        with conflicts_of(f"Stream {stream!r}"):
            prepared = self._maps.prepared(stream, message_dict["schema"])
        super()._process_schema_message({**message_dict, "schema": prepared})
        self._maps.check_schema(stream)
        for number, output in enumerate(self._outputs(stream)):
            self._names.claim(output.alias, stream, number)
            sink = self._sink(output.alias)
            sink.is_incremental = bool(message_dict.get("bookmark_properties"))
            sink.open()
        self._direct.discard(stream)
        if self.run.is_direct(stream):
            self._direct.add(stream)

    def _outputs(self, stream: str) -> list[Output]:
        """The outputs of the stream; empty if a stream map removes it.

        Raises:
            RecordBeforeSchemaError: The stream has no SCHEMA yet.
        """
        outputs = self._maps.of(stream)
        if outputs is None:
            message = (
                f"Line {self._reader.line_number} of the input: the stream {stream!r} has no "
                "SCHEMA yet; the tap must send it first"
            )
            raise RecordBeforeSchemaError(message)
        return outputs

    def _sink(self, stream: str) -> DatasetSink:
        return cast("DatasetSink", self.get_sink(stream))

    def _process_record_message(self, message: RecordMessage) -> None:  # type: ignore[override]
        self._take(message, self._reader.line_number)

    def _take_lines(self, lines: Lines) -> bool:
        """Hold RECORD messages back unparsed, if their stream goes unchanged to its sink."""
        assert lines.head
        if lines.head.stream not in self._direct:
            return False
        sink = self._sink(lines.head.stream)
        if not sink.takes_lines:
            return False
        if len(lines) > 1 and self._would_be_full(sink, lines):
            # the commit follows the same record as if they were read one by one
            for line in lines.each():
                self._hold_lines(sink, line)
        else:
            self._hold_lines(sink, lines)
        return True

    def _would_be_full(self, sink: DatasetSink, lines: Lines) -> bool:
        return (
            self._held_bytes + lines.record_bytes >= self._most_held_bytes
            or sink.current_size + len(lines) >= sink.max_size
        )

    def _hold_lines(self, sink: DatasetSink, lines: Lines) -> None:
        sink.add_lines(lines)
        self._count_held(sink, lines.record_bytes)

    def _take(self, message: RecordMessage, place: Place) -> None:
        if message.stream in self._direct:
            self._hold(self._sink(message.stream), message.record, place, message.version)
            return
        outputs = self._outputs(message.stream)
        record = self._maps.checked(message, place) if outputs else {}
        for output in outputs:
            found = mapped(record, output, message.stream, place)
            if found is not None:
                sink = self._sink(output.alias)
                sink.set_metadata(found, message)
                self._hold(sink, _encode(found), place, message.version)

    def _hold(self, sink: DatasetSink, record: Buffer, place: Place, version: int | None) -> None:
        sink.add(record, place, version)
        self._count_held(sink, memoryview(record).nbytes)

    def _count_held(self, sink: DatasetSink, size: int) -> None:
        self._held_bytes += size
        if self._held_bytes >= self._most_held_bytes or sink.is_full:
            self._start_flush()

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        """Process the records of files as if each had come in a RECORD.

        In the SDK, they would bypass stream maps and metadata.
        """
        stream = message_dict["stream"]
        self._outputs(stream)
        records = batch_records(
            message_dict,
            self._maps.properties(stream),
            max_bytes=self._max_line_bytes,
            null_dates=self.config["invalid_dates"] == "null",
        )
        for place, message in records:
            self._take(message, place)

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Retire older rows, after the records held back were committed."""
        for output in self._outputs(message_dict["stream"]):
            self.flush()
            self._sink(output.alias).activate_version(message_dict["version"])

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        super()._process_state_message(message_dict)
        if self._max_record_age_in_minutes > self._MAX_RECORD_AGE_IN_MINUTES:
            self.flush()

    def _write_state_message(self, state: str) -> None:  # type: ignore[override]
        """Emit a STATE after the rows before it."""
        self.run.commits.add(partial(self._emit_state, state))

    def _emit_state(self, state: str) -> None:
        """Write a STATE with the tap's spelling: as Python's numbers, bookmarks may change."""
        is_empty = not state.strip("{} \t\r")
        is_waiting = self.run.staging.is_waiting or self.run.paced.is_waiting
        if state != self._emitted_state and not is_empty and not is_waiting:
            write_state(state)
            self._emitted_state = state

    def process_endofpipe(self) -> None:
        """Commit the rest; staged rows replace others only if no signal has come.

        The end of the input does not show whether the tap finished or failed.
        """
        try:
            self._finish()
        finally:
            self.run.datasets.store.close()

    def _finish(self) -> None:
        self._decode()
        self.flush()
        self.run.paced.commit_last(lambda: self._signal is not None)
        if self._signal is None:
            self.run.staging.commit()
            self._warn_of_unused_names()
        super().process_endofpipe()
        self.run.commits.start()
        self.run.commits.wait()
        if self._signal is not None:
            sys.exit(128 + self._signal)

    def _warn_of_unused_names(self) -> None:
        for line in self._maps.warnings():
            self.logger.warning("%s", line)
        for line in self._names.unused(self.config["datasets"]):
            self.logger.warning("%s", line)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End the input here: records read so far are committed, and STATE is emitted.

        The SDK drains inside the handler, which may have interrupted another drain.
        """
        self.logger.info("Signal %d: committing the records read so far", signum)
        self._signal = signal.Signals(signum)
        signal.signal(signum, signal.SIG_DFL)
        self._reader.stop()
