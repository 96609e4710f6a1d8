"""The columns of a user, read from a user object of X, whatever X has put into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COUNT: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
"""What fits into 64 bits."""


def text(value: Any) -> str | None:
    """Text; a number, as ids once were, becomes text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    """A count: X's specification says integer, its documentation text."""
    digits = text(value)
    return int(digits) if digits and COUNT.fullmatch(digits) else None


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


FIELDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "id": text,
    "username": text,
    "name": text,
    "created_at": text,
    "description": text,
    "location": text,
    "url": text,
    "profile_image_url": text,
    "profile_banner_url": text,
    "protected": _flag,
    "verified": _flag,
    "verified_type": text,
    "verified_followers_count": _count,
    "is_identity_verified": _flag,
    "parody": _flag,
    "subscription_type": text,
    "receives_your_dm": _flag,
    "subscribes_to_you": _flag,
    "pinned_tweet_id": text,
    "most_recent_tweet_id": text,
    "connection_status": _texts,
    "entities": _object,
    "affiliation": _affiliation,
    "subscription": _object,
    "withheld": _object,
}
"""The fields that become columns, and how each is read: what is not of its type becomes null."""

METRICS: Final = (
    "followers_count",
    "following_count",
    "tweet_count",
    "listed_count",
    "like_count",
    "media_count",
)
"""The parts of `public_metrics`, each a column."""


def user_columns(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user object (in `tweet` words) as columns; what is missing is null, what is new dropped."""
    metrics = _object(user.get("public_metrics")) or {}
    columns = {name: read(user.get(name)) for name, read in FIELDS.items()}
    return columns | {name: _count(metrics.get(name)) for name in METRICS}
