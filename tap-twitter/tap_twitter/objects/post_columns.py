"""The columns of a post, read from a post object of X, whatever X has put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.dates import stamp
from tap_twitter.objects.posts_response import objects
from tap_twitter.objects.user_columns import COUNT, FLAG, OBJECT, TEXT, TEXTS, Column
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_twitter.accounts.accounts import Account
    from tap_twitter.objects.posts_response import PostsResponse


def _numbers(value: Any) -> list[int] | None:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, int)] or None


def _objects(value: Any) -> list[dict[str, Any]] | None:
    return list(objects(value)) or None


NUMBERS: Final = Column(list[int] | None, _numbers)
OBJECTS: Final = Column(list[dict[str, Any]] | None, _objects)

FIELDS: Final[Mapping[str, Column]] = {
    "created_at": TEXT,
    "lang": TEXT,
    "conversation_id": TEXT,
    "in_reply_to_user_id": TEXT,
    "edit_history_tweet_ids": TEXTS,
    "edit_controls": OBJECT,
    "referenced_tweets": OBJECTS,
    "attachments": OBJECT,
    "context_annotations": OBJECTS,
    "geo": OBJECT,
    "display_text_range": NUMBERS,
    "reply_settings": TEXT,
    "possibly_sensitive": FLAG,
    "paid_partnership": FLAG,
    "withheld": OBJECT,
    "source": TEXT,
    "community_id": TEXT,
    "card_uri": TEXT,
}
"""The fields that become columns of the same name; what is not of its type becomes null."""

PUBLIC: Final = (
    "retweet_count",
    "like_count",
    "reply_count",
    "quote_count",
    "bookmark_count",
    "impression_count",
)
"""The parts of `public_metrics`, each a column."""

PRIVATE: Final[Mapping[str, tuple[str, str]]] = {
    "non_public_impression_count": ("non_public_metrics", "impression_count"),
    "non_public_engagements": ("non_public_metrics", "engagements"),
    "non_public_url_link_clicks": ("non_public_metrics", "url_link_clicks"),
    "non_public_user_profile_clicks": ("non_public_metrics", "user_profile_clicks"),
    "organic_impression_count": ("organic_metrics", "impression_count"),
    "organic_like_count": ("organic_metrics", "like_count"),
    "organic_reply_count": ("organic_metrics", "reply_count"),
    "organic_retweet_count": ("organic_metrics", "retweet_count"),
    "organic_url_link_clicks": ("organic_metrics", "url_link_clicks"),
    "organic_user_profile_clicks": ("organic_metrics", "user_profile_clicks"),
}
"""Columns that only the author gets, and where X puts them."""

REFERENCES: Final[Mapping[str, str]] = {
    "retweeted": "retweeted_tweet_id",
    "quoted": "quoted_tweet_id",
    "replied_to": "replied_to_tweet_id",
}
"""By X's word for how a post refers to another: the column with the other's id."""

UNMARKED: Final = {"deleted_at": None, "deletion_reason": None}
"""What says that X still gives a post."""


def post_row(
    account: Account, username: str | None, post_id: int, answer: PostsResponse, read_at: datetime
) -> dict[str, Any]:
    """The row of one of the posts in an answer.

    Args:
        account: Whose post it is.
        username: The account's handle, where the run knows it: X charges for telling it.
        post_id: The post.
        answer: With the post, and what came along.
        read_at: When X was asked.
    """
    post = answer.posts[post_id]
    columns = {name: column.read(post.get(name)) for name, column in FIELDS.items()}
    references = _references(post)
    history = columns["edit_history_tweet_ids"] or [str(post_id)]
    attachments = columns["attachments"] or {}
    refused = answer.refused(post_id)
    return {
        "id": str(post_id),
        "account_id": account.user_id,
        "account_name": account.called(username),
        "username": username,
        **columns,
        **_writing(post, references, answer),
        "is_retweet": "retweeted" in references,
        "is_quote": "quoted" in references,
        "is_reply": "replied_to" in references,
        **{column: references.get(kind) for kind, column in REFERENCES.items()},
        "original_id": history[0],
        **_metrics(post, is_retweet="retweeted" in references),
        "media": answer.attached("media", "media_key", attachments.get("media_keys")),
        "polls": answer.attached("polls", "id", attachments.get("poll_ids")),
        "read_at": stamp(read_at),
        "detail": f"X could not give: {', '.join(refused)}." if refused else None,
        **UNMARKED,
    }


def is_repost(post: Mapping[str, Any]) -> bool:
    """Whether a post only repeats another."""
    return "retweeted" in _references(post)


def _references(post: Mapping[str, Any]) -> dict[str, str]:
    """The posts that a post refers to, by how it does."""
    found = objects(post.get("referenced_tweets"))
    pairs = ((text(each.get("type")), text(each.get("id"))) for each in found)
    return {kind: post_id for kind, post_id in pairs if kind and post_id}


def _writing(
    post: Mapping[str, Any], references: Mapping[str, str], answer: PostsResponse
) -> dict[str, Any]:
    """The whole text and what stands in it: X cuts it at 280 characters, of a repost at 140."""
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


def _metrics(post: Mapping[str, Any], *, is_retweet: bool) -> dict[str, Any]:
    """The counts. Of a repost X shows the original's reposts; it has none of its own."""
    public = OBJECT.read(post.get("public_metrics")) or {}
    counts = {name: COUNT.read(public.get(name)) for name in PUBLIC}
    reposts = counts["retweet_count"]
    private = {
        column: COUNT.read((OBJECT.read(post.get(group)) or {}).get(name))
        for column, (group, name) in PRIVATE.items()
    }
    return {
        **counts,
        "own_retweet_count": 0 if is_retweet else reposts,
        "original_retweet_count": reposts if is_retweet else None,
        **private,
    }
