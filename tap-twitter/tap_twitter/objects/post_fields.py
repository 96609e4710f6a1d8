"""The fields of a post, in both of X's vocabularies (https://api.x.com/2/openapi.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import TWEET
from tap_twitter.objects.fields import (
    BOOLEAN,
    COUNT,
    FLAG,
    INTEGER,
    MOMENT,
    NUMBER,
    NUMBERS,
    OBJECT,
    PUBLIC,
    STRING,
    TEXT,
    TEXTS,
    TIME,
    Column,
    Field,
    ValueType,
    list_of,
    object_type,
    objects_type,
    record,
    spans,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.objects.fields import Schema


def _withheld(value: Any) -> dict[str, Any] | None:
    """In `post` words, the scope also has its own word, unless it is the user."""
    found: dict[str, Any] | None = OBJECT.read(value)
    return {**found, "scope": "tweet"} if found and found.get("scope") == "post" else found


WITHHELD: Final = ValueType(
    record(copyright=BOOLEAN, country_codes=list_of(STRING), scope=STRING), _withheld
)
MEDIA: Final[Mapping[str, Schema]] = {
    "media_key": STRING,
    "type": STRING,
    "url": STRING,
    "preview_image_url": STRING,
    "alt_text": STRING,
    "width": INTEGER,
    "height": INTEGER,
    "duration_ms": INTEGER,
    "public_metrics": record(view_count=INTEGER),
    "variants": list_of(record(bit_rate=INTEGER, content_type=STRING, url=STRING)),
}
POLL: Final[Mapping[str, Schema]] = {
    "id": STRING,
    "options": list_of(record(position=INTEGER, label=STRING, votes=INTEGER)),
    "duration_minutes": INTEGER,
    "end_datetime": MOMENT,
    "voting_status": STRING,
}
POST_ENTITIES: Final[Mapping[str, Schema]] = {
    "urls": spans(
        INTEGER,
        url=STRING,
        expanded_url=STRING,
        display_url=STRING,
        unwound_url=STRING,
        title=STRING,
        description=STRING,
        status=INTEGER,
        media_key=STRING,
        images=list_of(record(url=STRING, width=INTEGER, height=INTEGER)),
    ),
    "hashtags": spans(INTEGER, tag=STRING),
    "cashtags": spans(INTEGER, tag=STRING),
    "mentions": spans(INTEGER, username=STRING, id=STRING),
    "annotations": spans(INTEGER, probability=NUMBER, type=STRING, normalized_text=STRING),
}
ATTACHMENTS: Final[Mapping[str, Schema]] = dict.fromkeys(
    ("media_keys", "poll_ids", "media_source_tweet_id"), list_of(STRING)
)
POINT: Final = record(type=STRING, coordinates=list_of(NUMBER))
TOPIC: Final = record(id=STRING, name=STRING, description=STRING)

NON_PUBLIC: Final = "non_public_metrics"
ORGANIC: Final = "organic_metrics"
PRIVATE_METRICS: Final = (NON_PUBLIC, ORGANIC)
"""Fields that X gives only to the author of a post, for 30 days
(https://docs.x.com/x-api/fundamentals/metrics)."""

ACCOUNT_NAME: Final = Column(
    "account_name",
    TEXT,
    "The account's name in the settings; its handle if it has none there and the run knows it.",
    is_nullable=False,
)

POST_COLUMNS: Final[Sequence[Column]] = (
    Field(
        "id", TEXT, "The post's id; each version of an edited post has its own.", is_nullable=False
    ),
    Column("account_id", TEXT, "The account that posted it.", is_nullable=False),
    ACCOUNT_NAME,
    Column(
        "username",
        TEXT,
        "The account's handle; null if neither the settings nor X gave it in this run.",
    ),
    Field("created_at", TIME, "When it was posted."),
    Field(
        "text",
        TEXT,
        "The whole text, of long posts, too. X cuts a repost's at 140 characters; in "
        "tweet_insights, insights.expand_originals brings the whole.",
    ),
    Field("lang", TEXT, "The language of the text as X detects it (BCP 47)."),
    Column("is_retweet", FLAG, "Whether it repeats another post.", is_nullable=False),
    Column("is_quote", FLAG, "Whether it quotes another post.", is_nullable=False),
    Column("is_reply", FLAG, "Whether it replies to another post.", is_nullable=False),
    Field(
        "retweet_count",
        COUNT,
        "Reposts as X shows them; for a repost, those of the original.",
        PUBLIC,
    ),
    Column("own_retweet_count", COUNT, "Reposts without those of the original; none for a repost."),
    Column(
        "original_retweet_count",
        COUNT,
        "Reposts of the original only; null unless the post is a repost.",
    ),
    Field("like_count", COUNT, "Likes (favorites).", PUBLIC),
    Field("reply_count", COUNT, "Answers.", PUBLIC),
    Field("quote_count", COUNT, "Posts that quote it.", PUBLIC),
    Field("bookmark_count", COUNT, "Bookmarks.", PUBLIC),
    Field("impression_count", COUNT, "How often it was seen (public_metrics).", PUBLIC),
    Field(
        "non_public_impression_count",
        COUNT,
        "How often it was seen (non_public_metrics: only for the author, for posts up to 30 days "
        "old, like all columns of its kind).",
        NON_PUBLIC,
    ),
    Field(
        "non_public_engagements",
        COUNT,
        "Interactions of all kinds (non_public_metrics).",
        NON_PUBLIC,
    ),
    Field(
        "non_public_url_link_clicks",
        COUNT,
        "Clicks on links (non_public_metrics); null if it has none.",
        NON_PUBLIC,
    ),
    Field(
        "non_public_user_profile_clicks",
        COUNT,
        "Clicks on the author's profile (non_public_metrics).",
        NON_PUBLIC,
    ),
    Field(
        "organic_impression_count",
        COUNT,
        "How often it was seen without promotion (organic_metrics).",
        ORGANIC,
    ),
    Field("organic_like_count", COUNT, "Likes without promotion (organic_metrics).", ORGANIC),
    Field("organic_reply_count", COUNT, "Replies without promotion (organic_metrics).", ORGANIC),
    Field("organic_retweet_count", COUNT, "Reposts without promotion (organic_metrics).", ORGANIC),
    Field(
        "organic_url_link_clicks",
        COUNT,
        "Clicks on links without promotion (organic_metrics); null if it has none.",
        ORGANIC,
    ),
    Field(
        "organic_user_profile_clicks",
        COUNT,
        "Clicks on the author's profile without promotion (organic_metrics).",
        ORGANIC,
    ),
    Field("conversation_id", TEXT, "The post that started the conversation."),
    Field("in_reply_to_user_id", TEXT, "The user it replies to.", words=TWEET),
    Column("replied_to_tweet_id", TEXT, "The post it replies to."),
    Column("quoted_tweet_id", TEXT, "The post it quotes."),
    Column("retweeted_tweet_id", TEXT, "The post it repeats."),
    Field(
        "referenced_tweets",
        objects_type(type=STRING, id=STRING),
        "All posts it refers to, as X lists them.",
        words=TWEET,
    ),
    Column(
        "original_id",
        TEXT,
        "The id of its first version: the same in the rows of all versions of a post. "
        "The highest id among them is the newest version.",
        is_nullable=False,
    ),
    Field("edit_history_tweet_ids", TEXTS, "The ids of its versions, oldest first.", words=TWEET),
    Field(
        "edit_controls",
        object_type(is_edit_eligible=BOOLEAN, editable_until=MOMENT, edits_remaining=INTEGER),
        "Whether, how often and until when it can be edited.",
    ),
    Field(
        "entities",
        object_type(**POST_ENTITIES),
        "Links, hashtags, cashtags and mentions in the text, with their positions.",
    ),
    Field("attachments", object_type(**ATTACHMENTS), "Keys of its media and poll."),
    Column("media", objects_type(**MEDIA), "Its photos, videos and animated GIFs."),
    Column("polls", objects_type(**POLL), "Its poll, with the votes so far."),
    Field(
        "geo",
        object_type(place_id=STRING, coordinates=POINT),
        "The place that the author gave.",
    ),
    Field(
        "context_annotations",
        objects_type(domain=TOPIC, entity=TOPIC),
        "The topics that X assigns to it.",
    ),
    Field(
        "display_text_range", NUMBERS, "Where the visible text begins and ends in the short text."
    ),
    Field(
        "reply_settings",
        TEXT,
        "Who may reply: everyone, mentionedUsers, following, subscribers, verified or other.",
    ),
    Field("possibly_sensitive", FLAG, "Whether its links may lead to sensitive content."),
    Field("paid_partnership", FLAG, "Whether the author has marked it as advertising."),
    Field("withheld", WITHHELD, "Where X withholds it."),
    Field("source", TEXT, "The app it was posted with; X no longer gives it for newer posts."),
    Field("community_id", TEXT, "The community it was posted in."),
    Field("card_uri", TEXT, "The card attached to it."),
    Column("read_at", TIME, "When X gave these figures.", is_nullable=False),
    Column("detail", TEXT, "The fields of this post that X refused to give."),
    Column(
        "deleted_at",
        TIME,
        "When a run found the post missing (insights.known_posts); null while X gives it.",
    ),
    Column(
        "deletion_reason",
        TEXT,
        "edited (a later version replaced it), deleted, or the state of the "
        "account: not_found, protected, suspended, unavailable.",
    ),
)
"""The columns of a post: fields of X, and values derived from them."""

AUTHOR_ID: Final = Field("author_id", TEXT, "Who has posted it.", words=TWEET)

TIMELINE_COLUMNS: Final = frozenset(
    {"account_id", "account_name", "username", "deleted_at", "deletion_reason"}
)
"""Columns that posts have because they were read from the timelines of accounts."""

PRIVATE_COLUMNS: Final = tuple(
    column.name
    for column in POST_COLUMNS
    if isinstance(column, Field) and column.part_of in PRIVATE_METRICS
)

PUBLIC_POST_COLUMNS: Final[Sequence[Column]] = (
    AUTHOR_ID,
    *(
        column
        for column in POST_COLUMNS
        if column.name not in TIMELINE_COLUMNS and column.name not in PRIVATE_COLUMNS
    ),
)
"""The columns of anybody's post."""
