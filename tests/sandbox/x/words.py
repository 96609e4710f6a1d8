"""The names of fields and expansions, by object, in both vocabularies of X's API v2.

Most are the same in X's specs 2.166 (`TWEET_…`) and 2.167 (`POST_…`). An expansion leads to the field that it follows, in the tweet
vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Fields = dict[str, tuple[str, ...]]
Expansions = dict[str, dict[str, str]]

_SHARED: Final[Fields] = {
    "user": (
        "confirmed_email", "connection_status", "created_at", "description", "entities", "id",
        "is_identity_verified", "location", "name", "parody", "profile_banner_url",
        "profile_image_url", "protected", "public_metrics", "receives_your_dm", "subscription",
        "subscription_type", "url", "username", "verified", "verified_followers_count",
        "verified_type", "withheld",
    ),
    "post": (
        "article", "attachments", "card_uri", "community_id", "context_annotations",
        "conversation_id", "created_at", "display_text_range", "edit_controls", "entities", "geo",
        "id", "lang", "matched_media_notes", "media_metadata", "non_public_metrics",
        "note_request_suggestions", "organic_metrics", "paid_partnership", "possibly_sensitive",
        "promoted_metrics", "public_metrics", "reply_settings", "scopes", "source",
        "suggested_source_links", "suggested_source_links_with_counts", "text", "withheld",
    ),
    "dm_event": (
        "attachments", "created_at", "dm_conversation_id", "entities", "event_type", "id", "text",
    ),
    "media": (
        "alt_text", "duration_ms", "height", "media_key", "non_public_metrics", "organic_metrics",
        "preview_image_url", "promoted_metrics", "public_metrics", "type", "url", "variants",
        "width",
    ),
    "analytics": (
        "app_install_attempts", "app_opens", "bookmarks", "detail_expands", "email_tweet",
        "engagements", "follows", "hashtag_clicks", "id", "impressions", "likes", "media_views",
        "permalink_clicks", "quote_tweets", "replies", "retweets", "shares", "timestamp",
        "unfollows", "unlikes", "url_clicks", "user_profile_clicks",
    ),
    "search_count": ("end", "start"),
    "usage": (
        "cap_reset_day", "daily_client_app_usage", "daily_project_usage", "project_cap",
        "project_id", "project_usage",
    ),
    "poll": ("duration_minutes", "end_datetime", "id", "options", "voting_status"),
    "place": (
        "contained_within", "country", "country_code", "full_name", "geo", "id", "name",
        "place_type",
    ),
}  # fmt: skip

_SHARED_EXPANSIONS: Final[Expansions] = {
    "user": {},
    "post": {
        "article.cover_media": "article",
        "article.media_entities": "article",
        "attachments.media_keys": "attachments",
        "attachments.media_source_tweet": "attachments",
        "attachments.poll_ids": "attachments",
        "author_id": "author_id",
        "entities.mentions.username": "entities",
        "geo.place_id": "geo",
        "in_reply_to_user_id": "in_reply_to_user_id",
    },
    "dm_event": {
        "attachments.media_keys": "attachments",
        "participant_ids": "participant_ids",
        "sender_id": "sender_id",
    },
}


def fields(own: Mapping[str, tuple[str, ...]]) -> Fields:
    """All fields of a vocabulary: the shared ones and its own, sorted."""
    return {name: tuple(sorted((*words, *own.get(name, ())))) for name, words in _SHARED.items()}


def expansions(own: Mapping[str, Mapping[str, str]]) -> Expansions:
    """All expansions of a vocabulary: the shared ones and its own, sorted."""
    return {
        name: dict(sorted({**shared, **own.get(name, {})}.items()))
        for name, shared in _SHARED_EXPANSIONS.items()
    }


TWEET_FIELDS: Final = fields(
    {
        "user": ("affiliation", "most_recent_tweet_id", "pinned_tweet_id"),
        "post": (
            "author_id",
            "edit_history_tweet_ids",
            "in_reply_to_user_id",
            "note_tweet",
            "referenced_tweets",
        ),
        "dm_event": ("participant_ids", "referenced_tweets", "sender_id"),
        "search_count": ("tweet_count",),
    }
)
POST_FIELDS: Final = fields(
    {
        "user": ("subscribes_to_you",),
        "post": ("article_title", "note_post"),
        "search_count": ("post_count",),
        "analytics": ("timestamped_metrics",),
    },
)
TWEET_EXPANSIONS: Final = expansions(
    {
        "user": {
            "affiliation.user_id": "affiliation",
            "most_recent_tweet_id": "most_recent_tweet_id",
            "pinned_tweet_id": "pinned_tweet_id",
        },
        "post": {
            "edit_history_tweet_ids": "edit_history_tweet_ids",
            "entities.note.mentions.username": "note_tweet",
            "referenced_tweets.id": "referenced_tweets",
            "referenced_tweets.id.attachments.media_keys": "referenced_tweets",
            "referenced_tweets.id.author_id": "referenced_tweets",
        },
        "dm_event": {"referenced_tweets.id": "referenced_tweets"},
    }
)
POST_EXPANSIONS: Final = expansions(
    {
        "user": {
            "affiliation": "affiliation",
            "most_recent_post_id": "most_recent_tweet_id",
            "pinned_post_id": "pinned_tweet_id",
        },
        "post": {
            "edit_history_post_ids": "edit_history_tweet_ids",
            "referenced_posts": "referenced_tweets",
            "username": "username",
        },
        "dm_event": {"referenced_posts": "referenced_tweets"},
    }
)
