"""Request parameters for posts, in both of X's vocabularies (https://api.x.com/2/openapi.json)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.cost.ledger import Resource
from tap_twitter.objects.fields import request_fields
from tap_twitter.objects.post_fields import AUTHOR_ID, MEDIA, POLL, POST_COLUMNS, PRIVATE_METRICS

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

AUTHORS: Final[Mapping[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TWEET: (),
    Vocabulary.POST: ("author_id",),
}
"""Expansions without which X does not tell whose a post is."""

FIELDS_OF_INCLUDED: Final[Mapping[str, str]] = {
    "media.fields": ",".join(sorted(MEDIA)),
    "poll.fields": ",".join(sorted(POLL)),
}

WORDS_NOTE: Final = (
    "The plan assumes that X accepts `tweet` words. In `post` words, posts bring along others and "
    "their authors, which X may charge for: plan with 'api.vocabulary: post' to see that cost."
)


def post_parameters(
    words: Vocabulary,
    *,
    with_private: bool = False,
    with_originals: bool = False,
    with_author: bool = False,
) -> dict[str, str]:
    """The parameters that request everything about posts.

    Args:
        words: The vocabulary in use.
        with_private: Whether to include the metrics that only the author gets.
        with_originals: Whether to include the posts that they refer to.
        with_author: Whether to include the ids of their authors.
    """
    fields = request_fields(POST_COLUMNS, words) | {LONG_TEXTS[words]}
    fields |= request_fields([AUTHOR_ID], words) if with_author else set()
    fields -= set() if with_private else set(PRIVATE_METRICS)
    expansions = EXPANSIONS + REFERENCES[words] + (ORIGINALS[words] if with_originals else ())
    expansions += AUTHORS[words] if with_author else ()
    return {
        f"{words.value}.fields": ",".join(sorted(fields)),
        "expansions": ",".join(sorted(set(expansions))),
        **FIELDS_OF_INCLUDED,
    }


def price_of_included(
    prices: Mapping[Resource, Decimal], words: Vocabulary, *, with_originals: bool = False
) -> Decimal:
    """What X may charge for what comes along with a post, at most, in USD.

    Args:
        prices: Of each object.
        words: The vocabulary in use.
        with_originals: Whether the posts that they refer to are asked for.
    """
    is_post = words is Vocabulary.POST
    price = prices[Resource.USER] if is_post else Decimal()
    return price + (prices[Resource.POST] if is_post or with_originals else Decimal())
