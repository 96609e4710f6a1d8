"""What is said in public: the posts of many authors in one order, and who is mentioned in them.

The public are the accounts with names and the first of the sample, with whatever is published by whoever
steers the sandbox. So a search has an end, and an account with a name has more than 800 mentions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.people import NAMED
from sandbox.writing import mentions_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.authors import Authors
    from sandbox.publications import Publication
    from sandbox.timelines import Timelines


class Square:
    """Public posts.

    Args:
        timelines: The posts.
        authors: Who publishes.
        resolve: Gives the id behind a handle.
    """

    def __init__(
        self, timelines: Timelines, authors: Authors, resolve: Callable[[str], str | None]
    ) -> None:
        self._timelines = timelines
        self._authors = authors
        self._resolve = resolve

    def posts(self) -> Iterator[Publication]:
        """Everything that is there now, newest first."""
        return self._timelines.public()

    def mentioning(self, user_id: str, *, reposts: bool = False) -> Iterator[Publication]:
        """The posts of others in which an account is mentioned, newest first.

        Args:
            user_id: Whose mentions.
            reposts: Whether a repost of theirs, which begins with `RT @…`, is a mention.
        """
        # by themselves people mention accounts with names alone; going through years of it is in vain
        drawn = int(user_id) in NAMED
        for publication in self._timelines.public(drawn=drawn):
            is_repost = publication.kind == "retweeted"
            if publication.author_id == user_id or (is_repost and not reposts):
                continue
            if user_id in self.mentioned(publication):
                yield publication

    def mentioned(self, publication: Publication) -> set[str]:
        """The ids of those whose handles stand in a post's newest version."""
        there = self._timelines.history(publication)
        given = publication.texts[len(there) - 1 : len(there)]
        found = {user_id for *_, user_id in mentions_in(given[0] if given else "", self._resolve)}
        if publication.kind in {"replied_to", "retweeted"} and publication.target is not None:
            found.add(self._authors.of(publication.target))
        if publication.greeted and not (given and given[0]):
            found.add(publication.greeted)
        return found
