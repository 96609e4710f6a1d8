"""What authors publish by themselves: posts, edits, deletions, worked out from author and day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal

from sandbox import moments
from sandbox.pace import DAY_MS, day_of, milliseconds
from sandbox.people import NAMED
from sandbox.sample import created_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.authors import Authors
    from sandbox.pace import Happening, Pace

Kind = Literal["original", "replied_to", "retweeted", "quoted"]

_FIRST_DAY: Final = day_of(moments.EPOCH_MS) + 2
_MS_PER_MINUTE: Final = 60_000
_DELETED: Final = 0.03
_EDITED: Final = 0.03
_GREETING: Final = 0.15
_KINDS: Final[tuple[tuple[Kind, float], ...]] = (
    ("replied_to", 0.2),
    ("retweeted", 0.35),
    ("quoted", 0.45),
    ("original", 1.0),
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A post with all that becomes of it.

    Attributes:
        author_id: Who wrote it.
        versions: Its ids, oldest first, also of edits that lie ahead.
        kind: What it does with its target.
        target: Id of the post that it answers, repeats or quotes.
        deleted_ms: When it is deleted, in milliseconds since 1970.
        texts: Texts of its versions where they were given; made up where empty or missing.
        greeted: Whom a text that is made up mentions; nobody where empty.
    """

    author_id: str
    versions: tuple[int, ...]
    kind: Kind = "original"
    target: int | None = None
    deleted_ms: int | None = None
    texts: tuple[str, ...] = ()
    greeted: str = ""

    def versions_at(self, ms: int) -> tuple[int, ...]:
        """The ids that were given out until a moment."""
        if moments.snowflake_ms(self.versions[-1]) <= ms:
            return self.versions
        return tuple(v for v in self.versions if moments.snowflake_ms(v) <= ms)


class Publications:
    """Everything that is ever published.

    Args:
        authors: Who publishes, and how often.
    """

    def __init__(self, authors: Authors) -> None:
        self._authors = authors
        # accounts with names are read again and again, whole; of others nothing is kept
        self._on_cached = lru_cache(maxsize=32_768)(self._on)
        self._public_on = lru_cache(maxsize=1024)(self._of_everybody_on)
        self._originals_cached = lru_cache(maxsize=32_768)(self._originals)

    def on(self, author_id: str, day: int) -> tuple[Publication, ...]:
        """What an author publishes on a day, counted from 1970; oldest first."""
        if int(author_id) in NAMED:
            return self._on_cached(author_id, day)
        return self._on(author_id, day)

    def public_on(self, day: int) -> tuple[Publication, ...]:
        """What the public publishes on a day."""
        return self._public_on(day)

    def public_days(self, until: int) -> Iterator[int]:
        """The days on which the public may have published something, newest first."""
        yield from range(until, _FIRST_DAY - 1, -1)

    def days(self, author_id: str, until: int) -> Iterator[int]:
        """The days on which an author may have published something, newest first."""
        if not self._authors.pace(author_id).is_still:
            yield from range(until, self._first_day(author_id) - 1, -1)

    def original_before(self, author_id: str, ms: int) -> int | None:
        """The newest post of an author, before a moment, that refers to no other."""
        tag = self._authors.tag(author_id) or 0
        originals = self._originals_cached if int(author_id) in NAMED else self._originals
        for day in self.days(author_id, day_of(ms)):
            for original_ms in originals(author_id, day):
                if original_ms < ms:
                    return moments.snowflake_at(original_ms, tag)
        return None

    def _originals(self, author_id: str, day: int) -> tuple[int, ...]:
        """When an author publishes posts on a day that refer to no other, newest first."""
        happenings = self._authors.pace(author_id).on(day)
        return tuple(each.ms for each in reversed(happenings) if _kind(each) == "original")

    @cached_property
    def _public(self) -> list[tuple[str, int, int, Pace]]:
        """The public: whoever publishes anything, with their tag, since which day, how often."""
        everybody = ((who, self._authors.tag(who)) for who in self._authors.public())
        tagged = [(who, tag, self._authors.pace(who)) for who, tag in everybody if tag is not None]
        return [(w, tag, self._first_day(w), pace) for w, tag, pace in tagged if not pace.is_still]

    def _of_everybody_on(self, day: int) -> tuple[Publication, ...]:
        return tuple(
            self._publication(who, tag, happening)
            for who, tag, since, pace in self._public
            if since <= day
            for happening in pace.on(day)
        )

    def _first_day(self, author_id: str) -> int:
        return max(_FIRST_DAY, day_of(milliseconds(created_at(int(author_id)))) + 1)

    def _on(self, author_id: str, day: int) -> tuple[Publication, ...]:
        tag = self._authors.tag(author_id)
        if tag is None or day < self._first_day(author_id):
            return ()
        happenings = self._authors.pace(author_id).on(day)
        return tuple(self._publication(author_id, tag, happening) for happening in happenings)

    def _publication(self, author_id: str, tag: int, happening: Happening) -> Publication:
        kind = _kind(happening)
        target = None if kind == "original" else self._target(author_id, happening)
        edited_ms = happening.ms + int(_MS_PER_MINUTE * (5 + 20 * happening.share(1)))
        is_edited = kind == "original" and happening.share(2) < _EDITED
        lifetime = int(DAY_MS * (0.1 + 14 * happening.share(4)))
        return Publication(
            author_id=author_id,
            versions=(
                moments.snowflake_at(happening.ms, tag),
                *((moments.snowflake_at(edited_ms, tag),) if is_edited else ()),
            ),
            kind="original" if target is None else kind,
            target=target,
            deleted_ms=happening.ms + lifetime if happening.share(3) < _DELETED else None,
            greeted=_greeted(author_id, happening),
        )

    def _target(self, author_id: str, happening: Happening) -> int | None:
        """The newest original post of another account with a name, before something happens."""
        others = [str(number) for number in NAMED if str(number) != author_id]
        return self.original_before(others[int(happening.share(5) * len(others))], happening.ms)


def _kind(happening: Happening) -> Kind:
    return next(kind for kind, share in _KINDS if happening.share(0) < share)


def _greeted(author_id: str, happening: Happening) -> str:
    """The account with a name that one without mentions in passing; empty for most posts."""
    share = happening.share(6) / _GREETING
    if share >= 1 or int(author_id) in NAMED or _kind(happening) == "retweeted":
        return ""
    return str(tuple(NAMED)[int(share * len(NAMED))])
