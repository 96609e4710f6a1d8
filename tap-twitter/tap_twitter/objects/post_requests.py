"""Request parameters for posts, in both of X's vocabularies (https://api.x.com/2/openapi.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.objects.fields import request_fields
from tap_twitter.objects.post_fields import MEDIA, POLL, POST_COLUMNS, PRIVATE_METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG_TEXTS: Final = {Vocabulary.TWEET: "note_tweet", Vocabulary.POST: "note_post"}
"""The field with the text of a long post."""

EXPANSIONS: Final = ("attachments.media_keys", "attachments.poll_ids")
"""Media and polls have no price (https://docs.x.com/x-api/getting-started/pricing)."""

REFERENCES: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: (),
    Vocabulary.POST: ("in_reply_to_user_id", "referenced_posts"),
}
"""Expansions that X needs to report what a post refers to. In `post` words no field does."""

ORIGINALS: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: ("referenced_tweets.id",),
    Vocabulary.POST: ("referenced_posts",),
}
"""Expansions that return the posts that a post refers to."""

FIELDS_OF_INCLUDED: Final[Mapping[str, str]] = {
    "media.fields": ",".join(sorted(MEDIA)),
    "poll.fields": ",".join(sorted(POLL)),
}


def post_parameters(
    words: Vocabulary, *, with_private: bool = False, with_originals: bool = False
) -> dict[str, str]:
    """The parameters that request everything about posts.

    Args:
        words: The vocabulary in use.
        with_private: Whether to include the metrics that only the author gets.
        with_originals: Whether to include the posts that they refer to.
    """
    fields = request_fields(POST_COLUMNS, words) | {LONG_TEXTS[words]}
    fields -= set() if with_private else set(PRIVATE_METRICS)
    expansions = EXPANSIONS + REFERENCES[words] + (ORIGINALS[words] if with_originals else ())
    return {
        f"{words.value}.fields": ",".join(sorted(fields)),
        "expansions": ",".join(sorted(set(expansions))),
        **FIELDS_OF_INCLUDED,
    }
