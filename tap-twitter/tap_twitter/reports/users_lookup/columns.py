"""The columns of `users_lookup`: what was asked, what came of it, and the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.objects.fields import STRING, TEXT, TIME, Column, ValueType
from tap_twitter.objects.user_fields import USER_FIELDS
from tap_twitter.objects.user_references import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS: Final[Sequence[Column]] = (
    Column(
        "input_dataset_id",
        TEXT,
        "GUID of the input dataset that lists this user.",
        is_nullable=False,
    ),
    Column(
        "requested_id",
        TEXT,
        "What was requested: an id without leading zeros, a handle in lower case without @ "
        "(with @ if it is all digits), or the text of a value that is neither.",
        is_nullable=False,
    ),
    Column(
        "requested_kind",
        ValueType({**STRING, "enum": [Kind.ID.value, Kind.USERNAME.value, Kind.INVALID.value]}),
        "How the value was read.",
        is_nullable=False,
    ),
    Column(
        "lookup_status",
        TEXT,
        "found, not_found, suspended, protected, unavailable, invalid (never sent to X, or refused "
        "by it), unanswered (X named neither the user nor an error), or error (an error that X has "
        "not documented).",
        is_nullable=False,
    ),
    Column(
        "lookup_detail",
        TEXT,
        "X's own words about a user that was not found, why a value was not sent, or the fields of "
        "a found user that X could not give.",
    ),
    Column("looked_up_at", TIME, "When X answered.", is_nullable=False),
    *USER_FIELDS,
)
