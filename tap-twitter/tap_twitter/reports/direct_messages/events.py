"""Events of direct messages: how X is asked for a page of them, and the rows that they become."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import Vocabulary, use_tweet_words
from tap_twitter.cost.ledger import objects_of
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Object = dict[str, Any]


class EventType(enum.StrEnum):
    """The values of the setting `event_types`."""

    MESSAGE = "MessageCreate"
    JOIN = "ParticipantsJoin"
    LEAVE = "ParticipantsLeave"


FIELDS: Final = (
    "attachments",
    "created_at",
    "dm_conversation_id",
    "entities",
    "event_type",
    "id",
    "text",
)
"""`dm_event.fields` that both of X's specs name."""

ID_FIELDS: Final = ("participant_ids", "referenced_tweets", "sender_id")
"""Fields with ids, which are fields in `tweet` words alone."""

ID_EXPANSIONS: Final = ("participant_ids", "referenced_posts", "sender_id")
"""What brings them in `post` words, along with the users and posts that they name."""

USER_EXPANSIONS: Final = ("sender_id",)
"""What brings the users along of whom there are columns."""

TOKEN: Final = "pagination_token"
NEXT: Final = "next_token"
FIELDS_PARAMETER: Final = "dm_event.fields"

ONE_TO_ONE: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)
"""The id of a conversation of two; that of a group is one number
(https://docs.x.com/x-api/direct-messages/lookup/introduction)."""

ENTITIES: Final = ("urls", "hashtags", "mentions", "cashtags")
"""Where X's spec 2.166 puts them: beside the text, rather than under `entities`."""


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """A page of an account's events."""

    event_types: Sequence[str]
    size: int
    token: str | None
    with_users: bool

    def parameters(self, words: Vocabulary) -> dict[str, str]:
        """The query in a vocabulary's words."""
        is_post = words is Vocabulary.POST
        fields = FIELDS if is_post else sorted(FIELDS + ID_FIELDS)
        users = USER_EXPANSIONS if self.with_users else ()
        query = {
            "max_results": str(self.size),
            "event_types": ",".join(self.event_types),
            FIELDS_PARAMETER: ",".join(fields),
            "expansions": ",".join(ID_EXPANSIONS if is_post else users),
            TOKEN: self.token,
        }
        return {name: value for name, value in query.items() if value}


@dataclass(frozen=True, slots=True)
class EventsPage:
    """X's answer to a question.

    Attributes:
        events: With their ids as numbers, newest first; in `tweet` words.
        users: Those that came along.
        next_token: Of the page below; None on the last one.
        is_end_told: Whether X says so where it is the last one.
    """

    events: Mapping[int, Object]
    users: Sequence[Object]
    next_token: str | None
    is_end_told: bool = True


def page_of(body: Mapping[str, Any]) -> EventsPage:
    """Read an answer; X's specification lets `meta` be absent, after which no page follows.

    Raises:
        TransientError: It says nothing, neither of messages nor that there are none.
        InvalidRequestError: No message has a sender: X does not know the field by this name.
    """
    meta, data = body.get("meta"), list(objects_of(body))
    following = text(meta.get(NEXT)) if isinstance(meta, dict) else None
    if not (data or following) and (not isinstance(meta, dict) or body.get("errors")):
        msg = "X's answer does not say whether more messages follow (HTTP 200)."
        raise TransientError(msg)
    for event in data:
        use_tweet_words(event)
    messages = [event for event in data if event.get("event_type") == EventType.MESSAGE]
    if messages and not any(event.get("sender_id") for event in messages):
        msg = "X tells no sender of any message, so that those sent cannot be told from the others."
        raise InvalidRequestError(msg, {FIELDS_PARAMETER: msg})
    events = {key: each for each in data if (key := id_number(each.get("id"))) is not None}
    includes = body.get("includes")
    users = _objects(includes.get("users")) if isinstance(includes, dict) else []
    return EventsPage(events, users, following, is_end_told=isinstance(meta, dict))


def row_of(account_id: str, event: Mapping[str, Any]) -> Object:
    """The columns of an event, without names of users."""
    sender, conversation = text(event.get("sender_id")), text(event.get("dm_conversation_id"))
    return {
        "account_id": account_id,
        "id": text(event.get("id")),
        "created_at": text(event.get("created_at")),
        "event_type": text(event.get("event_type")),
        "dm_conversation_id": conversation,
        "sender_id": sender,
        "recipient_id": recipient_of(sender, conversation),
        "participant_ids": list(_texts(event.get("participant_ids"))) or None,
        "text": text(event.get("text")),
        "entities": _entities(event),
        "attachments": _object(event.get("attachments")),
        "referenced_tweets": _objects(event.get("referenced_tweets")) or None,
    }


def recipient_of(sender: str | None, conversation: str | None) -> str | None:
    """To whom a message of a conversation of two went; X has no such field."""
    pair = ONE_TO_ONE.fullmatch(conversation or "")
    if pair is None or sender not in pair.groups():
        return None
    low, high = pair.groups()
    return high if sender == low else low


def _entities(event: Mapping[str, Any]) -> Object | None:
    return _object(event.get("entities")) or _object(
        {name: event[name] for name in ENTITIES if event.get(name)}
    )


def _object(value: Any) -> Object | None:
    return value if isinstance(value, dict) and value else None


def _objects(value: Any) -> list[Object]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else []:
        if (found := text(item)) is not None:
            yield found
