"""The columns of a post, read from X's post object, whatever values it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.dates import stamp
from tap_twitter.objects.fields import OBJECT, Field, objects
from tap_twitter.objects.post_fields import POST_COLUMNS, PUBLIC_POST_COLUMNS
from tap_twitter.objects.posts_response import PostsResponse
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_twitter.auth.account import Account

FIELDS: Final = tuple(column for column in POST_COLUMNS if isinstance(column, Field))
PUBLIC_FIELDS: Final = tuple(each for each in PUBLIC_POST_COLUMNS if isinstance(each, Field))

REFERENCES: Final[Mapping[str, str]] = {
    "retweeted": "retweeted_tweet_id",
    "quoted": "quoted_tweet_id",
    "replied_to": "replied_to_tweet_id",
}
"""By X's type of a reference between posts: the column with the other post's id."""

UNMARKED: Final = {"deleted_at": None, "deletion_reason": None}
"""The columns of a post that X still gives."""


def post_row(
    account: Account, username: str | None, post_id: int, answer: PostsResponse, read_at: datetime
) -> dict[str, Any]:
    """The row of one of the posts in a response.

    Args:
        account: The author.
        username: The account's handle, if the run knows it: X charges for looking it up.
        post_id: The post.
        answer: The response with the post and its expansions.
        read_at: The time of the request.
    """
    return {
        **_row(FIELDS, post_id, answer, read_at),
        "account_id": account.user_id,
        "account_name": account.called(username),
        "username": username,
        **UNMARKED,
    }


def public_post_rows(response: dict[str, Any], read_at: datetime) -> Iterator[dict[str, Any]]:
    """The rows of a page of anybody's posts.

    Args:
        response: X's JSON object, in either vocabulary; it is changed.
        read_at: When X was asked.

    Raises:
        ClosedTimelineError: X gives none of the account.
    """
    answer = PostsResponse(response)
    answer.check_is_open()
    return (_row(PUBLIC_FIELDS, each, answer, read_at) for each in answer.posts)


def _row(
    fields: Sequence[Field], post_id: int, answer: PostsResponse, read_at: datetime
) -> dict[str, Any]:
    """The columns that do not depend on where a post was found."""
    post = answer.posts[post_id]
    references = _references(post)
    writing = _writing(post, references, answer)
    attachments = OBJECT.read(post.get("attachments")) or {}
    media = answer.attached("media", "media_key", attachments.get("media_keys"))
    polls = answer.attached("polls", "id", attachments.get("poll_ids"))
    columns = {field.name: field.value(post) for field in fields}
    history = columns["edit_history_tweet_ids"] or [str(post_id)]
    refused = answer.refused(post_id)
    is_retweet, reposts = "retweeted" in references, columns["retweet_count"]
    return {
        **columns,
        "id": str(post_id),
        **writing,
        "is_retweet": is_retweet,
        "is_quote": "quoted" in references,
        "is_reply": "replied_to" in references,
        **{column: references.get(kind) for kind, column in REFERENCES.items()},
        "original_id": history[0],
        # for a repost, X shows the original's reposts; it has none of its own
        "own_retweet_count": 0 if is_retweet else reposts,
        "original_retweet_count": reposts if is_retweet else None,
        "media": media,
        "polls": polls,
        "read_at": stamp(read_at),
        "detail": f"X could not give: {', '.join(refused)}." if refused else None,
    }


def is_repost(post: Mapping[str, Any]) -> bool:
    """Whether a post only repeats another."""
    return "retweeted" in _references(post)


def _references(post: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the posts that a post refers to, by type of reference."""
    found = objects(post.get("referenced_tweets"))
    pairs = ((text(each.get("type")), text(each.get("id"))) for each in found)
    return {kind: post_id for kind, post_id in pairs if kind and post_id}


def _writing(
    post: Mapping[str, Any], references: Mapping[str, str], answer: PostsResponse
) -> dict[str, Any]:
    """The whole text and its entities: X cuts it at 280 characters, a repost's at 140."""
    shown, note = text(post.get("text")), OBJECT.read(post.get("note_tweet")) or {}
    original = answer.original(references.get("retweeted", ""))
    if original:
        prefix, colon, _ = (shown or "").partition(": ")
        shown = f"{prefix}{colon}{_whole_text(original)}"
    return {
        "text": text(note.get("text")) or shown,
        "entities": OBJECT.read(note.get("entities")) or OBJECT.read(post.get("entities")),
    }


def _whole_text(post: Mapping[str, Any]) -> str:
    note = OBJECT.read(post.get("note_tweet")) or {}
    return text(note.get("text")) or text(post.get("text")) or ""
