"""Where the expansions of posts and messages lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.x.envelope import Envelope

Object = dict[str, Any]


def expand(envelope: Envelope, found: Object) -> None:
    """Include what the call's expansions lead to from an object."""
    for expansion in envelope.call.query["expansions"]:
        if follow := _FOLLOW.get(expansion):
            follow(envelope, found, expansion)


def _author(envelope: Envelope, found: Object, expansion: str) -> None:
    envelope.include_user(found["author_id"], expansion)


def _sender(envelope: Envelope, found: Object, expansion: str) -> None:
    if "sender_id" in found:
        envelope.include_user(found["sender_id"], expansion)


def _participants(envelope: Envelope, found: Object, expansion: str) -> None:
    for user_id in found.get("participant_ids", []):
        envelope.include_user(user_id, expansion)


def _addressee(envelope: Envelope, found: Object, expansion: str) -> None:
    if "in_reply_to_user_id" in found:
        envelope.include_user(found["in_reply_to_user_id"], expansion)


def _mentioned(envelope: Envelope, found: Object, expansion: str) -> None:
    for mention in found.get("entities", {}).get("mentions", []):
        envelope.include_user(mention["id"], expansion)


def _mentioned_in_note(envelope: Envelope, found: Object, expansion: str) -> None:
    _mentioned(envelope, found.get("note_tweet", {}), expansion)


def _versions(envelope: Envelope, found: Object, expansion: str) -> None:
    for version in found.get("edit_history_tweet_ids", []):
        envelope.include_post(version, expansion)


def _media(envelope: Envelope, found: Object, expansion: str) -> None:
    for key in found.get("attachments", {}).get("media_keys", []):
        envelope.include_media(key)


def _media_source(envelope: Envelope, found: Object, expansion: str) -> None:
    for post_id in found.get("attachments", {}).get("media_source_tweet_id", []):
        envelope.include_post(post_id, expansion)


def _polls(envelope: Envelope, found: Object, expansion: str) -> None:
    for poll_id in found.get("attachments", {}).get("poll_ids", []):
        envelope.include_poll(poll_id)


def _place(envelope: Envelope, found: Object, expansion: str) -> None:
    if "geo" in found:
        envelope.include_place(found["geo"]["place_id"])


def _referenced(envelope: Envelope, found: Object, expansion: str) -> None:
    list(_seen_references(envelope, found, expansion))


def _authors_of_referenced(envelope: Envelope, found: Object, expansion: str) -> None:
    for post in _seen_references(envelope, found, expansion):
        envelope.include_user(post["author_id"], expansion)


def _media_of_referenced(envelope: Envelope, found: Object, expansion: str) -> None:
    for post in _seen_references(envelope, found, expansion):
        _media(envelope, post, expansion)


def _seen_references(envelope: Envelope, found: Object, expansion: str) -> Iterator[Object]:
    for reference in found.get("referenced_tweets", []):
        if post := envelope.include_post(reference["id"], expansion):
            yield post


_FOLLOW: Final[dict[str, Callable[[Envelope, Object, str], None]]] = {
    "attachments.media_keys": _media,
    "attachments.media_source_tweet": _media_source,
    "attachments.poll_ids": _polls,
    "author_id": _author,
    "edit_history_post_ids": _versions,
    "edit_history_tweet_ids": _versions,
    "entities.mentions.username": _mentioned,
    "entities.note.mentions.username": _mentioned_in_note,
    "geo.place_id": _place,
    "in_reply_to_user_id": _addressee,
    "participant_ids": _participants,
    "referenced_posts": _referenced,
    "referenced_tweets.id": _referenced,
    "referenced_tweets.id.attachments.media_keys": _media_of_referenced,
    "referenced_tweets.id.author_id": _authors_of_referenced,
    "sender_id": _sender,
}
