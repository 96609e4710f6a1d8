"""The sandbox's users and posts: every id has one answer, worked out when it is asked and not stored."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sandbox import handles, moments, people, posts
from sandbox.authors import Authors
from sandbox.follows import Follows
from sandbox.lists import Lists
from sandbox.memberships import Memberships
from sandbox.messages import Messages
from sandbox.pace import milliseconds
from sandbox.people import Person
from sandbox.sample import Sample, created_at
from sandbox.square import Square
from sandbox.timelines import Timelines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sandbox.clock import Clock
    from sandbox.follows import Direction
    from sandbox.publications import Publication

Status = Literal["found", "not_found", "suspended", "protected"]

_SHARE_OF_PINS: Final = 0.3


class World:
    """All users, as a function of the seed and the clock.

    Args:
        seed: Two worlds with the same seed are the same.
        clock: Tells the time; counters grow with it, and who joins later does not exist yet.
        shares: Share of ids per status other than `found`.

    Attributes:
        seed: What everything derives from.
        authors: Who publishes.
        timelines: Their posts; add, edit and delete them there.
        messages: Conversations; send messages there.
        square: What is said in public, and who is mentioned.
        follows: Who follows whom; change it there.
        lists: Lists of accounts; change their members there.
        memberships: Who is in which circle of accounts now.
    """

    def __init__(self, seed: int, clock: Clock, shares: Mapping[str, float]) -> None:
        unknown = set(shares) - set(get_args(Status))
        if unknown or sum(shares.values()) > 1:
            msg = (
                f"Shares must add up to 1 at most and name only {get_args(Status)}: {dict(shares)}"
            )
            raise ValueError(msg)
        self.seed = seed
        self._clock = clock
        self._shares = dict(shares)
        self._sample = Sample(seed)
        self.authors = Authors(seed, self._sample)
        self.timelines = Timelines(self.authors, clock)
        self.messages = Messages(
            seed, clock, self._sample.at, self.handle, self.timelines.original_before
        )
        self.square = Square(self.timelines, self.authors, self.resolve)
        self.memberships = Memberships(
            clock, self._sample.at, lambda user_id: self.status(user_id) == "found"
        )
        self.follows = Follows(self.memberships, _begins_ms, self._gain, seed)
        self.lists = Lists(self.memberships, clock, seed)
        self.reset()

    def reset(self) -> None:
        """Take back every status that was set, and every change to posts, messages and circles."""
        self.timelines.reset()
        self.messages.reset()
        self.memberships.reset()
        self._set: dict[int, Status] = {}

    def status(self, user_id: str) -> Status:
        """What X would say about an id: any string of digits, not only a canonical one."""
        number = handles.canonical(user_id)
        if number is None or created_at(number) > self._clock.now():
            return "not_found"
        if number in self._set:
            return self._set[number]
        return "found" if number in people.NAMED else self._drawn(number)

    def set_status(self, user_id: str, status: Status) -> None:
        """Suspend, delete, hide or bring back an account.

        Raises:
            ValueError: If there is no such status.
        """
        if status not in get_args(Status):
            msg = f"There is no status {status}; there are {', '.join(get_args(Status))}"
            raise ValueError(msg)
        self._set[int(user_id)] = status

    def user(self, user_id: str) -> dict[str, Any]:
        """The whole user object, in the tweet vocabulary, with every field that the user has.

        Raises:
            LookupError: If there is no such user, or no more.
        """
        if self.status(user_id) in {"not_found", "suspended"}:
            msg = f"There is no user {user_id} to see: {self.status(user_id)}"
            raise LookupError(msg)
        return self._profile(user_id) | self._highlights(user_id)

    def is_protected(self, user_id: str) -> bool:
        """Whether a user's posts are for followers alone."""
        return bool(self._profile(user_id)["protected"])

    def post(self, post_id: str) -> dict[str, Any] | None:
        """The whole post object, in the tweet vocabulary; None where the post is not, or no more.

        Args:
            post_id: Any version's id; each has its own text and metrics.
        """
        publication = self.timelines.find(int(post_id))
        return None if publication is None else self._seen(publication, int(post_id))

    def timeline(self, user_id: str) -> Iterator[dict[str, Any]]:
        """Everything that a user has published and not deleted, newest first, as it is now."""
        for publication in self.timelines.of(user_id):
            yield self._seen(publication, self.timelines.newest(publication))

    def mailbox(self, user_id: str) -> Iterator[dict[str, Any]]:
        """Everything that happened in a user's conversations in the last 30 days, newest first."""
        return map(self.messages.seen, self.messages.of(user_id))

    def handle(self, user_id: str) -> str:
        """The one handle of an id; upper and lower case tell nothing apart."""
        return handles.handle(user_id)

    def resolve(self, username: str) -> str | None:
        """The id behind a handle, or None where nobody can have it."""
        return handles.resolve(username)

    def sample_ids(self, count: int, status: Status | None = None) -> list[str]:
        """Distinct ids, the same ones for the same seed.

        Args:
            count: How many.
            status: Only ids of this status; a mixture when omitted.

        Raises:
            ValueError: If no id can have that status.
        """
        if status not in {None, "found"} and not self._shares.get(str(status)):
            msg = f"No id of this world is {status}: give it a share"
            raise ValueError(msg)
        ids: list[str] = []
        number = 0
        while len(ids) < count:
            number += 1
            user_id = self._sample.at(number)
            if status is None or self.status(user_id) == status:
                ids.append(user_id)
        return ids

    def _profile(self, user_id: str) -> dict[str, Any]:
        number = int(user_id)
        person = Person(
            id=number,
            username=self.handle(user_id),
            created_at=created_at(number),
            now=self._clock.now(),
        )
        user = people.user_object(person, self._random("user", number))
        user["public_metrics"] |= self.follows.changed_counts(user_id)
        return user

    def _gain(self, user_id: str, direction: Direction) -> float:
        number = int(user_id)
        return people.gains(number, self._random("user", number))[f"{direction}_count"]

    def first_version(self, publication: Publication) -> dict[str, Any]:
        """A post as it looks when it is published, which may lie ahead."""
        first = publication.versions[0]
        return self._shown(publication, first, (first,), moments.snowflake_time(first))

    def _seen(self, publication: Publication, version: int) -> dict[str, Any]:
        history = self.timelines.history(publication)
        return self._shown(publication, version, history, self._clock.now())

    def _shown(
        self, publication: Publication, version: int, history: tuple[int, ...], now: datetime
    ) -> dict[str, Any]:
        index = history.index(version)
        return posts.post(
            posts.Version(
                id=version,
                history=history,
                author_id=publication.author_id,
                text=publication.texts[index] if index < len(publication.texts) else "",
                resolve=self.resolve,
                greeted=self._named(publication.greeted),
                target=self._target(publication),
                seed=self.seed,
                now=now,
            )
        )

    def _named(self, user_id: str) -> tuple[str, str] | None:
        return (self.handle(user_id), user_id) if user_id else None

    def _target(self, publication: Publication) -> posts.Target | None:
        if publication.target is None:
            return None
        author_id = self.authors.of(publication.target)
        return posts.Target(
            kind=publication.kind,
            id=publication.target,
            author_id=author_id,
            handle=self.handle(author_id),
            post=self.post(str(publication.target)),
        )

    def _highlights(self, user_id: str) -> dict[str, str]:
        """Ids of a user's newest post, and of the pinned one, which may have been deleted since."""
        newest = next(self.timelines.of(user_id), None)
        if newest is None:
            return {}
        found = {"most_recent_tweet_id": str(self.timelines.newest(newest))}
        rng = self._random("pin", int(user_id))
        if rng.random() < _SHARE_OF_PINS:
            pinned = self.timelines.original_before(
                user_id, milliseconds(self._clock.now() - timedelta(days=rng.randrange(300)))
            )
            found |= {"pinned_tweet_id": str(pinned)} if pinned else {}
        return found

    def _drawn(self, number: int) -> Status:
        draw = self._random("status", number).random()
        for status in get_args(Status):
            draw -= self._shares.get(status, 0.0)
            if draw < 0:
                drawn: Status = status
                return drawn
        return "found"

    def _random(self, purpose: str, number: int) -> random.Random:
        return random.Random(f"{self.seed}:{purpose}:{number}")


def _begins_ms(user_id: str) -> int:
    return milliseconds(created_at(int(user_id)))
