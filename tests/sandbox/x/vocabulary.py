"""The two sets of words X's API v2 speaks: `tweet` (spec 2.166) and `post` (spec 2.167).

Inside the sandbox everything is kept in the tweet vocabulary; names change on the way in and out.

Which vocabulary a request gets, where the server speaks both: that of `tweet.fields` or
`post.fields`, as observed on X in 2026; else that of a field or expansion which only one of the
specs lists; else the default. X's pages do not state the last two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.x import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VocabularyName = Literal["tweet", "post"]


@dataclass(frozen=True)
class Vocabulary:
    """One set of words.

    Attributes:
        name: How the set is called here.
        fields: The fields that can be asked for, by object, such as `user` or `post`.
        expansions: The expansions, by object, each with the field that it follows.
        renames: Keys of the tweet vocabulary that are called otherwise.
        scopes: Values of `withheld.scope` that are called otherwise.
        posts: What `.fields` follows in the parameter that selects fields of posts.
    """

    name: VocabularyName
    fields: Mapping[str, tuple[str, ...]]
    expansions: Mapping[str, Mapping[str, str]]
    renames: Mapping[str, str]
    scopes: Mapping[str, str]
    posts: str

    def parameter(self, subject: str) -> str:
        """The name of the parameter that selects an object's fields."""
        return f"{self.posts if subject == 'post' else subject}.fields"

    def inner(self, name: str) -> str:
        """The tweet vocabulary's name for a field of this vocabulary."""
        return next((old for old, new in self.renames.items() if new == name), name)

    def outward(self, value: Any) -> Any:
        """A value with all keys, at any depth, in this vocabulary, and the scope of what is withheld."""
        if isinstance(value, dict):
            found = {self.renames.get(k, k): self.outward(v) for k, v in value.items()}
            if "country_codes" in found and "scope" in found:
                found["scope"] = self.scopes.get(found["scope"], found["scope"])
            return found
        if isinstance(value, list):
            return [self.outward(item) for item in value]
        return value


TWEET: Final = Vocabulary(
    name="tweet",
    fields=words.TWEET_FIELDS,
    expansions=words.TWEET_EXPANSIONS,
    renames={},
    scopes={},
    posts="tweet",
)

POST: Final = Vocabulary(
    name="post",
    fields=words.POST_FIELDS,
    expansions=words.POST_EXPANSIONS,
    renames={
        "edit_history_tweet_ids": "edit_history_post_ids",
        "most_recent_tweet_id": "most_recent_post_id",
        "note_tweet": "note_post",
        "pinned_tweet_id": "pinned_post_id",
        "referenced_tweets": "referenced_posts",
        "retweet_count": "repost_count",
        "tweet_count": "post_count",
        "tweets": "posts",
        "total_tweet_count": "total_post_count",
    },
    scopes={"tweet": "post"},
    posts="post",
)


def spoken(
    vocabulary: Literal["tweet", "post", "both"], *, mixed_metrics: bool
) -> tuple[Vocabulary, ...]:
    """The vocabularies of a server.

    Args:
        vocabulary: Which of them.
        mixed_metrics: Keep `tweet_count` in the post vocabulary.
    """
    kept = {"tweet_count"} if mixed_metrics else set()
    renames = {old: new for old, new in POST.renames.items() if old not in kept}
    every = (TWEET, replace(POST, renames=renames))
    return tuple(v for v in every if vocabulary in {v.name, "both"})


def choose(
    query: Iterable[tuple[str, str]],
    subjects: Sequence[str],
    among: Sequence[Vocabulary],
    default: str,
) -> Vocabulary:
    """The vocabulary in which a request is read and answered.

    Args:
        query: Every parameter of the request with each single value.
        subjects: The objects that the endpoint gives, such as `user`, the one of its own first.
        among: The vocabularies that the server speaks.
        default: Name of the one that decides when the request does not.
    """
    asked = set(query)
    names = {name for name, _ in asked}
    by_parameter = [v for v in among if v.parameter("post") in names]
    by_word = [v for v in among if asked & _own_words(v, subjects, among)]
    for marked in (by_parameter, by_word):
        if len(marked) == 1:
            return marked[0]
    return next((v for v in among if v.name == default), among[0])


def _own_words(
    vocabulary: Vocabulary, subjects: Sequence[str], among: Sequence[Vocabulary]
) -> set[tuple[str, str]]:
    """What a request can ask for in this vocabulary alone, as pairs of parameter and value."""
    others = [_words(v, subjects) for v in among if v is not vocabulary]
    return _words(vocabulary, subjects).difference(*others)


def _words(vocabulary: Vocabulary, subjects: Sequence[str]) -> set[tuple[str, str]]:
    selectors = {
        (f"{subject}.fields", name)
        for subject in subjects
        if subject != "post"
        for name in vocabulary.fields[subject]
    }
    expansions = vocabulary.expansions.get(next(iter(subjects), ""), {})
    return selectors | {("expansions", name) for name in expansions}
