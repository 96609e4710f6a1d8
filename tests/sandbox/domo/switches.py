"""What differs between Domo's instances and plans, or is unconfirmed: tests set it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyProperty = Literal["keyColumnNames", "keyColumnName"]


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How this Domo behaves; each default is Domo's as far as it is known.

    Attributes:
        token_seconds: How long an access token lives.
        opaque_tokens: Whether access tokens are no JWT.
        processing_polls: How many looks at a committed execution still find it `ACTIVE`.
        processing_seconds: After how long it is done without any look.
        commit_interval_seconds: How long after a commit the next one on the stream is refused.
        push_interval_seconds: The same for imports and commits of a dataset (Standard, Trial plans).
        requests_per_minute: The most requests of a client; None for no limit.
        limit_answer: How limits refuse: 429 with `Retry-After`, or 403 with a message.
        repeated_parts: What becomes of a part whose id has been taken: both are unconfirmed.
        key_properties: The spellings of key columns that a new stream may have.
        shows_keys: Whether a stream shows its key columns, which only some answers do.
        upsert_methods: The update methods under which key columns make an upsert.
        bad_values: Whether a value that is not of its column's type fails at upload or at indexing.
        cut_strings_at: Text is cut after so many characters, silently; None keeps it whole.
        created_status: What a new stream or execution is answered with.
        deleted_answer: Whether a deleted dataset is not found, or shown in part as `deleted`.
    """

    token_seconds: float = 3599
    opaque_tokens: bool = False
    processing_polls: int = 1
    processing_seconds: float = 5.0
    commit_interval_seconds: float = 900
    push_interval_seconds: float = 0
    requests_per_minute: int | None = None
    limit_answer: Literal["429", "403"] = "429"
    repeated_parts: Literal["overwrite", "append"] = "overwrite"
    key_properties: Sequence[KeyProperty] = ("keyColumnNames", "keyColumnName")
    shows_keys: bool = True
    upsert_methods: Sequence[Literal["APPEND", "UPSERT"]] = ("APPEND", "UPSERT")
    bad_values: Literal["upload", "index"] = "upload"
    cut_strings_at: int | None = 1024
    created_status: Literal[200, 201] = 201
    deleted_answer: Literal["404", "partial"] = "404"

    def changed(self, values: dict[str, Any]) -> Self:
        """The same with other values.

        Raises:
            ValueError: If there is no such switch.
        """
        known = [each.name for each in fields(self)]
        if unknown := set(values) - set(known):
            msg = f"Domo has no switches {sorted(unknown)}; it has {', '.join(known)}"
            raise ValueError(msg)
        return replace(self, **values)
