"""What an event of a conversation looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.writing import Writing

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.messages import Event

_CARDS: Final = 3
"""Of so many links one comes with a card."""

_LINES: Final = (
    "Is the shop open on Sunday?",
    "It arrived today, thank you!",
    "明日はどうですか",
    "Which tea would you take?",
    "Até amanhã!",
)


def message(
    event: Event,
    handle: Callable[[str], str],
    rng: random.Random,
    shared: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """The whole event object in the tweet vocabulary.

    Args:
        event: The event.
        handle: Tells an account's handle.
        rng: Source of everything that is made up; seeded for this event alone.
        shared: The author and id of a post that the message passes on.
    """
    common = {
        "id": str(event.id),
        "event_type": event.type,
        "created_at": moments.stamp(moments.snowflake_time(event.id)),
        "dm_conversation_id": event.conversation.id,
    }
    if event.type == "MessageCreate":
        return {**common, "sender_id": event.sender_id, **_content(event, handle, rng, shared)}
    found = {**common, "participant_ids": list(event.participants)}
    return found | ({"sender_id": event.sender_id} if event.type == "ParticipantsJoin" else {})


def _content(
    event: Event, handle: Callable[[str], str], rng: random.Random, shared: tuple[str, int] | None
) -> dict[str, Any]:
    if event.text:
        return {"text": event.text}
    writing = Writing(rng.choice(_LINES))
    more: dict[str, Any] = {}
    short = f"https://t.co/{event.id % 36**9:010d}"
    if rng.random() < 0.1:
        writing.tag("tea")
    if rng.random() < 0.1:
        friend = rng.choice(event.conversation.members)
        writing.mention(handle(friend), friend)
    if shared is not None:
        author, post_id = shared
        writing.link(short, f"https://twitter.com/{handle(author)}/status/{post_id}")
        more["referenced_tweets"] = [{"id": str(post_id)}]
    elif rng.random() < 0.1:
        writing.link(short, f"https://twitter.com/messages/media/{event.id}")
        more["attachments"] = {"media_keys": [f"3_{event.id}"]}
    elif rng.random() < 0.1:
        writing.link(short, "https://northwind.example/blog")
        if event.id % _CARDS == 0:
            more["attachments"] = {"card_ids": [str(event.id)]}
    return {
        "text": writing.text,
        **more,
        **({"entities": writing.entities} if writing.entities else {}),
    }
