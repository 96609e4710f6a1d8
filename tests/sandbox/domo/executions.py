"""Streams and their executions: parts that are uploaded, committed, processed, or aborted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.domo.refusals import Refusal, not_found

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.domo.csv_dialect import Row
    from sandbox.domo.switches import Switches
    from sandbox.domo.warehouse import DataSet

GAPS: Final = "Too many non-consecutive part ids. Make consecutive or upload multiple data versions"


@dataclass
class Execution:
    """One load into a stream's dataset."""

    id: int
    update_method: str
    created_at: datetime
    modified_at: datetime
    state: str = "ACTIVE"
    parts: dict[int, list[Row]] = field(default_factory=dict)
    done_at: datetime | None = None
    polls_left: int = 0
    ended_at: datetime | None = None
    rows: int | None = None

    def require_open(self) -> None:
        """Refuse what only an open execution takes.

        Raises:
            Refusal: If it has been committed, or has ended.
        """
        if self.state != "ACTIVE" or self.done_at:
            state = self.state if self.state != "ACTIVE" else "committed"
            raise Refusal(400, f"Execution {self.id} takes no more parts: it is {state}.")

    def take(self, part: int, rows: list[Row], now: datetime, *, repeated: str) -> None:
        """Take a part; one whose id is taken replaces that one, or is added to it."""
        before = self.parts.get(part, []) if repeated == "append" else []
        self.parts[part] = [*before, *rows]
        self.modified_at = now

    def commit(self, now: datetime, switches: Switches) -> None:
        """Begin to process the parts; nothing happens if that has begun.

        Raises:
            Refusal: If parts are missing, or it was aborted.
        """
        if self.done_at and self.state in {"ACTIVE", "SUCCESS"}:
            return
        self.require_open()
        ids = sorted(self.parts)
        # pydomo counts from 0, all else from 1
        if not ids or ids[0] > 1 or ids[-1] - ids[0] + 1 != len(ids):
            raise Refusal(400, GAPS)
        self.modified_at = now
        self.polls_left = switches.processing_polls
        self.done_at = now + timedelta(seconds=switches.processing_seconds)

    def abort(self, now: datetime) -> None:
        """Discard the parts, unless it has ended."""
        if self.state == "ACTIVE":
            self.state = "ABORTED"
            self.ended_at = self.modified_at = now
            self.parts.clear()

    def look(self) -> None:
        """Count a look of a client that waits for the end."""
        if self.done_at and self.state == "ACTIVE":
            self.polls_left -= 1

    def is_due(self, now: datetime) -> bool:
        """Whether it was committed and has been processed by now."""
        is_over = self.done_at is not None and (self.polls_left < 0 or now >= self.done_at)
        return self.state == "ACTIVE" and is_over

    def all_rows(self) -> list[Row]:
        """The rows of all parts, in the order of their ids."""
        return [row for part in sorted(self.parts) for row in self.parts[part]]

    def as_json(self) -> dict[str, Any]:
        """The object as Domo shows it."""
        shown: dict[str, Any] = {
            "id": self.id,
            "startedAt": _stamp(self.created_at),
            "currentState": self.state,
            "createdAt": _stamp(self.created_at),
            "modifiedAt": _stamp(self.modified_at),
            "updateMethod": self.update_method,
        }
        if self.ended_at:
            shown["endedAt"] = _stamp(self.ended_at)
        if self.rows is not None:
            shown["rows"] = self.rows
        return shown


@dataclass
class Stream:
    """What loads go through: it writes to the dataset that was made with it, and to no other."""

    id: int
    dataset: DataSet
    update_method: str
    keys: tuple[str, ...]
    key_property: str | None
    created_at: datetime
    modified_at: datetime
    executions: list[Execution] = field(default_factory=list)
    committed_at: datetime | None = None
    deleted: bool = False

    def begin(self, update_method: str, now: datetime) -> Execution:
        """Open an execution; others that are open are aborted by that."""
        for each in self.executions:
            each.abort(now)
        made = Execution(len(self.executions) + 1, update_method, now, now)
        self.executions.append(made)
        return made

    def execution(self, execution_id: str) -> Execution:
        """One execution.

        Raises:
            Refusal: If there is none.
        """
        number = int(execution_id) if execution_id.isdecimal() else 0
        if not 1 <= number <= len(self.executions):
            raise not_found("Execution")
        return self.executions[number - 1]

    def as_json(self, *, whole: bool) -> dict[str, Any]:
        """The object as Domo shows it; without `fields=all`, hardly anything of the dataset."""
        dataset = self.dataset
        shown: dict[str, Any] = {
            "id": self.id,
            "dataSet": {"id": dataset.id, "pdpEnabled": dataset.pdp_enabled},
            "updateMethod": self.update_method,
            "createdAt": _stamp(self.created_at),
            "modifiedAt": _stamp(self.modified_at),
        }
        if whole and dataset.deleted:
            shown["deleted"] = True
        elif whole:
            shown["dataSet"] = dataset.as_json(schema=False)
            if self.executions:
                shown["lastExecution"] = self.executions[-1].as_json()
            if self.key_property:
                single = self.key_property == "keyColumnName" and len(self.keys) == 1
                shown[self.key_property] = self.keys[0] if single else list(self.keys)
        return shown


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
