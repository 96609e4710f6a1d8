"""Text that is longer than a store keeps: a warning, a cut, or an error."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from target_dataset.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("target-dataset")

LongStrings = Literal["warn", "truncate", "error"]


class LongTexts:
    """Applies a limit to the text columns of rows.

    Args:
        limit: The maximum number of characters of a text; None is unlimited.
        policy: How to handle longer ones.
    """

    def __init__(self, limit: int | None, policy: LongStrings) -> None:
        self._limit = limit
        self._policy = policy
        self._warned: set[tuple[str, str]] = set()

    def checked(self, rows: pa.Table, stream: str) -> pa.Table:
        """Check the rows, and truncate texts if that is the policy.

        Raises:
            InputError: A text is too long, and the policy is an error.
        """
        for place, name, count in self._too_long(rows):
            what = (
                f"Stream {stream!r}: column {name!r} has {count:,} texts of more than "
                f"{self._limit:,} characters"
            )
            if self._policy == "error":
                message = f"{what}; set `long_strings` to truncate, or raise `max_string_length`"
                raise InputError(message)
            if self._policy == "truncate":
                cut = pc.utf8_slice_codeunits(rows.column(place), 0, self._limit)
                rows = rows.set_column(place, rows.schema.field(place), cut)
            self._warn(stream, name, what)
        return rows

    def _too_long(self, rows: pa.Table) -> Iterator[tuple[int, str, int]]:
        if self._limit is None:
            return
        for place, field in enumerate(rows.schema):
            if pa.types.is_string(field.type):
                lengths = pc.utf8_length(rows.column(place))
                count = pc.sum(pc.greater(lengths, self._limit)).as_py()
                if count:
                    yield place, field.name, count

    def _warn(self, stream: str, name: str, what: str) -> None:
        if (stream, name) in self._warned:
            return
        self._warned.add((stream, name))
        cut = self._policy == "truncate"
        end = "they are truncated" if cut else "the store may truncate them (`long_strings`)"
        logger.warning("%s in a batch; %s. Later batches are not reported", what, end)
