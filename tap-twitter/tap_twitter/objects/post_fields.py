"""What can be asked of a post, in both of X's vocabularies (https://api.x.com/2/openapi.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.api.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

POST_FIELDS: Final = (
    "attachments",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "entities",
    "geo",
    "id",
    "lang",
    "paid_partnership",
    "possibly_sensitive",
    "public_metrics",
    "reply_settings",
    "source",
    "text",
    "withheld",
)
"""Fields that both specs name, the private metrics left out."""

OWN_POST_FIELDS: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: (
        "edit_history_tweet_ids",
        "in_reply_to_user_id",
        "note_tweet",
        "referenced_tweets",
    ),
    Vocabulary.POST: ("note_post",),
}
"""Fields that only one spec names."""

PRIVATE_METRICS: Final = ("non_public_metrics", "organic_metrics")
"""Fields that X gives to the author of a post, for 30 days
(https://docs.x.com/x-api/fundamentals/metrics)."""

EXPANSIONS: Final = ("attachments.media_keys", "attachments.poll_ids")
"""Media and polls have no price (https://docs.x.com/x-api/getting-started/pricing)."""

REFERENCES: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: (),
    Vocabulary.POST: ("in_reply_to_user_id", "referenced_posts"),
}
"""Expansions without which X does not tell what a post refers to. In `post` words no field does."""

ORIGINALS: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: ("referenced_tweets.id",),
    Vocabulary.POST: ("referenced_posts",),
}
"""Expansions that bring the posts which a post refers to."""

FIELDS_OF_INCLUDED: Final[Mapping[str, str]] = {
    "media.fields": "alt_text,duration_ms,height,media_key,preview_image_url,public_metrics,type,"
    "url,variants,width",
    "poll.fields": "duration_minutes,end_datetime,id,options,voting_status",
}


def post_parameters(
    words: Vocabulary, *, with_private: bool = False, with_originals: bool = False
) -> dict[str, str]:
    """The parameters that ask for everything about posts.

    Args:
        words: The vocabulary in use.
        with_private: Whether for the metrics that only the author gets, too.
        with_originals: Whether for the posts that they refer to, too.
    """
    fields = POST_FIELDS + OWN_POST_FIELDS[words] + (PRIVATE_METRICS if with_private else ())
    expansions = EXPANSIONS + REFERENCES[words] + (ORIGINALS[words] if with_originals else ())
    return {
        f"{words.value}.fields": ",".join(sorted(fields)),
        "expansions": ",".join(sorted(set(expansions))),
        **FIELDS_OF_INCLUDED,
    }
