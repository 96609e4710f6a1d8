"""Loads through Domo's Stream API: an execution is opened, receives parts, and is committed.

Its rows are not visible until it ends with `SUCCESS`.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal

from dataset_store.domo.execution import ACTIVE, Execution, execution_of
from dataset_store.domo.refusals import DomoRefusedError, UncertainError
from dataset_store.domo.tries import MAX_TRIES, Call
from dataset_store.errors import DatasetError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dataset_store.domo.client import DomoClient
    from dataset_store.domo.journal import Claim
    from dataset_store.domo.options import DomoOptions

logger = logging.getLogger(__name__)

UpdateMethod = Literal["REPLACE", "APPEND"]
_SUCCESS: Final = "SUCCESS"
_PAGE: Final = 500
_RECENT: Final = 100
_MAX_LOADS: Final = 5
_MAX_POLL_FACTOR: Final = 30


class Executions:
    """The executions of one stream.

    Args:
        client: Sends the requests.
        stream_id: The stream.
        options: Concurrency and waits.
        where: The dataset, as the beginning of a message.
    """

    def __init__(
        self, client: DomoClient, stream_id: int, options: DomoOptions, where: str
    ) -> None:
        self._client = client
        self._base = f"/v1/streams/{stream_id}/executions"
        self._stream = f"/v1/streams/{stream_id}"
        self._options = options
        self._where = where

    def recent(self) -> list[Execution]:
        """The newest executions, oldest first: at least a hundred, if there are that many."""
        stream = self._ask(self._stream, params={"fields": "all"})
        last = (stream or {}).get("lastExecution") or {}
        newest = int(last.get("id", 0))
        # ids count from 1 for each stream
        found = list(self._listed(max(0, newest - _RECENT)))
        if newest and newest not in {each.id for each in found}:
            found = list(self._listed(0))
        return sorted(found, key=lambda each: each.id)

    def all(self) -> list[Execution]:
        """All executions, oldest first."""
        return sorted(self._listed(0), key=lambda each: each.id)

    def _listed(self, offset: int) -> Iterator[Execution]:
        while True:
            page = self._ask(self._base, params={"limit": _PAGE, "offset": offset}) or []
            yield from map(execution_of, page)
            if len(page) < _PAGE:
                return
            offset += len(page)

    def load(self, parts: Mapping[int, Path], method: UpdateMethod, claim: Claim) -> Execution:
        """Load parts, all or none, and wait until they are visible.

        If the response to an upload is lost, the part may or may not have arrived, and Domo does
        not document whether a repeated part replaces the first or is added. So that execution is
        aborted, and another one takes all parts.

        Raises:
            DatasetError: Domo rejects the parts; no execution stays open.
        """
        for _ in range(_MAX_LOADS):
            number = self._begin(method, claim)
            try:
                self._upload(number, parts)
                self._commit(number)
                found = self._ended(number)
            except UncertainError as error:
                self._discard(number, claim)
                logger.info("%s; uploading all parts again", error)
            except BaseException:
                # if this fails, the next run aborts it
                with suppress(DatasetError):
                    self._discard(number, claim)
                raise
            else:
                claim.clear()
                return found
        message = f"{self._where}: the connection to Domo was lost in each of {_MAX_LOADS} loads"
        raise StoreError(message)

    def _begin(self, method: UpdateMethod, claim: Claim) -> int:
        before = self.recent()
        claim.check(before, self.abort)
        claim.note_opening(max((each.id for each in before), default=0))
        # safe to repeat: a new execution ends one whose opening response was lost
        made = self._ask(self._base, "POST", json={"updateMethod": method})
        number = int(made["id"])
        claim.note_open(number)
        return number

    def _upload(self, number: int, parts: Mapping[int, Path]) -> None:
        pool = ThreadPoolExecutor(self._options.upload_concurrency, "domo-upload")
        try:
            uploads = [pool.submit(self._put, number, *part) for part in parts.items()]
            for upload in as_completed(uploads):
                upload.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _put(self, number: int, part: int, path: Path) -> None:
        call = Call(
            self._where,
            f"{self._base}/{number}/part/{part}",
            "PUT",
            body=lambda: path.open("rb"),
            content_type="application/gzip",
            repeats="refused",
        )
        try:
            self._client.json(call)
        except DomoRefusedError:
            self._require_open(number)
            raise

    def _require_open(self, number: int) -> None:
        """Explain why Domo rejects an execution that is no longer open.

        Raises:
            StoreError: It is no longer open.
        """
        state = self._execution(number).state
        if state != ACTIVE:
            raise self._taken_away(number, state) from None

    def _commit(self, number: int) -> None:
        """Commit; if the response is lost, the state shows whether the commit succeeded.

        An execution in process has the same state as an open one: then the commit is repeated,
        which Domo treats as the same commit.
        """
        for _ in range(MAX_TRIES):
            try:
                self._ask(f"{self._base}/{number}/commit", "PUT", json={}, repeats="never")
            except (UncertainError, DomoRefusedError) as error:
                is_refused = isinstance(error, DomoRefusedError) and not error.refusal.is_fault
                if is_refused:
                    self._require_open(number)
                    raise
                if self._execution(number).state != ACTIVE:
                    return
                self._client.sleep(self._options.poll_seconds)
            else:
                return
        message = f"{self._where}: Domo does not respond to the commit; run again later"
        raise StoreError(message)

    def _ended(self, number: int) -> Execution:
        """Wait until the rows are stored.

        Raises:
            DatasetError: They are not: Domo rejected them, or takes too long.
        """
        pause, waited = self._options.poll_seconds, 0.0
        while True:
            found = self._execution(number)
            if found.state == _SUCCESS:
                return found
            if found.state == "ABORTED":
                raise self._taken_away(number, found.state)
            if found.state != ACTIVE:
                message = (
                    f"{self._where}: Domo rejected the rows (execution {number} is "
                    f"{found.state}); none of them is stored. A value may not fit its column"
                )
                raise StoreError(message)
            if waited >= self._options.max_processing_seconds:
                message = (
                    f"{self._where}: Domo has not finished execution {number} after {waited:,.0f} "
                    "seconds; increase `max_processing_seconds` in `store_options`"
                )
                raise StoreError(message)
            self._client.sleep(pause)
            waited += pause
            pause = min(2 * pause, _MAX_POLL_FACTOR * self._options.poll_seconds)

    def _taken_away(self, number: int, state: str) -> StoreError:
        return StoreError(
            f"{self._where}: execution {number} of this run is {state}; another program opened "
            "one on the same dataset, or somebody aborted it. None of its rows is stored: write "
            "to the dataset from one program at a time, and run again"
        )

    def _discard(self, number: int, claim: Claim) -> None:
        self.abort(number)
        claim.clear()

    def abort(self, number: int) -> None:
        """Discard an execution; if it has ended meanwhile, it stays."""
        try:
            self._ask(f"{self._base}/{number}/abort", "PUT", json={})
        except DomoRefusedError as error:
            if error.refusal.is_fault or self._execution(number).state == ACTIVE:
                raise

    def _execution(self, number: int) -> Execution:
        return execution_of(self._ask(f"{self._base}/{number}"))

    def _ask(self, path: str, method: str = "GET", **parts: Any) -> Any:
        return self._client.json(Call(self._where, path, method, **parts))
