"""The operators of searches that the sandbox knows: a part of X's.

https://docs.x.com/x-api/posts/search/integrate/operators
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.x.search_query import Test

_WORDS: Final = re.compile(r"\w+")
_PHOTO, _VIDEO, _GIF = "3_", "7_", "16_"


@dataclass(frozen=True)
class Seen:
    """A post that is searched.

    Attributes:
        post: The whole object, in the tweet vocabulary.
        author: Its author's handle.
        target_author: Handle and id of whom it repeats, answers or quotes.
        reposts_by_keyword: Whether a repost is found by the words that it repeats.
    """

    post: dict[str, Any]
    author: str
    target_author: tuple[str, str] | None
    reposts_by_keyword: bool

    @cached_property
    def words(self) -> list[str]:
        """The words of the whole text, in lower case."""
        text = self.post.get("note_tweet", self.post)["text"]
        return _WORDS.findall(str(text).lower())

    @property
    def kinds(self) -> set[str]:
        """What it does with other posts: `retweeted`, `quoted`, `replied_to`."""
        return {reference["type"] for reference in self.post.get("referenced_tweets", [])}

    @property
    def has_own_words(self) -> bool:
        """Whether its words are its author's, or are searched as if they were."""
        return self.reposts_by_keyword or "retweeted" not in self.kinds

    def entities(self, kind: str) -> list[dict[str, Any]]:
        """Tags, mentions or links in it."""
        whole: dict[str, Any] = self.post.get("note_tweet", self.post)
        found: list[dict[str, Any]] = whole.get("entities", {}).get(kind, [])
        return found

    def carries(self, *prefixes: str) -> bool:
        """Whether it carries media whose key begins in one of these ways."""
        keys = self.post.get("attachments", {}).get("media_keys", [])
        return any(key.startswith(prefixes) for key in keys)


def keyword(text: str) -> Test:
    """A word, a phrase in quotes, `#tag`, `$tag` or `@handle`."""
    if text[0] == "@" and len(text) > 1:
        return lambda seen: _named(seen, "mentions", "username", text[1:])
    if text[0] in "#$" and len(text) > 1:
        kind = "hashtags" if text[0] == "#" else "cashtags"
        return lambda seen: seen.has_own_words and _named(seen, kind, "tag", text[1:])
    sought = _WORDS.findall(text.lower())
    return lambda seen: seen.has_own_words and _in_a_row(sought, seen.words)


def operator(text: str) -> Test | None:
    """An operator with its value, such as `from:founder`; None where it is not known."""
    name, _, value = text.partition(":")
    if text.lower() in _CONDITIONS:
        return _CONDITIONS[text.lower()]
    made = _WITH_VALUE.get(name.lower())
    return made(value.strip('"').lstrip("@")) if made else None


def stands_alone(text: str) -> bool:
    """Whether an operator may be the only one of a query."""
    return text.partition(":")[0].lower() in _STANDALONE


def _named(seen: Seen, kind: str, key: str, value: str) -> bool:
    return any(entity[key].lower() == value.lower() for entity in seen.entities(kind))


def _in_a_row(sought: list[str], words: list[str]) -> bool:
    length = len(sought)
    return bool(sought) and any(
        words[start : start + length] == sought for start in range(len(words) - length + 1)
    )


def _is(value: str, *names: str) -> bool:
    return value.lower() in {name.lower() for name in names}


def _from(value: str) -> Test:
    return lambda seen: _is(value, seen.author, seen.post["author_id"])


def _to(value: str) -> Test:
    return lambda seen: "replied_to" in seen.kinds and _is(value, *(seen.target_author or ()))


def _reposts_of(value: str) -> Test:
    return lambda seen: "retweeted" in seen.kinds and _is(value, *(seen.target_author or ()))


def _conversation(value: str) -> Test:
    return lambda seen: bool(seen.post["conversation_id"] == value)


def _language(value: str) -> Test:
    return lambda seen: bool(seen.post["lang"] == value)


def _url(value: str) -> Test:
    sought = _WORDS.findall(value.lower())
    return lambda seen: any(
        _in_a_row(sought, _WORDS.findall(link["expanded_url"].lower()))
        for link in seen.entities("urls")
    )


_WITH_VALUE: Final[dict[str, Callable[[str], Test]]] = {
    "from": _from,
    "to": _to,
    "retweets_of": _reposts_of,
    "conversation_id": _conversation,
    "url": _url,
    "lang": _language,
}
_STANDALONE: Final = _WITH_VALUE.keys() - {"lang"}
_CONDITIONS: Final[dict[str, Test]] = {
    "is:retweet": lambda seen: "retweeted" in seen.kinds,
    "is:reply": lambda seen: "replied_to" in seen.kinds,
    "is:quote": lambda seen: "quoted" in seen.kinds,
    "has:hashtags": lambda seen: bool(seen.entities("hashtags")),
    "has:cashtags": lambda seen: bool(seen.entities("cashtags")),
    "has:mentions": lambda seen: bool(seen.entities("mentions")),
    "has:links": lambda seen: bool(seen.entities("urls")),
    "has:media": lambda seen: seen.carries(_PHOTO, _VIDEO, _GIF),
    "has:images": lambda seen: seen.carries(_PHOTO),
    "has:videos": lambda seen: seen.carries(_VIDEO),
    "has:geo": lambda seen: "geo" in seen.post,
}
