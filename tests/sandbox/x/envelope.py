"""An answer in the making: `data`, what expansions lead to, and partial errors."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox import attached
from sandbox.x.bill import Resource
from sandbox.x.endpoint import Answer
from sandbox.x.problems import partial
from sandbox.x.selection import refusals, selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.world import Status
    from sandbox.x.endpoint import Call

Object = dict[str, Any]
_BILLED: Final = {"users": "User", "tweets": "Post"}


@dataclass
class Envelope:
    """The parts of an answer, in the tweet vocabulary.

    Attributes:
        call: What is answered.
        data: The objects that were asked for.
        errors: Why others, or fields of them, are missing.
        includes: What expansions led to, by the names of `includes` and then by id.
    """

    call: Call
    data: list[Object] = field(default_factory=list)
    errors: list[Object] = field(default_factory=list)
    includes: dict[str, dict[str, Object]] = field(default_factory=dict)

    def add(self, kind: str, found: Object, always: Sequence[str] = ()) -> None:
        """Put a whole object into `data`, cut to what was asked for."""
        self.data.append(selected(self.call, kind, found, follow=True, always=always))
        if kind == "post":
            self.errors += refusals(self.call, kind, found, "data")

    def include_user(self, user_id: str, expansion: str) -> None:
        """Include a user, or say why not."""
        status = seen_status(self.call, user_id)
        if status != "found":
            self.miss(status, "includes", kind="user", parameter=expansion, value=user_id)
            return
        user = self.call.sandbox.world.user(user_id)
        self._shelf("users")[user_id] = selected(self.call, "user", user)

    def include_post(self, post_id: str, expansion: str) -> Object | None:
        """Include a post, or say why not.

        Returns:
            The whole post, where it can be seen.
        """
        status = post_status(self.call, post_id)
        if status != "found":
            self.miss(status, "includes", kind="tweet", parameter=expansion, value=post_id)
            return None
        post: Object = self.call.sandbox.world.post(post_id) or {}
        if post_id not in self._shelf("tweets"):
            self._shelf("tweets")[post_id] = selected(self.call, "post", post)
            self.errors += refusals(self.call, "post", post, "includes")
        return post

    def include_media(self, key: str) -> None:
        """Include a photo, video or moving picture."""
        world = self.call.sandbox.world
        found = attached.media(key, self.call.sandbox.clock.now(), world.seed)
        if key not in self._shelf("media"):
            self._shelf("media")[key] = selected(self.call, "media", found)
            self.errors += refusals(self.call, "media", found, "includes")

    def include_poll(self, poll_id: str) -> None:
        """Include a poll."""
        now, seed = self.call.sandbox.clock.now(), self.call.sandbox.world.seed
        poll = attached.poll(poll_id, now, seed)
        self._shelf("polls")[poll_id] = selected(self.call, "poll", poll)

    def include_place(self, place_id: str) -> None:
        """Include a place."""
        place = selected(self.call, "place", attached.PLACES[place_id])
        self._shelf("places")[place_id] = place

    def miss(self, status: Status, section: str, **about: str) -> None:
        """Say why an object is not there, once."""
        error = partial(self.call.sandbox.options.problem_base, status, section=section, **about)
        if error not in self.errors:
            self.errors.append(error)

    def shuffle(self) -> None:
        """Bring `data` into an order that depends on nothing a client may rely on."""
        seed = self.call.sandbox.options.seed
        order = f"{seed}:{','.join(found['id'] for found in self.data)}"
        random.Random(order).shuffle(self.data)

    def answer(
        self, kind: str, *, single: bool = False, tariff: str = "", meta: Object | None = None
    ) -> Answer:
        """The finished envelope.

        Args:
            kind: What its objects are charged as: a key of `bill.PRICES`.
            single: Whether `data` is one object.
            tariff: The price of the objects, where that is another one.
            meta: What is said about the list.
        """
        included = [
            Resource(billed, found_id)
            for name, billed in _BILLED.items()
            for found_id in self.includes.get(name, {})
        ]
        includes = {name: list(shelf.values()) for name, shelf in self.includes.items()}
        data = (self.data[0] if self.data else None) if single else self.data
        body = {"data": data, "includes": includes, "errors": self.errors, "meta": meta}
        charged = [Resource(kind, found["id"], tariff) for found in self.data]
        return Answer(body, charged, included)

    def _shelf(self, name: str) -> dict[str, Object]:
        return self.includes.setdefault(name, {})


def asked(call: Call, parameter: str) -> list[str]:
    """The values asked for, less those that a fault makes X overlook."""
    values = call.query[parameter]
    for arguments in call.struck("drop_ids"):
        dropped = arguments["ids"] or values[:1]
        values = [value for value in values if value not in dropped]
    return values


def seen_status(call: Call, user_id: str) -> Status:
    """What the caller gets to know of a user; protected users see themselves."""
    status = call.sandbox.world.status(user_id)
    oneself = user_id == call.credential.user_id
    return "found" if oneself and status == "protected" else status


def post_status(call: Call, post_id: str) -> Status:
    """What the caller gets to know of a post: those of suspended authors are as good as gone."""
    world = call.sandbox.world
    publication = world.timelines.find(int(post_id))
    if publication is None:
        return "not_found"
    status = timeline_status(call, publication.author_id)
    return "not_found" if status == "suspended" else status


def timeline_status(call: Call, user_id: str) -> Status:
    """What the caller gets to know of a user's posts, which may be protected while the user is seen."""
    status = seen_status(call, user_id)
    if status == "found" and user_id != call.credential.user_id:
        return "protected" if call.sandbox.world.is_protected(user_id) else "found"
    return status
