"""One writer per dataset: a lock on this machine, and a record of the open execution.

Domo aborts an open execution when another one is opened on its stream. So a run must know
whether an open execution is left over from a killed run of this machine, which it may abort,
or belongs to another program at work.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock, Timeout

from dataset_store.domo.execution import ACTIVE
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dataset_store.domo.execution import Execution

logger = logging.getLogger(__name__)

_FOLDER: Final = "dataset-store/domo"


def state_folder(given: str | None, host: str) -> Path:
    """The folder for locks and records of one host's datasets."""
    if given:
        root = Path(given).expanduser()
    else:
        home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        root = Path(home).expanduser() / _FOLDER
    return root / host.replace(":", "_")


class Claim:
    """The right of this process to write to a dataset.

    Args:
        folder: The folder for locks and records.
        dataset_id: The dataset.
        stale_minutes: How long to leave an open execution of an unknown program alone.

    Raises:
        StoreError: Another process of this machine holds it, or the folder is not usable.
    """

    def __init__(self, folder: Path, dataset_id: str, stale_minutes: float) -> None:
        self._dataset_id = dataset_id
        self._stale_minutes = stale_minutes
        self._note = folder / f"{dataset_id}.json"
        try:
            folder.mkdir(0o700, parents=True, exist_ok=True)
            self._lock = FileLock(folder / f"{dataset_id}.lock", blocking=False)
            self._lock.acquire()
        except Timeout:
            message = (
                f"Dataset {dataset_id}: another run on this machine is writing to it, and Domo "
                "accepts one load at a time; run again after it has ended"
            )
            raise StoreError(message) from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else type(error).__name__
            message = (
                f"store_options: the folder {folder}, which records open loads of Domo, is not "
                f"usable ({reason}); set `state_dir` to another one"
            )
            raise StoreError(message) from None

    def release(self) -> None:
        """Release the claim."""
        self._lock.release(force=True)

    def check(self, executions: Iterable[Execution], abort: Callable[[int], None]) -> None:
        """Abort executions left by killed runs of this machine, and those too old to be active.

        Raises:
            StoreError: Another program has an execution open.
        """
        for each in executions:
            if each.state != ACTIVE:
                continue
            if not self._is_ours(each.id):
                self._require_stale(each)
            abort(each.id)
        self.clear()

    def _is_ours(self, execution_id: int) -> bool:
        note = self._read()
        after = note.get("opening_after")
        return execution_id == note.get("execution") or (
            isinstance(after, int) and execution_id > after
        )

    def _require_stale(self, execution: Execution) -> None:
        changed_at = execution.changed_at or datetime.now(UTC)
        free_at = changed_at + timedelta(minutes=self._stale_minutes)
        if free_at > datetime.now(UTC):
            message = (
                f"Dataset {self._dataset_id}: another program has execution {execution.id} open "
                f"since {changed_at:%Y-%m-%d %H:%M} UTC, and a load of this run would abort it; "
                f"run again after it has ended. If it does not change, it counts as abandoned from "
                f"{free_at:%H:%M} UTC on (`stale_minutes` in `store_options`)"
            )
            raise StoreError(message)
        logger.warning(
            "Dataset %s: aborting execution %d, open since %s and abandoned",
            self._dataset_id,
            execution.id,
            f"{changed_at:%Y-%m-%d %H:%M} UTC",
        )

    def note_opening(self, newest: int) -> None:
        """Record that an execution is about to be opened.

        Args:
            newest: The id of the newest execution so far.
        """
        self._write({"opening_after": newest})

    def note_open(self, execution_id: int) -> None:
        """Record the open execution."""
        self._write({"execution": execution_id})

    def clear(self) -> None:
        """Record that no execution is open."""
        with suppress(FileNotFoundError):
            self._note.unlink()

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._note.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, note: dict[str, int]) -> None:
        draft = self._note.with_suffix(".new")
        draft.write_text(json.dumps(note), encoding="utf-8")
        draft.replace(self._note)
