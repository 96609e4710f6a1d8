"""A pass over the users to look up: every distinct reference once, in a fixed order.

The order is (kind, id as a number or handle as text).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain, islice, pairwise
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from tap_twitter.api.endpoints.v2 import USERS
from tap_twitter.errors import InputDatasetError
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.reports.users_lookup.bookmark import NOTHING, LookupBookmark
from tap_twitter.streams.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

References: TypeAlias = "list[Reference] | pa.UInt64Array"
"""References of any kind, or only ids."""

BATCH_SIZE: Final = USERS.per_request

TYPES: Final = {Kind.ID: pa.uint64(), Kind.INVALID: pa.string(), Kind.USERNAME: pa.string()}
"""How references of a kind are stored; ids as numbers take eight bytes and sort like X's."""


MIN_TO_JOIN: Final = 100_000
"""Values to collect before repetitions are removed; each removal takes its time."""


class Source(Protocol):
    """Something that names users; for the tap, an input dataset."""

    @property
    def id(self) -> str:
        """The id in its rows."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that name users."""

    def references(self) -> Iterator[References]:
        """The references in it, batch by batch, with or without repetition."""

    def answered(self) -> Mapping[Kind, pa.Array]:
        """The values of each kind that need no new answer."""


WHOLE: Final = Shard()


@dataclass(frozen=True, slots=True)
class Batch:
    """References of one kind that are answered together, and the inputs of each."""

    kind: Kind
    values: list[str]
    inputs: list[list[int]]
    """For each value, which of the input datasets hold it."""

    positions: list[int]
    """The positions of the values in the pass; between two of them everything is answered."""

    @property
    def span(self) -> tuple[int, int]:
        """The range of the pass that is answered once this batch is."""
        return self.positions[0], self.positions[-1] + 1

    @property
    def references(self) -> list[Reference]:
        """The references to request."""
        return [Reference(self.kind, value) for value in self.values]

    def first(self, count: int) -> Batch:
        """The batch with no more than this many of its references."""
        return Batch(self.kind, self.values[:count], self.inputs[:count], self.positions[:count])

    def __len__(self) -> int:
        """How many references there are."""
        return len(self.values)

    def __iter__(self) -> Iterator[tuple[Reference, list[int]]]:
        """Each reference with the inputs that hold it."""
        return zip(self.references, self.inputs, strict=True)


class LookupPass:
    """All distinct references of some inputs, in memory as sorted Arrow columns.

    Args:
        inputs: The inputs.
        shard: The part of the references to take.

    Raises:
        InputDatasetError: An input names nobody.
    """

    def __init__(self, inputs: Sequence[Source], shard: Shard = WHOLE) -> None:
        tables: dict[Kind, list[pa.Table]] = {kind: [] for kind in Kind}
        for position, source in enumerate(inputs):
            for kind, values in _unanswered(source, shard).items():
                positions = pa.repeat(pa.scalar(position, pa.int32()), len(values))
                tables[kind].append(pa.table({"value": values, "input": positions}))
        self._tables = {kind: _merge(tables[kind]) for kind in Kind}
        sizes = (table.num_rows for table in self._tables.values())
        self._ranges = dict(zip(Kind, pairwise(accumulate(sizes, initial=0)), strict=True))

    def __len__(self) -> int:
        """How many distinct references there are."""
        return sum(table.num_rows for table in self._tables.values())

    def batches(self, done: LookupBookmark = NOTHING, most: int | None = None) -> Iterator[Batch]:
        """Give the references in order.

        Args:
            done: What is already answered.
            most: The maximum number of references in a batch, if that is less than X accepts.
        """
        size = min(most or BATCH_SIZE, BATCH_SIZE)
        for kind in Kind:
            table, (start, end) = self._tables[kind], self._ranges[kind]
            gaps = list(done.gaps(start, end))
            left = [table.slice(first - start, stop - first) for first, stop in gaps]
            rest = pa.concat_tables([table.slice(0, 0), *left])
            positions = chain.from_iterable(range(*gap) for gap in gaps)
            for offset in range(0, rest.num_rows, size):
                rows = rest.slice(offset, size)
                values = [str(value) for value in rows["value"].to_pylist()]
                held = list(islice(positions, rows.num_rows))
                yield Batch(kind, values, rows["input_list"].to_pylist(), held)

    def left(self, done: LookupBookmark = NOTHING) -> dict[Kind, int]:
        """How many references of each kind are not answered."""
        return {
            kind: sum(stop - start for start, stop in done.gaps(*self._ranges[kind]))
            for kind in Kind
        }

    def reference(self, position: int) -> Reference:
        """The reference at a position."""
        kind = next(each for each in Kind if position < self._ranges[each][1])
        row = position - self._ranges[kind][0]
        return Reference(kind, str(self._tables[kind]["value"][row]))

    def preceding(self, reference: Reference) -> int:
        """How many references come before one, which need not exist."""
        return self._count(reference, pc.less)

    def up_to(self, reference: Reference) -> int:
        """The same, including the one itself."""
        return self._count(reference, pc.less_equal)

    def _count(self, reference: Reference, compare: Callable[..., pa.ChunkedArray]) -> int:
        kind = reference.kind
        value = pa.scalar(_stored(kind, reference.value), TYPES[kind])
        counted = compare(self._tables[kind]["value"], value)
        start: int = self._ranges[kind][0]
        return start + int(pc.sum(counted, min_count=0).as_py())


def is_text(kind: pa.DataType) -> bool:
    """Whether a column contains text, in any of Arrow's types."""
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_type(kind) for is_type in checks)


def _unanswered(source: Source, shard: Shard) -> dict[Kind, pa.Array]:
    """The distinct values of each kind in one input that need an answer."""
    found = _distinct(source, shard)
    answered = source.answered()
    valid = pa.concat_arrays([found[Kind.ID].cast(pa.string()), found[Kind.USERNAME]])
    return {
        Kind.ID: _without(found[Kind.ID], answered.get(Kind.ID)),
        Kind.USERNAME: _without(found[Kind.USERNAME], answered.get(Kind.USERNAME)),
        # if a text is invalid in one column and valid in another, one row answers for both
        Kind.INVALID: _without(found[Kind.INVALID], valid),
    }


class _DistinctValues:
    """Values in their original order, each kept once.

    Repetitions are removed whenever as many values were added as were kept: memory stays within a
    of the distinct values, and the work linear.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._kept = pa.array([], TYPES[kind])
        self._new: list[pa.Array] = []
        self._new_rows = 0

    def add(self, references: References) -> None:
        """Add the references of this kind."""
        if isinstance(references, list):
            wanted = [each.value for each in references if each.kind is self._kind]
            values = pa.array([_stored(self._kind, value) for value in wanted], TYPES[self._kind])
        else:
            values = references if self._kind is Kind.ID else references[:0].cast(TYPES[self._kind])
        self._new.append(values)
        self._new_rows += len(values)
        if self._new_rows >= max(len(self._kept), MIN_TO_JOIN):
            self.joined()

    def joined(self) -> pa.Array:
        """All distinct values so far."""
        self._kept = pc.unique(pa.chunked_array([self._kept, *self._new]))
        self._new, self._new_rows = [], 0
        return self._kept


def _distinct(source: Source, shard: Shard) -> dict[Kind, pa.Array]:
    found = {kind: _DistinctValues(kind) for kind in Kind}
    is_empty = True
    for references in source.references():
        is_empty = is_empty and not references
        taken = _taken(references, shard)
        for values in found.values():
            values.add(taken)
    if is_empty:
        msg = (
            f"Input dataset '{source.name}' ({source.id}) has no ids in column "
            f"{', '.join(source.columns)}: nobody to look up."
        )
        raise InputDatasetError(msg)
    return {kind: values.joined() for kind, values in found.items()}


def _taken(references: References, shard: Shard) -> References:
    if shard == WHOLE:
        return references
    if isinstance(references, list):
        return [reference for reference in references if shard.takes(reference.value)]
    is_taken = [shard.takes(str(value)) for value in references.to_pylist()]
    return references.filter(pa.array(is_taken, pa.bool_()))


def _without(values: pa.Array, others: pa.Array | None) -> pa.Array:
    return values if others is None else values.filter(pc.invert(pc.is_in(values, others)))


def _merge(tables: Sequence[pa.Table]) -> pa.Table:
    """One row for each distinct value, sorted, with the list of the inputs that hold it.

    Args:
        tables: For each input, its distinct values.
    """
    if len(tables) == 1:
        rows = tables[0].sort_by("value").combine_chunks()
        ends = pa.array(range(rows.num_rows + 1), pa.int32())
        inputs = pa.ListArray.from_arrays(ends, rows["input"].combine_chunks())
        return pa.table({"value": rows["value"], "input_list": inputs})
    merged = pa.concat_tables(tables).group_by("value", use_threads=False)
    return merged.aggregate([("input", "list")]).sort_by("value").combine_chunks()


def _stored(kind: Kind, value: str) -> int | str:
    return int(value) if kind is Kind.ID else value
