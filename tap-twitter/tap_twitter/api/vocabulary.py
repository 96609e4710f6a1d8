"""X's two wire vocabularies: `tweet` words (spec 2.166) and `post` words (spec 2.167 and later).

Rows carry the `tweet` words, whichever X speaks. Source: https://api.x.com/2/openapi.json.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Vocabulary(enum.StrEnum):
    """The values of the setting `api.vocabulary`."""

    AUTO = "auto"
    TWEET = "tweet"
    POST = "post"


TWEET: Final = Vocabulary.TWEET
POST: Final = Vocabulary.POST

WORDS: Final = {
    "edit_history_post_ids": "edit_history_tweet_ids",
    "most_recent_post_id": "most_recent_tweet_id",
    "note_post": "note_tweet",
    "pinned_post_id": "pinned_tweet_id",
    "post_count": "tweet_count",
    "posts": "tweets",
    "referenced_posts": "referenced_tweets",
    "repost_count": "retweet_count",
    "total_post_count": "total_tweet_count",
}
"""Keys of answers in `post` words, and the same in `tweet` words."""

NAMING_PARAMETERS: Final = frozenset(
    {"user.fields", "tweet.fields", "post.fields", "dm_event.fields", "expansions"}
)
"""Parameters whose names or values differ between the vocabularies."""


class CurrentVocabulary:
    """The vocabulary in use with X; `auto` begins with `tweet` words and follows X's refusal.

    X does not bill requests that it refuses, and it was seen to accept both vocabularies, of which
    `tweet` gives more of a user. So a refusal is the only thing that makes `auto` change.

    Args:
        setting: The setting `api.vocabulary`.
    """

    def __init__(self, setting: Vocabulary) -> None:
        self.may_change = setting is Vocabulary.AUTO
        """Whether X's next refusal may bring other words."""
        self.words: Vocabulary = Vocabulary.TWEET if setting is Vocabulary.AUTO else setting

    def others(self, refused: Iterable[str]) -> Vocabulary | None:
        """The other words, where they may help although X refused these parameters."""
        may_help = self.may_change and not NAMING_PARAMETERS.isdisjoint(refused)
        return Vocabulary.POST if may_help else None

    def change_to(self, words: Vocabulary) -> None:
        """Keep to words that X has taken."""
        self.words, self.may_change = words, False


def is_about_values(refused: Collection[str]) -> bool:
    """Whether X objects to other parameters alone, so that it has understood the words."""
    return bool(refused) and NAMING_PARAMETERS.isdisjoint(refused)


def use_tweet_words(found: dict[str, Any], *parts: str) -> None:
    """Give the keys of an object in an answer their `tweet` words; where both stand, theirs wins.

    X was seen to mix them: `tweet_count` in an answer whose other keys were in `post` words.

    Args:
        found: The object; it is changed.
        parts: Objects in it whose keys have two words as well.
    """
    for each in (found, *map(found.get, parts)):
        if isinstance(each, dict) and not each.keys().isdisjoint(WORDS):
            for word in each.keys() & WORDS.keys():
                each.setdefault(WORDS[word], each.pop(word))
