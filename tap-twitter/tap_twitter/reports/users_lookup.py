"""The report that looks up the users of an input dataset (Domo: Twitter Users Lookup Writeback)."""

from __future__ import annotations

import json
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from dataset_store import open_store
from tap_twitter.api.v2 import V2Stream
from tap_twitter.cost import Resource, usd
from tap_twitter.errors import StateError
from tap_twitter.reports.lookup_input import LookupInput, open_inputs
from tap_twitter.reports.lookup_pass import Batch, LookupPass, check_cursor
from tap_twitter.reports.user_questions import ENDPOINT_OF, ask
from tap_twitter.reports.user_reference import Kind
from tap_twitter.reports.writeback import Writeback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Context

    from tap_twitter.plan import Demand


class UsersLookupStream(V2Stream):
    """One row for every distinct id or handle in the input datasets, whatever X knows of it.

    Source: https://docs.x.com/x-api/users/lookup/introduction. The stream reads its input in a
    fixed order and keeps the last finished reference in its bookmark, so that a run which stops
    anywhere is followed by one that goes on there. A reference that several inputs hold is asked
    once and answered in a row for each.
    """

    name = "users_lookup"
    primary_keys = ("input_dataset_id", "requested_id")
    ENDPOINTS = tuple(ENDPOINT_OF.values())

    PASS: ClassVar = "pass"
    """Where the bookmark holds a begun pass: what it is about, and its cursor."""

    @cached_property
    def inputs(self) -> list[LookupInput]:
        """The input datasets, opened once."""
        return open_inputs(self.config["users_lookup"], self.name, self._tap.clock.now())

    @cached_property
    def writeback(self) -> Writeback:
        """Where the rows go, as far as the tap can see it."""
        settings = self.config["users_lookup"]
        store = open_store(settings["store"], settings["store_options"])
        return Writeback(store, self.name, [each.id for each in self.inputs], self._tap.clock)

    @cached_property
    def lookup_pass(self) -> LookupPass:
        """What is to be looked up, read once."""
        return LookupPass(self.inputs, self._tap.shard)

    def prepare(self) -> None:
        """Check the credentials, and read the input datasets and the cursor."""
        super().prepare()
        _ = self.lookup_pass
        self._resume(self._subject())

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Look up what is left of the pass, a hundred references at a time, fewer in a test."""
        subject = self._subject()
        after = self._resume(subject)
        left = sum(self.lookup_pass.left(after).values())
        self._tap.progress.begin(self.name, left, "users")
        self.logger.info(
            "%d distinct users to look up%s.",
            len(self.lookup_pass),
            " in a begun pass" if after else "",
        )
        for whole in self.lookup_pass.batches(after, self.ABORT_AT_RECORD_COUNT):
            batch = self._affordable(whole)
            if batch.values:
                yield from self._rows(batch)
                after = batch.cursor
                self._save({"subject": subject, "after": after})
                self.writeback.await_rows({each for inputs in batch.inputs for each in inputs})
            if len(batch) < len(whole):
                self._tell_what_is_left(after)
                return
        self._save(None)

    def _affordable(self, batch: Batch) -> Batch:
        """As much of a batch as the budget allows to buy."""
        if batch.kind is Kind.INVALID:
            return batch
        endpoint = ENDPOINT_OF[batch.kind]
        return batch.first(self.affordable(endpoint, len(batch), self._tap.asker))

    def _tell_what_is_left(self, after: dict[str, str] | None) -> None:
        left = self.lookup_pass.left(after)
        users = sum(left[kind] for kind in ENDPOINT_OF)
        self.logger.warning(
            "The budget of the run is used up: %d users are left to look up, for %s at most. "
            "The next run goes on from here.",
            users,
            usd(users * self._tap.ledger.prices[Resource.USER]),
        )

    def demands(self) -> Iterator[Demand]:
        """The users that are left of the pass, by endpoint."""
        left = self.lookup_pass.left(self._resume(self._subject()))
        for kind, endpoint in ENDPOINT_OF.items():
            yield self.demand(endpoint, left[kind], self._tap.asker)

    def _rows(self, batch: Batch) -> Iterator[dict[str, Any]]:
        answers = ask(self.fetch_worded, batch.kind, batch.references)
        looked_up_at = self._tap.clock.now().isoformat(timespec="seconds")
        for reference, inputs in batch:
            answer = answers[reference].row()
            for position in inputs:
                yield {
                    "input_dataset_id": self.inputs[position].id,
                    "requested_id": reference.value,
                    "requested_kind": reference.kind.value,
                    "looked_up_at": looked_up_at,
                    **answer,
                }
        self._tap.progress.done(self.name, len(batch))

    def _subject(self) -> str:
        """What a pass is about, as a hash: where any of it changes, a begun pass is given up.

        A hash keeps the state small however many inputs there are.
        """
        shard = self._tap.shard
        subject = {
            "inputs": {each.id: each.identity for each in self.inputs},
            "shard": [shard.index, shard.count],
        }
        return sha256(json.dumps(subject, sort_keys=True).encode()).hexdigest()[:16]

    def _resume(self, subject: str) -> dict[str, str] | None:
        """The cursor of a begun pass about the same, if there is one.

        Raises:
            StateError: What stands in its place is no cursor.
        """
        # `stream_state` would make a bookmark where none is, and a STATE of it
        bookmarks: dict[str, Any] = dict(self.tap_state.get("bookmarks", {}))
        begun = bookmarks.get(self.name, {}).get(self.PASS) or {}
        try:
            if begun.get("subject") != subject:
                return None
            after: dict[str, str] = begun["after"]
            check_cursor(after)
        except (AttributeError, KeyError, TypeError, ValueError):
            where = f"bookmarks.{self.name}.{self.PASS}"
            raise StateError(where) from None
        return after

    def _save(self, begun: dict[str, Any] | None) -> None:
        """Write the state of the pass; None once it is complete."""
        self.stream_state[self.PASS] = begun
        self.state_manager.is_flushed = False
        self._write_state_message()
