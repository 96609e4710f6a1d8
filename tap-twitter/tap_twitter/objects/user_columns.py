"""The columns of a user, read from a user object of X, whatever X has put into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from msgspec import Meta, ValidationError, convert, defstruct
from msgspec.structs import asdict

from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COUNT_DIGITS: Final = 18
"""So many digits fit into 64 bits."""

COUNT_TEXT: Final = re.compile(rf"[0-9]{{1,{COUNT_DIGITS}}}", re.ASCII)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    """A count: X's specification says integer, its documentation text."""
    digits = text(value)
    return int(digits) if digits and COUNT_TEXT.fullmatch(digits) else None


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _texts(value: Any) -> list[str] | None:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None


def _affiliation(value: Any) -> dict[str, Any] | None:
    """`user_id` became a list on 2025-02-18 (https://docs.x.com/changelog)."""
    if not _object(value):
        return None
    ids = value.get("user_id")
    return {**value, "user_id": _texts([ids] if isinstance(ids, str) else ids)}


class Column(NamedTuple):
    """What a column holds, said twice.

    Attributes:
        kind: The type of what X documents, for `msgspec` to check at once in the whole of a user.
        read: Makes a column's value of whatever X has sent instead.
    """

    kind: Any
    read: Callable[[Any], Any]


TEXT: Final = Column(str | None, text)
FLAG: Final = Column(bool | None, _flag)
COUNT: Final = Column(Annotated[int, Meta(ge=0, lt=10**COUNT_DIGITS)] | None, _count)
TEXTS: Final = Column(list[str] | None, _texts)
OBJECT: Final = Column(Annotated[dict[str, Any], Meta(min_length=1)] | None, _object)
AFFILIATION: Final = Column(None, _affiliation)

FIELDS: Final[Mapping[str, Column]] = {
    "id": TEXT,
    "username": TEXT,
    "name": TEXT,
    "created_at": TEXT,
    "description": TEXT,
    "location": TEXT,
    "url": TEXT,
    "profile_image_url": TEXT,
    "profile_banner_url": TEXT,
    "protected": FLAG,
    "verified": FLAG,
    "verified_type": TEXT,
    "verified_followers_count": COUNT,
    "is_identity_verified": FLAG,
    "parody": FLAG,
    "subscription_type": TEXT,
    "receives_your_dm": FLAG,
    "subscribes_to_you": FLAG,
    "pinned_tweet_id": TEXT,
    "most_recent_tweet_id": TEXT,
    "connection_status": TEXTS,
    "entities": OBJECT,
    "affiliation": AFFILIATION,
    "subscription": OBJECT,
    "withheld": OBJECT,
}
"""The fields that become columns; what is not of its type becomes null."""

METRICS: Final = (
    "followers_count",
    "following_count",
    "tweet_count",
    "listed_count",
    "like_count",
    "media_count",
)
"""The parts of `public_metrics`, each a column."""

Metrics: Final = defstruct("Metrics", [(name, COUNT.kind, None) for name in METRICS], frozen=True)
User: Final = defstruct(
    "User",
    [
        *((name, column.kind, None) for name, column in FIELDS.items()),
        ("public_metrics", Metrics, Metrics()),
    ],
)


def user_columns(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user object (in `tweet` words) as columns; what is missing is null, what is new dropped."""
    try:
        columns = asdict(convert(user, User))
    except ValidationError:
        return columns_one_by_one(user)
    columns.update(asdict(columns.pop("public_metrics")))
    return columns


def columns_one_by_one(user: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a user that is not in every part as X documents it."""
    metrics = _object(user.get("public_metrics")) or {}
    columns = {name: column.read(user.get(name)) for name, column in FIELDS.items()}
    return columns | {name: _count(metrics.get(name)) for name in METRICS}
