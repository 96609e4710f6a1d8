"""The columns of direct messages (https://docs.x.com/x-api/direct-messages/lookup/introduction)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.api.vocabulary import TWEET
from tap_twitter.objects.fields import (
    ENTITIES,
    IDS,
    STRING,
    STRINGS,
    TEXT,
    TIME,
    Column,
    Field,
    object_type,
    objects_type,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS: Final[Sequence[Column]] = (
    Column("account_id", TEXT, "The account whose messages these are.", is_nullable=False),
    Field("id", TEXT, "The event's id.", is_nullable=False),
    Field("created_at", TIME, "When it happened."),
    Field("event_type", TEXT, "MessageCreate, ParticipantsJoin or ParticipantsLeave."),
    Field(
        "dm_conversation_id",
        TEXT,
        "The conversation: the ids of two accounts joined by a hyphen, or the number of a group.",
    ),
    Field(
        "sender_id",
        TEXT,
        "Who wrote the message, or let others join; null if somebody leaves.",
        words=TWEET,
    ),
    Column(
        "recipient_id",
        TEXT,
        "The recipient of a message between two, from the conversation's id; null in groups.",
    ),
    Field(
        "participant_ids",
        IDS,
        "Who joined or left; X does not say who is in a conversation.",
        words=TWEET,
    ),
    Field("text", TEXT, "The message."),
    Field(
        "entities",
        object_type(**ENTITIES),
        "Links, hashtags, mentions and cashtags in the text.",
    ),
    Field(
        "attachments",
        object_type(media_keys=STRINGS, card_ids=STRINGS),
        "Keys of the media and cards that came with the message.",
    ),
    Field(
        "referenced_tweets",
        objects_type(id=STRING),
        "The posts that the message links to.",
        words=TWEET,
    ),
    Column("sender_username", TEXT, "The sender's handle; with expand_users."),
    Column("sender_name", TEXT, "The sender's name; with expand_users."),
    Column("recipient_username", TEXT, "The recipient's handle; with expand_users."),
    Column("recipient_name", TEXT, "The recipient's name; with expand_users."),
)
