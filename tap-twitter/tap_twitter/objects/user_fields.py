"""The fields of a user (https://api.x.com/2/openapi.json)."""

from __future__ import annotations

from typing import Any, Final

from tap_twitter.api.vocabulary import POST, TWEET, Vocabulary
from tap_twitter.objects.fields import (
    BOOLEAN,
    COUNT,
    ENTITIES,
    FLAG,
    OBJECT,
    PUBLIC,
    STRING,
    STRINGS,
    TEXT,
    TEXTS,
    TIME,
    Field,
    ValueType,
    object_type,
    record,
    request_fields,
)


def _affiliation(value: Any) -> dict[str, Any] | None:
    """`user_id` became a list on 2025-02-18 (https://docs.x.com/changelog)."""
    if not OBJECT.read(value):
        return None
    ids = value.get("user_id")
    return {**value, "user_id": TEXTS.read([ids] if isinstance(ids, str) else ids)}


AFFILIATION: Final = ValueType(
    record(badge_url=STRING, description=STRING, url=STRING, user_id=STRINGS), _affiliation
)
PROFILE_ENTITIES: Final = object_type(
    url=record(urls=ENTITIES["urls"]), description=record(**ENTITIES)
)

USER_FIELDS: Final = (
    Field("id", TEXT, "The user's id."),
    Field("username", TEXT, "The user's handle, as the user writes it."),
    Field("name", TEXT, "The name on the profile."),
    Field("created_at", TIME, "When the account was created."),
    Field("description", TEXT, "The text of the profile."),
    Field("location", TEXT, "The place on the profile, as the user writes it."),
    Field("url", TEXT, "The link on the profile."),
    Field("profile_image_url", TEXT, "The profile's picture."),
    Field("profile_banner_url", TEXT, "The profile's banner."),
    Field("protected", FLAG, "Whether the user's posts are for approved followers only."),
    Field("verified", FLAG, "Whether X shows a check mark."),
    Field("verified_type", TEXT, "blue, business, government or none."),
    Field("verified_followers_count", COUNT, "Followers that are verified."),
    Field("is_identity_verified", FLAG, "Whether X has checked an identity document."),
    Field("parody", FLAG, "Whether the account is labelled as a parody."),
    Field(
        "subscription_type", TEXT, "The user's X subscription; real only for the account itself."
    ),
    Field("receives_your_dm", FLAG, "Whether the requesting account may message the user."),
    Field(
        "subscribes_to_you",
        FLAG,
        "Whether the user subscribes to the requesting account.",
        words=POST,
    ),
    Field("pinned_tweet_id", TEXT, "The post pinned to the profile.", words=TWEET),
    Field("most_recent_tweet_id", TEXT, "The user's newest post.", words=TWEET),
    Field("followers_count", COUNT, "Followers (public_metrics).", PUBLIC),
    Field("following_count", COUNT, "Accounts that the user follows (public_metrics).", PUBLIC),
    Field("tweet_count", COUNT, "Posts (public_metrics; post_count in X's newer words).", PUBLIC),
    Field("listed_count", COUNT, "Lists that the user is on (public_metrics).", PUBLIC),
    Field("like_count", COUNT, "Posts that the user likes (public_metrics).", PUBLIC),
    Field("media_count", COUNT, "Posts with media (public_metrics).", PUBLIC),
    Field(
        "connection_status",
        TEXTS,
        "The requesting account's relations to it: following, followed_by, blocking, muting, …",
    ),
    Field("entities", PROFILE_ENTITIES, "Links, hashtags, mentions and cashtags in the profile."),
    Field("affiliation", AFFILIATION, "The organisation that the account belongs to.", words=TWEET),
    Field(
        "subscription",
        object_type(subscribes_to_you=BOOLEAN),
        "The user's subscription to the requesting account.",
    ),
    Field(
        "withheld",
        object_type(country_codes=STRINGS, scope=STRING),
        "Where X withholds the account.",
    ),
)
"""The columns of a user.

`confirmed_email` is not requested: it needs an OAuth 2.0 scope of its own. In `post` words
affiliation and the two posts come as expansions, which X may bill, so they are not requested.
"""


def user_fields(words: Vocabulary) -> str:
    """The parameter `user.fields` that requests everything about a user."""
    return ",".join(sorted(request_fields(USER_FIELDS, words)))
