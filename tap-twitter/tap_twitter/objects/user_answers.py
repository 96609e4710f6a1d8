"""X's answers about requested users: a user, an error, or nothing at all."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.api.responses import problem_type
from tap_twitter.api.vocabulary import use_tweet_words
from tap_twitter.objects.user_columns import user_columns
from tap_twitter.objects.user_references import Kind, Reference, query_value
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Mapping

FOUND: Final = "found"
INVALID: Final = "invalid"
PROTECTED: Final = "protected"
UNANSWERED: Final = "unanswered"
ERROR: Final = "error"
"""The status of a user whose error X has not documented; `lookup_detail` has X's words."""

SETTLED: Final = frozenset({FOUND, "not_found", "suspended", PROTECTED, INVALID})
"""The statuses that an immediate retry would only repeat."""

STATUSES: Final = {
    ("resource-not-found", "forbidden"): "suspended",
    ("resource-not-found", "not found error"): "not_found",
    ("not-authorized-for-resource", "authorization error"): "protected",
    ("resource-unavailable", None): "unavailable",
    ("resource-not-found", None): "not_found",
    ("not-authorized-for-resource", None): "protected",
}
"""Problem type and title, in lower case, of an error about a user; a title of None matches any.
X distinguishes suspended users from missing ones only by the title."""

HINTS: Final[Mapping[str, str]] = {
    "not_found": "X knows no such account: correct it in 'accounts', or remove it",
    "suspended": "X has suspended the account: remove it from 'accounts' while that lasts",
    PROTECTED: "the account is protected: connect it, or remove it from 'accounts'",
}
"""The hint by the status of an account in the setting `accounts`."""

UNANSWERED_DETAIL: Final = "X's response named neither this user nor an error about it."


class Answer(NamedTuple):
    """X's answer about one reference."""

    status: str
    detail: str | None = None
    user: Mapping[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """The columns that depend on the answer."""
        columns = user_columns(self.user or {})
        return {"lookup_status": self.status, "lookup_detail": self.detail, **columns}


class Answers:
    """One response of X about many references, indexed by user.

    Anything that does not have the documented form is skipped, so its users are unanswered.

    Args:
        body: The JSON object of `GET /2/users` or `/2/users/by`, in either vocabulary.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._users = _objects(body.get("data"))
        for user in self._users:
            use_tweet_words(user, "public_metrics")
        self._errors: dict[str, Mapping[str, Any]] = {}
        self._missing_fields: dict[str, list[str]] = {}
        for error in _objects(body.get("errors")):
            self._add_error(error)

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {found: user for user in self._users if (found := text(user.get("id")))}

    @cached_property
    def _by_username(self) -> dict[str, dict[str, Any]]:
        users = self._users
        return {found.lower(): user for user in users if (found := text(user.get("username")))}

    def _add_error(self, error: Mapping[str, Any]) -> None:
        """Keep an error about a user, or about a field of one; not one about an expansion."""
        about = {key.lower() for name in ("value", "resource_id") if (key := text(error.get(name)))}
        if field := text(error.get("field")):
            for key in about:
                self._missing_fields.setdefault(key, []).append(field)
        elif error.get("section") != "includes":
            self._errors |= dict.fromkeys(about, error)

    def about(self, reference: Reference) -> Answer:
        """The answer about a reference; each has one, whatever X left out."""
        asked = query_value(reference)
        is_id = reference.kind is Kind.ID
        user = self._by_id.get(asked) if is_id else self._by_username.get(asked.lower())
        if user:
            return Answer(FOUND, self._without(asked, user), user)
        if error := self._errors.get(asked.lower()):
            return Answer(status_of(error), text(error.get("detail")) or text(error.get("title")))
        return Answer(UNANSWERED, UNANSWERED_DETAIL)

    def _without(self, asked: str, user: Mapping[str, Any]) -> str | None:
        """The fields of a found user that X did not give because of an error."""
        if not self._missing_fields:
            return None
        keys = filter(None, (asked, text(user.get("id"))))
        missing = (self._missing_fields.get(key.lower(), ()) for key in keys)
        fields = set(chain.from_iterable(missing))
        return f"X could not give: {', '.join(sorted(fields))}." if fields else None


def status_of(error: Mapping[str, Any]) -> str:
    """The lookup status of an error about a user."""
    kind, title = problem_type(error), str(error.get("title") or "").lower()
    return STATUSES.get((kind, title)) or STATUSES.get((kind, None)) or ERROR


def hint_about(status: str) -> str:
    """The hint about an account without a user object from X."""
    return HINTS.get(status, "X does not say who the account is: the next run asks again")


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; a single object counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
