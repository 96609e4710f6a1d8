"""The sink of one stream, which writes to its datasets."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from singer_sdk.helpers.capabilities import TargetLoadMethods
from singer_sdk.sinks import BatchSink

from dataset_store import Below
from target_dataset.decode import RecordDecoder
from target_dataset.errors import InputError, conflicts_of
from target_dataset.held_records import HeldRecords
from target_dataset.record_lines import have_versions
from target_dataset.staging import dataset_with_rows
from target_dataset.versions import DELETED_AT, TABLE_VERSION, marks_of_deletion
from target_dataset.wanted import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Buffer

    from dataset_store import Dataset
    from target_dataset.destinations import Destination
    from target_dataset.errors import Place
    from target_dataset.load_run import LoadTarget
    from target_dataset.messages import RecordMessage
    from target_dataset.record_lines import Lines


class DatasetSink(BatchSink):
    """Holds a stream's records, first as JSON and then as Arrow, until a drain commits them.

    Args:
        target: Provides the settings, the datasets and the staging.
        stream_name: The stream.
        schema: Its JSON schema.
        key_properties: Its keys.
    """

    def __init__(
        self,
        target: LoadTarget,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        config, run = target.config, target.run
        self._make_decoder = partial(
            RecordDecoder,
            stream_name,
            self.schema,
            key_properties or (),
            nested=config["nested"],
            # mapped records were checked before, as their tap sends them
            validate=config["validate_records"] and run.is_direct(stream_name),
            null_dates=config["invalid_dates"] == "null",
            stored=run.datasets.columns(stream_name),
            computed=run.maps.computed(stream_name),
        )
        self._decoder = self._make_decoder()
        self._keys = self._decoder.keys
        self._method = load_method(config.get("load_method"), self._keys)
        if self._method is TargetLoadMethods.UPSERT:
            run.datasets.require("upsert", stream_name)
            self._check_keys()
        self._datasets = run.datasets
        self._staging = run.staging
        self._commits = run.commits
        self._loads = run.loads
        self._destination = self._destined()
        self._paced = run.paced
        self._texts = run.texts
        self._held = HeldRecords(self._decoder, run.workers)
        self._has_warned = False
        self._awaits_version = self._wants_versions
        self.is_incremental = False
        """Whether a run reads only new rows: its SCHEMA has `bookmark_properties`."""

    def _destined(self) -> Destination:
        """The destination of rows as they are decoded now."""
        rows = Rows(self.stream_name, self._decoder.schema, self._keys, self._method)
        return self._datasets.destination(rows)

    def _check_keys(self) -> None:
        types = [self._decoder.schema.field(key).type for key in self._keys]
        if all(map(pa.types.is_null, types)):
            message = (
                f"Stream {self.stream_name!r}: its SCHEMA allows only null as keys, so an upsert "
                "would keep one row; give the keys a type, or set `load_method` to append-only"
            )
            raise InputError(message)

    def get_validator(self) -> None:
        """No validator: the decoder validates records in bulk."""

    @property
    def max_size(self) -> int:
        """The maximum number of records held back."""
        return self.batch_size_rows or sys.maxsize

    def open(self) -> None:
        """Open the dataset before the first record, so that errors end the run now."""
        for dataset in self._destination.open():
            self._note(dataset)
            if self._method is TargetLoadMethods.OVERWRITE:
                self._stage(dataset, self._decoder.schema.empty_table())

    def add(self, record: Buffer, place: Place, version: int | None = None) -> None:
        """Hold a record back.

        Args:
            record: The record as JSON.
            place: Its place, for messages.
            version: The version in its message.
        """
        if version is not None and self._awaits_version:
            self._keep_versions()
        self.tally_record_read()
        self._held.add(record, place, version)

    @property
    def takes_lines(self) -> bool:
        """Whether holding RECORD messages back unparsed is worthwhile."""
        return self._decoder.takes_lines

    def add_lines(self, lines: Lines) -> None:
        """Hold RECORD messages back as they are in the input."""
        if self._awaits_version and have_versions(lines):
            self._keep_versions()
        self.tally_record_read(len(lines))
        self._held.add_lines(lines)

    def set_metadata(self, record: dict[str, Any], message: RecordMessage) -> None:
        """Add the `_sdc_*` columns to a record if they are wanted; otherwise, remove them."""
        if self.include_sdc_metadata_properties:
            metadata = {"time_extracted": message.time_extracted, "version": message.version}
            self._add_sdc_metadata_to_record(record, metadata, self._get_context(record))
        else:
            self._remove_sdc_metadata_from_record(record)

    def decode(self) -> None:
        """Decode the records held back.

        Raises:
            InputError: A record is not valid, or a line is not a message.
        """
        self._held.decode()

    @property
    def batch_processing_timer(self) -> Any:
        """No timer: a batch is only queued here, and processed in `_commit`."""
        return nullcontext()

    def process_batch(self, context: dict[str, Any]) -> None:  # noqa: ARG002 - the SDK's signature
        """Queue the records held back, for one commit per dataset."""
        rows = pa.Table.from_batches(self._held.take(), self._decoder.schema)
        self.record_counter_metric.increment(rows.num_rows)
        self._commits.add(partial(self._commit, rows))

    def _commit(self, rows: pa.Table) -> None:
        with super().batch_processing_timer:
            for dataset, part in self._destination.parts(rows):
                self._load(dataset, part)

    def activate_version(self, new_version: int) -> None:
        """Retire the rows of older versions in the datasets written to by this run.

        Rows without a version stay as they are, as in singer-sdk's SQL targets.
        """
        if not self.process_activate_version_messages:
            return
        if self._method is TargetLoadMethods.OVERWRITE:
            return
        if self.include_sdc_metadata_properties:
            self._datasets.require("delete_rows", self.stream_name)
        elif not self._can_retire_rows:
            self._warn_that_rows_stay()
            return
        for dataset in self._destination.open():
            if TABLE_VERSION in dataset.schema.names:
                self._retire(dataset, Below(TABLE_VERSION, new_version))

    def _retire(self, dataset: Dataset, older: Below) -> None:
        if self.config["hard_delete"]:
            dataset.delete(older)
        else:
            now = datetime.now(UTC)
            dataset.mark(older, DELETED_AT, now, also=marks_of_deletion(dataset.schema, now))

    @property
    def _can_retire_rows(self) -> bool:
        return self._datasets.store.capabilities.delete_rows

    @property
    def _wants_versions(self) -> bool:
        """Whether rows get columns for their versions once a message has one."""
        return (
            self.process_activate_version_messages
            and not self.include_sdc_metadata_properties
            and self._method is not TargetLoadMethods.OVERWRITE
            and self._can_retire_rows
        )

    def _keep_versions(self) -> None:
        """Add the columns of `versions` to the rows that come."""
        self._awaits_version = False
        # it may change the columns of a dataset that is being written
        self._commits.wait()
        self._decoder = self._make_decoder(versioned=True)
        self._held.keep_versions(self._decoder)
        self._destination = self._destined()
        self._destination.open()

    def _warn_that_rows_stay(self) -> None:
        if not self._has_warned:
            self.logger.warning(
                "Stream %r: its store cannot mark rows as deleted, so rows that are no longer in "
                "the source stay as they are. `process_activate_version_messages: false` turns "
                "this warning off",
                self.stream_name,
            )
        self._has_warned = True

    def _note(self, dataset: Dataset) -> None:
        """Note for the summary that rows of the stream go into a dataset."""
        counts = self._datasets.store.capabilities.cheap_watch
        self._loads.begin(self.stream_name, dataset, self._method.value, counts_rows=counts)

    def _load(self, dataset: Dataset, rows: pa.Table) -> None:
        self._note(dataset)
        with conflicts_of(f"Stream {self.stream_name!r}, dataset {dataset.id}"):
            self._write(dataset, self._texts.checked(rows, self.stream_name))

    def _write(self, dataset: Dataset, rows: pa.Table) -> None:
        match self._method:
            case TargetLoadMethods.UPSERT:
                self._paced.write(dataset, rows, self._keys)
            case TargetLoadMethods.APPEND_ONLY:
                self._paced.write(dataset, rows)
            case TargetLoadMethods.OVERWRITE:
                self._stage(dataset, rows)

    def _stage(self, dataset: Dataset, rows: pa.Table) -> None:
        """Stage rows that will replace all others.

        Raises:
            InputError: They are only the rows since the last run.
        """
        refused = self.is_incremental and not self.config["overwrite_incremental"]
        if refused and dataset.info().rows:
            message = (
                f"Stream {self.stream_name!r} is incremental (its SCHEMA has "
                "`bookmark_properties`): `load_method: overwrite` would leave only the rows "
                f"since the last run in {dataset_with_rows(dataset)}. Nothing was written; use "
                "`upsert` or `append-only`, or set `overwrite_incremental: true` if each run reads "
                "everything"
            )
            raise InputError(message)
        self._staging.add(dataset, rows)


def load_method(wanted: str | None, keys: Sequence[str]) -> TargetLoadMethods:
    """The load method of a stream with these keys: rows without keys cannot be upserted."""
    method = TargetLoadMethods(wanted or TargetLoadMethods.UPSERT)
    if method is TargetLoadMethods.UPSERT and not keys:
        return TargetLoadMethods.APPEND_ONLY
    return method
