"""The datasets and streams of one Domo instance."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox.domo.columns import cut, misfit
from sandbox.domo.executions import Execution, Stream
from sandbox.domo.refusals import Refusal, denied, not_found
from sandbox.domo.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sandbox.clock import Clock
    from sandbox.domo.clients import DomoClient
    from sandbox.domo.columns import Column
    from sandbox.domo.csv_dialect import Row

OPEN_POLICY: Final = {"id": 1, "type": "open", "name": "All Rows", "filters": [], "users": []}


@dataclass
class DataSet:
    """A dataset; rows are tuples in the order of its columns."""

    id: str
    name: str
    description: str
    columns: list[Column]
    owner_id: int
    owner_name: str
    created_at: datetime
    updated_at: datetime
    data_current_at: datetime
    is_api_made: bool = True
    rows: list[Row] = field(default_factory=list)
    pushed_at: datetime | None = None
    pdp_enabled: bool = False
    deleted: bool = False

    def as_json(self, *, schema: bool = True) -> dict[str, Any]:
        """The object as Domo shows it; listings leave the schema out."""
        if self.deleted:
            return {"id": self.id, "deleted": True}
        shown: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "rows": len(self.rows),
            "columns": len(self.columns),
            "owner": {"id": self.owner_id, "name": self.owner_name},
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.updated_at),
            "dataCurrentAt": stamp(self.data_current_at),
            "pdpEnabled": self.pdp_enabled,
        }
        if schema:
            columns = [{"type": each.type, "name": each.name} for each in self.columns]
            shown |= {"schema": {"columns": columns}, "policies": [OPEN_POLICY]}
        return shown


def stamp(moment: datetime) -> str:
    """A time as Domo writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Warehouse:
    """Everything that a Domo instance holds.

    Args:
        clock: The sandbox's.
        seed: What GUIDs derive from.

    Attributes:
        switches: How this Domo behaves.
        datasets: By GUID.
        streams: By id.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget all datasets and switches."""
        self._random = random.Random(f"{self._seed}:domo")
        self.switches = Switches()
        self.datasets: dict[str, DataSet] = {}
        self.streams: dict[int, Stream] = {}

    def set(self, **values: Any) -> None:
        """Set switches.

        Raises:
            ValueError: If there is no such switch.
        """
        self.switches = self.switches.changed(values)

    def add(
        self,
        name: str,
        columns: list[Column],
        owner: DomoClient,
        description: str = "",
        rows: Iterable[Row] = (),
        *,
        is_api_made: bool = True,
    ) -> DataSet:
        """Make a dataset; one that is not made by the API is a connector's."""
        now = self._clock.now()
        made = DataSet(
            str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            name,
            description,
            columns,
            owner.user_id,
            owner.user_name,
            now,
            now,
            now,
            is_api_made,
            list(rows),
        )
        self.datasets[made.id] = made
        return made

    def visible(self, client: DomoClient) -> list[DataSet]:
        """The datasets that a client's user may see, oldest first."""
        self.settle()
        return [
            each
            for each in self.datasets.values()
            if each.owner_id == client.user_id and not each.deleted
        ]

    def dataset(self, guid: str, client: DomoClient) -> DataSet:
        """One dataset.

        Raises:
            Refusal: If there is none, or it is not the user's.
        """
        self.settle()
        found = self.datasets.get(guid)
        if found is None or (found.deleted and self.switches.deleted_answer == "404"):
            raise not_found("Dataset")
        if found.owner_id != client.user_id:
            raise denied()
        return found

    def delete(self, dataset: DataSet) -> None:
        """Delete a dataset for good; its stream stays and says so."""
        dataset.deleted = True
        dataset.rows = []

    def add_stream(
        self, dataset: DataSet, update_method: str, keys: tuple[str, ...], key_property: str | None
    ) -> Stream:
        """Make a stream for a new dataset."""
        now = self._clock.now()
        made = Stream(len(self.streams) + 1, dataset, update_method, keys, key_property, now, now)
        self.streams[made.id] = made
        return made

    def stream(self, stream_id: str, client: DomoClient) -> Stream:
        """One stream.

        Raises:
            Refusal: If there is none, or its dataset is not the user's.
        """
        self.settle()
        found = self.streams.get(int(stream_id)) if stream_id.isdecimal() else None
        if found is None:
            raise not_found("Stream")
        if found.dataset.owner_id != client.user_id:
            raise denied()
        return found

    def push(self, dataset: DataSet) -> None:
        """Count a push to a dataset.

        Raises:
            Refusal: If the last one was too short ago for the plan.
        """
        now = self._clock.now()
        wait = self.switches.push_interval_seconds
        if dataset.pushed_at and (now - dataset.pushed_at).total_seconds() < wait:
            left = wait - (now - dataset.pushed_at).total_seconds()
            raise self.limited(left)
        dataset.pushed_at = now

    def limited(self, seconds: float) -> Refusal:
        """A refusal because of a limit that ends after so many seconds."""
        if self.switches.limit_answer == "403":
            return Refusal(403, "API Rate limit reached.")
        return Refusal(429, "Too many requests.", {"Retry-After": str(int(seconds) + 1)})

    def import_rows(self, dataset: DataSet, rows: list[Row], *, replace: bool) -> None:
        """Put rows into a dataset at once.

        Raises:
            Refusal: If a value is not of its column's type.
        """
        if misfit(dataset.columns, rows):
            raise Refusal(400, f"Data import failed for dataset {dataset.id}.")
        kept = cut(dataset.columns, rows, self.switches.cut_strings_at)
        dataset.rows = kept if replace else [*dataset.rows, *kept]
        self._touch(dataset)

    def change_columns(self, dataset: DataSet, columns: list[Column]) -> None:
        """Give a dataset other columns.

        Values move along by name; those of a column that is dropped or has another type are lost.
        Domo says nothing about them: this is the worst that can happen.
        """
        places = {column: place for place, column in enumerate(dataset.columns)}
        order = [places.get(column) for column in columns]
        dataset.rows = [
            tuple(None if place is None else row[place] for place in order) for row in dataset.rows
        ]
        dataset.columns = columns
        dataset.updated_at = self._clock.now()

    def settle(self) -> None:
        """Finish the executions that have been processed by now."""
        for stream in self.streams.values():
            for execution in stream.executions:
                if execution.is_due(self._clock.now()):
                    self._finish(stream, execution)

    def _finish(self, stream: Stream, execution: Execution) -> None:
        execution.ended_at = self._clock.now()
        rows = execution.all_rows()
        columns = stream.dataset.columns
        has_width = all(len(row) == len(columns) for row in rows)
        if stream.dataset.deleted or not has_width or misfit(columns, rows):
            execution.state = "INVALID"
        else:
            rows = cut(columns, rows, self.switches.cut_strings_at)
            execution.state = self._apply(stream, execution, rows)
            execution.rows = len(rows)
            self._touch(stream.dataset)
        execution.parts.clear()

    def _apply(self, stream: Stream, execution: Execution, rows: list[Row]) -> str:
        dataset = stream.dataset
        if execution.update_method == "REPLACE":
            dataset.rows = rows
            return "SUCCESS"
        if not stream.keys or execution.update_method not in self.switches.upsert_methods:
            dataset.rows = [*dataset.rows, *rows]
            return "SUCCESS"
        names = [column.name for column in dataset.columns]
        places = [names.index(key) for key in stream.keys]
        new = {tuple(row[place] for place in places): row for row in rows}
        if len(new) < len(rows) or any(None in key for key in new):
            # keys have to be there, and unique inside of an upload
            return "INVALID"
        old = {tuple(row[place] for place in places): row for row in dataset.rows}
        dataset.rows = list({**old, **new}.values())
        return "SUCCESS"

    def _touch(self, dataset: DataSet) -> None:
        dataset.updated_at = dataset.data_current_at = self._clock.now()

    def as_json(self) -> dict[str, Any]:
        """What is there, as `GET /sandbox/domo` shows it."""
        self.settle()
        return {
            "datasets": [each.as_json() for each in self.datasets.values()],
            "streams": [
                {
                    **each.as_json(whole=True),
                    "executions": [execution.as_json() for execution in each.executions],
                }
                for each in self.streams.values()
            ],
        }
