"""Rows of the users lookup, made from what X answers: a user, an error, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.problems import problem_type
from tap_twitter.api.vocabulary import in_tweet_words
from tap_twitter.reports.user_reference import Kind, Reference, query_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOUND: Final = "found"
INVALID: Final = "invalid"
UNANSWERED: Final = "unanswered"

STATUSES: Final = {
    ("resource-not-found", "forbidden"): "suspended",
    ("resource-not-found", "not found error"): "not_found",
    ("not-authorized-for-resource", "authorization error"): "protected",
    ("resource-unavailable", None): "unavailable",
    ("resource-not-found", None): "not_found",
    ("not-authorized-for-resource", None): "protected",
}
"""Problem type and title, in lower case, of an error about a user; a title of None stands for any.
X tells suspended users from missing ones by the title alone."""

ERROR: Final = "error"
"""The status of a user whose error X has not documented; `lookup_detail` holds X's words."""

INVALID_DETAIL: Final = (
    "Neither a user id of X (1 to 19 digits) nor a handle (1 to 15 letters, digits, _)."
)
UNANSWERED_DETAIL: Final = "X's answer named neither this user nor an error about it."

PLAIN_FIELDS: Final = (
    "id",
    "username",
    "name",
    "created_at",
    "description",
    "location",
    "url",
    "profile_image_url",
    "profile_banner_url",
    "protected",
    "verified",
    "verified_type",
    "is_identity_verified",
    "parody",
    "subscription_type",
    "receives_your_dm",
    "subscribes_to_you",
    "pinned_tweet_id",
    "most_recent_tweet_id",
    "connection_status",
    "entities",
    "affiliation",
    "subscription",
    "withheld",
)
METRICS: Final = (
    "followers_count",
    "following_count",
    "tweet_count",
    "listed_count",
    "like_count",
    "media_count",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What X says of one reference."""

    status: str
    detail: str | None = None
    user: Mapping[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """The columns that depend on the answer."""
        columns = user_columns(self.user or {})
        return {"lookup_status": self.status, "lookup_detail": self.detail, **columns}


class Answers:
    """One answer of X to many references, indexed by user.

    Args:
        body: The JSON object of `GET /2/users` or `/2/users/by`, in either vocabulary.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._users: dict[str, dict[str, Any]] = {}
        for user in in_tweet_words(body.get("data") or []):
            self._users[user["id"]] = user
            self._users[_handle_key(user["username"])] = user
        self._errors = {_error_key(error): error for error in _user_errors(body)}

    def about(self, reference: Reference) -> Answer:
        """The answer for a reference; each gets one, whatever X left out."""
        if reference.kind is Kind.INVALID:
            return Answer(INVALID, INVALID_DETAIL)
        asked = query_value(reference)
        key = asked if reference.kind is Kind.ID else _handle_key(asked)
        if user := self._users.get(key):
            return Answer(FOUND, user=user)
        if error := self._errors.get(asked.lower()):
            return Answer(status_of(error), error.get("detail") or error.get("title"))
        return Answer(UNANSWERED, UNANSWERED_DETAIL)


def status_of(error: Mapping[str, Any]) -> str:
    """The lookup status that an error about a user stands for."""
    kind, title = problem_type(error), str(error.get("title") or "").lower()
    return STATUSES.get((kind, title)) or STATUSES.get((kind, None)) or ERROR


def user_columns(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user object (in `tweet` words) as columns; what is missing is null, what is new dropped."""
    metrics = user.get("public_metrics") or {}
    columns = {name: user.get(name) for name in PLAIN_FIELDS}
    columns |= {name: metrics.get(name) for name in METRICS}
    columns["verified_followers_count"] = _integer(user.get("verified_followers_count"))
    columns["affiliation"] = _affiliation(user.get("affiliation"))
    return columns


def _affiliation(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """`user_id` became a list on 2025-02-18 (https://docs.x.com/changelog)."""
    if not value:
        return None
    ids = value.get("user_id")
    return {**value, "user_id": [ids] if isinstance(ids, str) else ids}


def _integer(value: int | str | None) -> int | None:
    """X's specification says integer, its documentation text."""
    return None if value is None else int(value)


def _user_errors(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Errors about users that were asked for, not about a field or an expanded object of theirs."""
    for error in body.get("errors") or []:
        if "field" not in error and error.get("section") != "includes":
            yield error


def _error_key(error: Mapping[str, Any]) -> str:
    return str(error.get("value") or error.get("resource_id") or "").lower()


def _handle_key(username: str) -> str:
    """Keeps handles of digits apart from ids."""
    return f"@{username.lower()}"
