"""Which posts there are now: what was published, and what whoever steers the sandbox makes of it.

A post may be edited within half an hour (each version has an id of its own) and be deleted. A repost
goes when what it repeats goes.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from sandbox import moments
from sandbox.pace import day_of, milliseconds
from sandbox.publications import Publication, Publications

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sandbox.authors import Authors
    from sandbox.clock import Clock
    from sandbox.publications import Kind

EDIT_WINDOW_MS: Final = 30 * 60 * 1000
MAX_EDITS: Final = 5


class Timelines:
    """All posts of all authors.

    Args:
        authors: Who publishes, and how often.
        clock: What lies ahead of it is not there yet.
    """

    def __init__(self, authors: Authors, clock: Clock) -> None:
        self._authors = authors
        self._clock = clock
        self._published = Publications(authors)
        self.reset()

    def reset(self) -> None:
        """Take back everything that was added, edited and deleted."""
        self._steered: dict[int, Publication] = {}

    def of(self, author_id: str) -> Iterator[Publication]:
        """An author's posts that are there now, newest first."""
        now = self._now_ms()
        mine = (p for p in self._steered.values() if p.author_id == author_id)
        return self._there_now(self._drawn(author_id, now), mine, now)

    def public(self, *, drawn: bool = True) -> Iterator[Publication]:
        """The posts of the public that are there now, newest first.

        Args:
            drawn: Whether also those that nobody steered.
        """
        now = self._now_ms()
        days = self._published.public_days(day_of(now)) if drawn else ()
        by_day = (self._there_on(self._published.public_on(day), now) for day in days)
        return self._there_now(chain.from_iterable(by_day), self._steered.values(), now)

    def find(self, post_id: int) -> Publication | None:
        """The post that has, or had, an id; None if there is none now."""
        publication = self._with_version(post_id)
        if publication is None or moments.snowflake_ms(post_id) > self._now_ms():
            return None
        return publication if self._is_there(publication) else None

    def history(self, publication: Publication) -> tuple[int, ...]:
        """The ids of a post's versions up to now, oldest first."""
        return publication.versions_at(self._now_ms())

    def newest(self, publication: Publication) -> int:
        """The id that a post has now."""
        return self.history(publication)[-1]

    def unsteered(self, author_id: str, start: datetime, end: datetime) -> Iterator[Publication]:
        """What an author publishes by itself on the UTC days of a span, also ahead; oldest first."""
        for day in range(day_of(milliseconds(start)), day_of(milliseconds(end)) + 1):
            yield from self._published.on(author_id, day)

    def original_before(self, author_id: str, ms: int) -> int | None:
        """The newest post of an author, before a moment in milliseconds, that refers to no other."""
        return self._published.original_before(author_id, ms)

    def target(self, publication: Publication) -> Publication | None:
        """What a post answers, repeats or quotes, as it is now; None where it is gone."""
        return None if publication.target is None else self.find(publication.target)

    def add(
        self,
        author_id: str,
        text: str,
        kind: Kind = "original",
        target: int | None = None,
        at: datetime | None = None,
    ) -> int:
        """Publish a post now, or at another moment, which may lie ahead.

        Returns:
            Its id.

        Raises:
            ValueError: If the account never posts, the target is missing, or the moment has no time
                zone.
        """
        if at is not None and at.tzinfo is None:
            msg = f"The moment {at.isoformat()} has no time zone: add one, such as +00:00"
            raise ValueError(msg)
        tag = self._authors.tag(author_id)
        if tag is None:
            msg = f"Account {author_id} never posts: take one with a name, or of the sample"
            raise ValueError(msg)
        if (kind == "original") is not (target is None):
            msg = f"A post of the kind {kind} and target {target} makes no sense"
            raise ValueError(msg)
        post_id = self._free_id(tag) if at is None else self._id_at(milliseconds(at), tag)
        self._steered[post_id] = Publication(author_id, (post_id,), kind, target, texts=(text,))
        return post_id

    def edit(self, post_id: int, text: str) -> int:
        """Change a post now.

        Returns:
            The id of the new version.

        Raises:
            LookupError: If there is no such post.
            ValueError: If it can no longer be edited.
        """
        publication = self._there(post_id)
        now = self._now_ms()
        past = publication.versions_at(now)
        age = now - moments.snowflake_ms(past[0])
        if age > EDIT_WINDOW_MS or len(past) > MAX_EDITS or publication.kind == "retweeted":
            msg = f"Post {post_id} can no longer be edited: {len(past) - 1} edits, {age} ms old"
            raise ValueError(msg)
        texts = (*publication.texts, *("" for _ in past[len(publication.texts) :]))
        edited = self._free_id(post_id % 2**22)
        self._steered[past[0]] = replace(
            publication, versions=(*past, edited), texts=(*texts, text)
        )
        return edited

    def rewrite(self, post_id: int, text: str) -> None:
        """Change the text of a post that was added and is not published yet."""
        self._steered[post_id] = replace(self._steered[post_id], texts=(text,))

    def delete(self, post_id: int) -> None:
        """Delete a post now.

        Raises:
            LookupError: If there is no such post.
        """
        publication = self._there(post_id)
        self._steered[publication.versions[0]] = replace(publication, deleted_ms=self._now_ms())

    def _there(self, post_id: int) -> Publication:
        publication = self.find(post_id)
        if publication is None:
            msg = f"There is no post {post_id}"
            raise LookupError(msg)
        return publication

    def _free_id(self, tag: int) -> int:
        """An id of this moment; where it is taken, a millisecond passes first."""
        taken = self._taken()
        while (free := moments.snowflake_at(self._now_ms(), tag)) in taken:
            self._clock.advance(0.001)
        return free

    def _id_at(self, ms: int, tag: int) -> int:
        """An id of a moment in milliseconds since 1970, or of the first after it that is free."""
        taken = self._taken()
        while (free := moments.snowflake_at(ms, tag)) in taken:
            ms += 1
        return free

    def _taken(self) -> set[int]:
        return {version for p in self._steered.values() for version in p.versions}

    def _is_there(self, publication: Publication) -> bool:
        if publication.deleted_ms is not None and publication.deleted_ms <= self._now_ms():
            return False
        return publication.kind != "retweeted" or self.target(publication) is not None

    def _with_version(self, post_id: int) -> Publication | None:
        for publication in self._steered.values():
            if post_id in publication.versions:
                return publication
        author_id = self._authors.of(post_id)
        on_day = self._published.on(author_id, day_of(moments.snowflake_ms(post_id)))
        return next((p for p in self._unsteered(on_day) if post_id in p.versions), None)

    def _there_now(
        self, drawn: Iterable[Publication], steered: Iterable[Publication], now: int
    ) -> Iterator[Publication]:
        """What was published by itself, newest first, with what was steered, less what is gone."""

        def age(publication: Publication) -> int:
            return -publication.versions_at(now)[-1]

        known = sorted((p for p in steered if p.versions_at(now)), key=age)
        for publication in heapq.merge(drawn, known, key=age):
            if self._is_there(publication):
                yield publication

    def _drawn(self, author_id: str, now: int) -> Iterator[Publication]:
        """What an author has published by itself, newest first."""
        for day in self._published.days(author_id, day_of(now)):
            yield from self._there_on(self._published.on(author_id, day), now)

    def _there_on(self, on_day: Iterable[Publication], now: int) -> list[Publication]:
        """What was published by itself on a day, until now, newest first."""
        there = [p for p in self._unsteered(on_day) if p.versions_at(now)]
        return sorted(there, key=lambda p: p.versions_at(now)[-1], reverse=True)

    def _unsteered(self, on_day: Iterable[Publication]) -> Iterator[Publication]:
        return (p for p in on_day if p.versions[0] not in self._steered)

    def _now_ms(self) -> int:
        return milliseconds(self._clock.now())
