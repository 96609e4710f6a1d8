"""The report that looks up the users of an input dataset (Domo: Twitter Users Lookup Writeback)."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.auth.account import Account
from tap_twitter.cost.ledger import Resource, usd
from tap_twitter.errors import StateError, TapError
from tap_twitter.objects.user_answers import FOUND, INVALID
from tap_twitter.objects.user_references import Kind
from tap_twitter.objects.user_requests import ENDPOINT_OF, ask, prefetch
from tap_twitter.reports.users_lookup.bookmark import NOTHING, LookupBookmark
from tap_twitter.reports.users_lookup.columns import COLUMNS
from tap_twitter.streams.base import XStream
from tap_twitter.streams.stored_rows import Writeback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand
    from tap_twitter.objects.user_requests import FoundAnswers
    from tap_twitter.reports.users_lookup.lookup_input import LookupInput
    from tap_twitter.reports.users_lookup.lookup_pass import Batch, LookupPass

FIRST_STATUSES: Final = (FOUND, "not_found", "suspended", "protected")
"""The first statuses of a summary."""


class UsersLookupStream(XStream[Account]):
    """One row for every distinct id or handle in the input datasets, whatever X knows about it.

    Source: https://docs.x.com/x-api/users/lookup/introduction. The stream reads its input in a
    fixed order and keeps its position in the bookmark, so a run that stops anywhere is resumed
    there by the next one. A reference in several inputs is requested once and answered in a row
    for each.
    """

    name = "users_lookup"
    primary_keys = ("input_dataset_id", "requested_id")
    COLUMNS = COLUMNS
    ENDPOINTS = tuple(ENDPOINT_OF.values())

    PASS: ClassVar = "pass"
    """The key in the bookmark for an unfinished pass: what it is about, and its position.

    It is a list, empty once the pass is complete, because orchestrators merge states: Meltano
    cannot merge an object over null, and leaves keys of an older object in a newer one.
    """

    @cached_property
    def subjects(self) -> list[Account]:
        """The account that requests the users."""
        return [self.run.accounts.default]

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """A run may resume a pass, or skip users whose row is fresh."""
        return ("requested_id",)

    @cached_property
    def inputs(self) -> list[LookupInput]:
        """The input datasets, opened once."""
        from tap_twitter.reports.users_lookup.lookup_input import (  # noqa: PLC0415 - PyArrow
            open_inputs,
        )

        settings, now = self.config["users_lookup"], self.run.clock.now()
        return open_inputs(settings, self.run.datasets, self.name, now)

    @cached_property
    def writeback(self) -> Writeback:
        """The destination of the rows, as far as the tap can see it."""
        ids = [each.id for each in self.inputs]
        return Writeback(self.run.datasets, self.name, ids, self.run.clock)

    @cached_property
    def lookup_pass(self) -> LookupPass:
        """The references to look up, read once."""
        from tap_twitter.reports.users_lookup.lookup_pass import LookupPass  # noqa: PLC0415

        return LookupPass(self.inputs, self.run.shard)

    def prepare(self) -> None:
        """Check the credentials, and read the input datasets and the bookmark."""
        super().prepare()
        _ = self.lookup_pass
        self._resume(self._subject())

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Look up the rest of the pass, a hundred references per request, fewer in a test."""
        subject = self._subject()
        done = self._resume(subject)
        left = sum(self.lookup_pass.left(done).values())
        self.expect(left, "users")
        self.logger.info(
            "%d distinct users to look up%s.",
            len(self.lookup_pass),
            " in a begun pass" if done.ranges else "",
        )
        for group in self._groups(self.lookup_pass.batches(done, self.ABORT_AT_RECORD_COUNT)):
            for batch, answers in self._answered(group):
                yield from self._rows(batch, answers)
                done = done.joined(*batch.span)
                self._save({"subject": subject, **done.as_bookmark(self.lookup_pass)})
            self.writeback.await_rows({each for batch in group for each in chain(*batch.inputs)})
        self._warn_if_all_are_invalid()
        if any(self.lookup_pass.left(done).values()):
            self._tell_what_is_left(done)
        else:
            self._save()

    @cached_property
    def concurrency(self) -> int:
        """How many requests may be under way at a time; a test makes no more than it needs."""
        return 1 if self.ABORT_AT_RECORD_COUNT else int(self.config["api"]["concurrency"])

    def _groups(self, batches: Iterator[Batch]) -> Iterator[list[Batch]]:
        """Batches that are requested together, until all are or the budget is used up.

        The cost of a group is known before the next one is put together. A batch that the budget
        may not cover completely waits for its own group, so that rows do not depend on concurrency.
        """
        waiting: list[Batch] = []
        while True:
            waiting += islice(batches, self.concurrency - len(waiting))
            group = self._affordable(waiting)
            if group:
                yield group
            if not group or len(group[-1]) < len(waiting[len(group) - 1]):
                return
            waiting = waiting[len(group) :]

    def _affordable(self, batches: Sequence[Batch]) -> list[Batch]:
        """The first batches, as far as the budget covers them; of a single one also a part."""
        account = self.run.accounts.default
        budget, group = self.run.api.budget, []
        for batch in batches:
            if batch.kind is Kind.INVALID:
                group.append(batch)
                continue
            price = self.requester.demand(ENDPOINT_OF[batch.kind], len(batch), account).price
            count = budget.affordable(len(batch), price)
            if count == len(batch) or (count and not group):
                group.append(batch.first(count))
            if count < len(batch):
                break
            budget = budget.less(1, count * price)
        return group

    def _answered(self, group: Sequence[Batch]) -> Iterator[tuple[Batch, FoundAnswers]]:
        """The answers to a group of batches, in their order.

        If one fails, or a signal interrupts the wait, the answers under way come before that.
        """
        asking = self.requester, self.run.accounts.default
        try:
            for position, batch in enumerate(group):
                try:
                    for later in group[position + 1 :]:
                        prefetch(*asking, later.kind, later.references)
                    answers = ask(*asking, batch.kind, batch.references)
                except (TapError, SystemExit, KeyboardInterrupt):
                    yield from self._answered_already(group[position:])
                    raise
                yield batch, answers
        finally:
            self.run.api.client.discard_prefetched()

    def _answered_already(self, group: Sequence[Batch]) -> Iterator[tuple[Batch, FoundAnswers]]:
        account = self.run.accounts.default
        with self.requester.prefetched_only():
            for batch in group:
                with suppress(TapError):
                    yield batch, ask(self.requester, account, batch.kind, batch.references)

    @cached_property
    def _results(self) -> Counter[str]:
        """How many users have each status in this run."""
        return Counter()

    def outcomes(self) -> Mapping[str, int]:
        """How many users have each status in this run."""
        statuses = dict.fromkeys([*FIRST_STATUSES, *sorted(self._results)])
        return {each: self._results[each] for each in statuses if self._results[each]}

    def _warn_if_all_are_invalid(self) -> None:
        if set(self._results) == {INVALID}:
            self.logger.warning(
                "Nothing could be requested: no value is a user id or a handle of X. See "
                "'lookup_detail' in the rows, and the setting 'users_lookup.id_columns'."
            )

    def _tell_what_is_left(self, done: LookupBookmark) -> None:
        left = self.lookup_pass.left(done)
        users = sum(left[kind] for kind in ENDPOINT_OF)
        price = usd(users * self.run.api.ledger.prices[Resource.USER])
        self.requester.warn_of_budget(
            f"{users} users are left to look up, for at most {price}. The next run resumes here."
        )

    def demands(self) -> Iterator[Demand]:
        """The users that are left in the pass, by endpoint."""
        left = self.lookup_pass.left(self._resume(self._subject()))
        for kind, endpoint in ENDPOINT_OF.items():
            yield self.requester.demand(endpoint, left[kind], self.run.accounts.default)

    def _rows(self, batch: Batch, answers: FoundAnswers) -> Iterator[dict[str, Any]]:
        looked_up_at = self.run.clock.now().isoformat(timespec="seconds")
        for reference, inputs in batch:
            answer = answers[reference].row()
            self._results[answer["lookup_status"]] += 1
            for position in inputs:
                yield {
                    "input_dataset_id": self.inputs[position].id,
                    "requested_id": reference.value,
                    "requested_kind": reference.kind.value,
                    "looked_up_at": looked_up_at,
                    **answer,
                }
        self.advance(len(batch))

    def _subject(self) -> str:
        """What a pass is about, as a hash: if any of it changes, an unfinished pass is dropped.

        A hash keeps the state small however many inputs there are.
        """
        shard = self.run.shard
        subject = {
            "inputs": {each.id: each.identity for each in self.inputs},
            "shard": [shard.index, shard.count],
        }
        return sha256(json.dumps(subject, sort_keys=True).encode()).hexdigest()[:16]

    def _resume(self, subject: str) -> LookupBookmark:
        """The position in an unfinished pass about the same, if there is one.

        Raises:
            StateError: The value in its place was not written by the tap.
        """
        # `stream_state` would make a bookmark where none is, and a STATE of it
        bookmarks: dict[str, Any] = dict(self.tap_state.get("bookmarks", {}))
        found: Any = bookmarks.get(self.name, {}).get(self.PASS)
        try:
            # states of earlier versions hold the pass itself, or null
            (begun,) = found if isinstance(found, list) and found else [found or {}]
            if begun.get("subject") != subject:
                return NOTHING
            return LookupBookmark.from_bookmark(begun, self.lookup_pass)
        except (AttributeError, KeyError, TypeError, ValueError):
            where = f"bookmarks.{self.name}.{self.PASS}"
            raise StateError(where) from None

    def _save(self, *begun: dict[str, Any]) -> None:
        """Write the state of the pass; without one, it is complete."""
        self.stream_state[self.PASS] = list(begun)
        self.output.write_state()
