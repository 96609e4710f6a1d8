"""A request to X with its context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_twitter.api.bounded import origin_of
from tap_twitter.api.responses import CHECK_AUTH, error_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.api.limit_table import Pool
    from tap_twitter.api.responses import Judge
    from tap_twitter.auth.credentials import Auth


@dataclass(frozen=True, slots=True)
class Call:
    """A request to X with its context."""

    method: str
    url: str
    pool: Pool
    """The pool that X counts the request in."""

    auth: Auth
    """Signs each try separately."""

    query: str = ""
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    hint: str = CHECK_AUTH
    """The fix if X refuses the credentials."""

    classify_error: Judge = error_of
    """Gives the error for an unsuccessful response."""

    outlasts_faults: bool = True
    """Whether to keep retrying while X has faults; not if other processes wait for the response."""

    is_repeatable: bool = True
    """Whether a retry does no more than the first try, if X has acted on that."""

    @property
    def key(self) -> tuple[object, ...]:
        """What identifies the request, whatever is done with its response."""
        return self.pool, self.url, self.query, repr(self.form), repr(self.json)

    @property
    def origin(self) -> str:
        """The server's address: paths and queries hold ids, so they stay out of messages."""
        return origin_of(self.url)
