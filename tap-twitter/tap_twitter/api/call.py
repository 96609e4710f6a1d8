"""A request to X, and what has to be known about it."""

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
    """A request to X, and what has to be known about it."""

    method: str
    url: str
    pool: Pool
    """What X counts the request in."""

    auth: Auth
    """Signs each try anew."""

    query: str = ""
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    hint: str = CHECK_AUTH
    """What to do about credentials that X refuses."""

    classify_error: Judge = error_of
    """Tells what an answer that is no success stands for."""

    outlasts_faults: bool = True
    """Whether X's faults are outlasted; not where others wait for the answer, too."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the request from others, whatever is done with its answer."""
        return self.pool, self.url, self.query, repr(self.form), repr(self.json)

    @property
    def origin(self) -> str:
        """The server's address: paths and queries hold ids, so they stay out of messages."""
        return origin_of(self.url)
