"""Direct messages: conversations of the accounts with names, and what happens in them day by day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox import moments
from sandbox.message_objects import message
from sandbox.pace import Pace, day_of, milliseconds
from sandbox.people import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sandbox.clock import Clock
    from sandbox.pace import Happening

EventType = Literal["MessageCreate", "ParticipantsJoin", "ParticipantsLeave"]

DEPTH_DAYS: Final = 30
_NAMED: Final = tuple(map(str, NAMED))
_CORRESPONDENTS: Final = 45
_MESSAGES_PER_DAY: Final = {_NAMED[0]: 3.2}
_OTHERS_PER_DAY: Final = 0.1
_AMONG_NAMED: Final = 0.3
_ALONE: Final = 0.1
_IN_GROUP: Final = 2.0
_STRANGERS_IN_GROUP: Final = 4
_FIRST_GROUP_MS: Final = 1_500_000_000_000
_JOINS: Final = 0.05
_LEAVES: Final = 0.08
_SHARING: Final = 0.03


@dataclass(frozen=True)
class Conversation:
    """A conversation.

    Attributes:
        id: `<smaller id>-<larger id>` of two accounts, or a group's number.
        members: Who is in it.
        is_group: Whether it is a group.
        per_day: Events a day.
    """

    id: str
    members: tuple[str, ...]
    is_group: bool
    per_day: float


@dataclass(frozen=True)
class Event:
    """Something that happened in a conversation.

    Attributes:
        id: Its id.
        conversation: Where.
        type: What.
        sender_id: Who did it.
        participants: Who joined or left.
        text: The text where it was given; made up otherwise.
    """

    id: int
    conversation: Conversation
    type: EventType
    sender_id: str
    participants: tuple[str, ...] = ()
    text: str = ""


class Messages:
    """All conversations.

    Args:
        seed: What they derive from.
        clock: What lies ahead of it has not happened yet.
        sampled: The id at a place of the sample of accounts.
        handle: The handle of an account.
        latest: The newest post of an account before a moment that refers to no other.
    """

    def __init__(
        self,
        seed: int,
        clock: Clock,
        sampled: Callable[[int], str],
        handle: Callable[[str], str],
        latest: Callable[[str, int], int | None],
    ) -> None:
        self._seed = seed
        self._clock = clock
        self._sampled = sampled
        self._handle = handle
        self._latest = latest
        self._on = lru_cache(maxsize=16_384)(self._happened)
        self.conversations = lru_cache(self._conversations)
        self.reset()

    def reset(self) -> None:
        """Take back what was sent by hand."""
        self._sent: list[Event] = []

    def of(self, user_id: str, days: int = DEPTH_DAYS) -> list[Event]:
        """The events of all conversations of an account, newest first.

        Args:
            user_id: Whose.
            days: How far back.
        """
        now = milliseconds(self._clock.now())
        oldest = moments.snowflake_at(now - days * 86_400_000, 0)
        newest = moments.snowflake_at(now + 1, 0)
        events = [
            event
            for conversation in self.conversations(user_id)
            for day in range(day_of(now) - days, day_of(now) + 1)
            for event in self._on(conversation, day)
        ]
        events += [event for event in self._sent if user_id in event.conversation.members]
        reached = (event for event in events if oldest <= event.id < newest)
        return sorted(reached, key=lambda event: event.id, reverse=True)

    def seen(self, event: Event) -> dict[str, Any]:
        """The whole event object, in the tweet vocabulary."""
        rng = random.Random(f"{self._seed}:message:{event.id}")
        author = rng.choice(_NAMED)
        post = (
            self._latest(author, moments.snowflake_ms(event.id))
            if rng.random() < _SHARING
            else None
        )
        return message(event, self._handle, rng, (author, post) if post else None)

    def send(self, sender_id: str, recipient_ids: Sequence[str], text: str) -> int:
        """Send a message now: to one account, to oneself, or to a group of several.

        Returns:
            The event's id.
        """
        conversation = self._between(sender_id, recipient_ids)
        salt = moments.salt(f"{self._seed}:sent:{len(self._sent)}")
        event_id = moments.snowflake_at(milliseconds(self._clock.now()), salt)
        newest = max((event.id for event in self._sent), default=0)
        if event_id <= newest:
            self._clock.advance(0.001)
            return self.send(sender_id, recipient_ids, text)
        self._sent.append(Event(event_id, conversation, "MessageCreate", sender_id, text=text))
        return event_id

    def _between(self, sender_id: str, recipient_ids: Sequence[str]) -> Conversation:
        if len(recipient_ids) == 1:
            return _pair(sender_id, recipient_ids[0], 0)
        members = tuple(sorted({sender_id, *recipient_ids}, key=int))
        known = [
            c for member in members for c in self.conversations(member) if c.members == members
        ]
        salt = moments.salt(f"{self._seed}:group:{','.join(members)}")
        made = Conversation(str(moments.snowflake_at(_FIRST_GROUP_MS, salt)), members, True, 0)
        return next(iter(known), made)

    def _conversations(self, user_id: str) -> tuple[Conversation, ...]:
        """The conversations that an account takes part in by itself."""
        if user_id not in _NAMED:
            return ()
        per_day = _MESSAGES_PER_DAY.get(user_id, _OTHERS_PER_DAY)
        first = 1 + _NAMED.index(user_id) * _CORRESPONDENTS
        strangers = map(self._sampled, range(first, first + _CORRESPONDENTS))
        pairs = [pair for pair in combinations(_NAMED, 2) if user_id in pair]
        return (
            *(_pair(user_id, stranger, per_day) for stranger in strangers),
            *(_pair(one, other, _AMONG_NAMED) for one, other in pairs),
            _pair(user_id, user_id, _ALONE),
            *(group for group in self._groups() if user_id in group.members),
        )

    def _groups(self) -> Iterator[Conversation]:
        """A group for each account with a name and the one after it, with strangers."""
        for number, user_id in enumerate(_NAMED):
            first = 1 + (len(_NAMED) + number) * _CORRESPONDENTS
            strangers = map(self._sampled, range(first, first + _STRANGERS_IN_GROUP))
            friends = {user_id, _NAMED[(number + 1) % len(_NAMED)]}
            members = tuple(sorted({*friends, *strangers}, key=int))
            group_id = moments.snowflake_at(_FIRST_GROUP_MS + number, number)
            yield Conversation(str(group_id), members, is_group=True, per_day=_IN_GROUP)

    def _happened(self, conversation: Conversation, day: int) -> tuple[Event, ...]:
        return tuple(
            self._event(conversation, happening) for happening in self._pace(conversation).on(day)
        )

    def _pace(self, conversation: Conversation) -> Pace:
        return Pace(f"{self._seed}:messages:{conversation.id}", conversation.per_day)

    def _event(self, conversation: Conversation, happening: Happening) -> Event:
        event_id = moments.snowflake_at(happening.ms, moments.salt(happening.draw.hex()))
        sender = conversation.members[int(happening.share(0) * len(conversation.members))]
        draw = happening.share(1) if conversation.is_group else 1.0
        if draw >= _LEAVES:
            return Event(event_id, conversation, "MessageCreate", sender)
        strangers = [member for member in conversation.members if member not in _NAMED]
        who = (strangers[int(happening.share(2) * len(strangers))],)
        if draw < _JOINS:
            return Event(event_id, conversation, "ParticipantsJoin", sender, who)
        return Event(event_id, conversation, "ParticipantsLeave", who[0], who)


def _pair(one: str, other: str, per_day: float) -> Conversation:
    low, high = sorted((one, other), key=int)
    members = (low,) if low == high else (low, high)
    return Conversation(f"{low}-{high}", members, is_group=False, per_day=per_day)
