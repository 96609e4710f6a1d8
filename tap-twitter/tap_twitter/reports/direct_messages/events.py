"""Direct message events: the request for a page, its response, and the rows of the events."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import Vocabulary, use_tweet_words
from tap_twitter.cost.ledger import objects_of
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.fields import ENTITIES, Field, objects, request_fields
from tap_twitter.reports.direct_messages.columns import COLUMNS
from tap_twitter.streams.pages import TOKEN
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Object = dict[str, Any]


class EventType(enum.StrEnum):
    """The values of the setting `event_types`."""

    MESSAGE = "MessageCreate"
    JOIN = "ParticipantsJoin"
    LEAVE = "ParticipantsLeave"


RECEIVED: Final = "direct_messages"
SENT: Final = "direct_messages_sent"

ID_EXPANSIONS: Final = ("participant_ids", "referenced_posts", "sender_id")
"""Expansions that bring ids in `post` words, which have no id fields; users and posts come too."""

FIELDS: Final = tuple(each for each in COLUMNS if isinstance(each, Field))

USER_EXPANSIONS: Final = ("sender_id",)
"""Expansions that include the users who have columns."""

NEXT: Final = "next_token"
FIELDS_PARAMETER: Final = "dm_event.fields"

ONE_TO_ONE: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)
"""The id of a one-to-one conversation; the id of a group is a single number
(https://docs.x.com/x-api/direct-messages/lookup/introduction)."""


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """The request for a page of an account's events."""

    event_types: Sequence[str]
    size: int
    token: str | None
    with_users: bool

    def parameters(self, words: Vocabulary) -> dict[str, str]:
        """The query parameters in a vocabulary's words."""
        is_post = words is Vocabulary.POST
        users = USER_EXPANSIONS if self.with_users else ()
        query = {
            "max_results": str(self.size),
            "event_types": ",".join(self.event_types),
            FIELDS_PARAMETER: ",".join(sorted(request_fields(COLUMNS, words))),
            "expansions": ",".join(ID_EXPANSIONS if is_post else users),
            TOKEN: self.token,
        }
        return {name: value for name, value in query.items() if value}


@dataclass(frozen=True, slots=True)
class EventsPage:
    """X's response to an `EventsRequest`.

    Attributes:
        events: The events by numeric id, newest first; in `tweet` words.
        users: The users included in the response.
        next_token: X's token of the page below; None on the last page.
        is_end_told: Whether X says so if the page is the last one.
    """

    events: Mapping[int, Object]
    users: Sequence[Object]
    next_token: str | None
    is_end_told: bool = True

    @property
    def ids(self) -> list[int]:
        """The ids of all events on the page."""
        return list(self.events)


def page_of(body: Mapping[str, Any]) -> EventsPage:
    """Parse a response; X's specification allows `meta` to be absent, and then no page follows.

    Raises:
        TransientError: The response neither holds messages nor says that there are none.
        InvalidRequestError: No message has a sender: X does not know the field by this name.
    """
    meta, data = body.get("meta"), list(objects_of(body))
    following = text(meta.get(NEXT)) if isinstance(meta, dict) else None
    if not (data or following) and (not isinstance(meta, dict) or body.get("errors")):
        msg = "X's response does not say whether more messages follow (HTTP 200)."
        raise TransientError(msg)
    for event in data:
        use_tweet_words(event)
    messages = [event for event in data if event.get("event_type") == EventType.MESSAGE]
    if messages and not any(event.get("sender_id") for event in messages):
        msg = "X names no sender of any message, so sent and received ones cannot be separated."
        raise InvalidRequestError(msg, {FIELDS_PARAMETER: msg})
    events = {key: each for each in data if (key := id_number(each.get("id"))) is not None}
    includes = body.get("includes")
    users = list(objects(includes.get("users"))) if isinstance(includes, dict) else []
    return EventsPage(events, users, following, is_end_told=isinstance(meta, dict))


def row_of(account_id: str, event: Mapping[str, Any]) -> Object:
    """The columns of an event, without user names."""
    columns = {field.name: field.value(event) for field in FIELDS}
    return {
        **columns,
        "account_id": account_id,
        "recipient_id": recipient_of(columns["sender_id"], columns["dm_conversation_id"]),
        "entities": columns["entities"] or _entities_beside(event),
    }


def stream_of(row: Mapping[str, Any]) -> str:
    """The stream that a row belongs to; each row belongs to exactly one of the two."""
    return SENT if row["sender_id"] == row["account_id"] else RECEIVED


def recipient_of(sender: str | None, conversation: str | None) -> str | None:
    """The recipient of a message in a one-to-one conversation; X has no such field."""
    pair = ONE_TO_ONE.fullmatch(conversation or "")
    if pair is None or sender not in pair.groups():
        return None
    low, high = pair.groups()
    return high if sender == low else low


def _entities_beside(event: Mapping[str, Any]) -> Object | None:
    """The entities at the place given in X's spec 2.166: beside the text, not under `entities`."""
    return {name: event[name] for name in ENTITIES if event.get(name)} or None
