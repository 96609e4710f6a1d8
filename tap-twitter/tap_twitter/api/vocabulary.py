"""X's two wire vocabularies: `tweet` words (spec 2.166) and `post` words (spec 2.167 and later).

Rows have `tweet` words, whichever X uses. Source: https://api.x.com/2/openapi.json.
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
"""Keys of responses in `post` words, and their `tweet` words."""

NAMING_PARAMETERS: Final = frozenset(
    {"user.fields", "tweet.fields", "post.fields", "dm_event.fields", "expansions"}
)
"""Parameters whose names or values differ between the vocabularies."""


class CurrentVocabulary:
    """The vocabulary in use with X; `auto` starts with `tweet` words and follows X's refusals.

    X does not bill refused requests, and it was seen to accept both vocabularies; `tweet` gives
    more of a user. So `auto` only changes after a refusal.

    Args:
        setting: The setting `api.vocabulary`.
    """

    def __init__(self, setting: Vocabulary) -> None:
        self.may_change = setting is Vocabulary.AUTO
        """Whether the next refusal of X may switch the vocabulary."""
        self.words: Vocabulary = Vocabulary.TWEET if setting is Vocabulary.AUTO else setting

    def others(self, refused: Iterable[str]) -> Vocabulary | None:
        """The other words, if they may help although X refused these parameters."""
        may_help = self.may_change and not NAMING_PARAMETERS.isdisjoint(refused)
        return Vocabulary.POST if may_help else None

    def change_to(self, words: Vocabulary) -> None:
        """Stay with words that X has accepted."""
        self.words, self.may_change = words, False


def is_about_values(refused: Collection[str]) -> bool:
    """Whether X only objects to other parameters, so that it has understood the words."""
    return bool(refused) and NAMING_PARAMETERS.isdisjoint(refused)


def use_tweet_words(found: dict[str, Any], *parts: str) -> None:
    """Translate the keys of an object to `tweet` words; an existing `tweet` key wins.

    X was seen to mix them: `tweet_count` in a response whose other keys were in `post` words.

    Args:
        found: The object; it is changed.
        parts: Objects in it whose keys have two names as well.
    """
    for each in (found, *map(found.get, parts)):
        if isinstance(each, dict) and not each.keys().isdisjoint(WORDS):
            for word in each.keys() & WORDS.keys():
                each.setdefault(WORDS[word], each.pop(word))
