"""Texts with what stands in them: tags, mentions and links, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Entities = dict[str, list[dict[str, Any]]]
_TAG: Final = re.compile(r"(?<![\w#])#(\w*[^\W\d_]\w*)")
_CASHTAG: Final = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6})\b")
_LINK: Final = re.compile(r"https://(\S+)")
_HANDLE: Final = re.compile(r"(?<![\w@])@([A-Za-z0-9_]{1,15})\b")


class Writing:
    """A text in the making; its parts are joined by single spaces.

    Attributes:
        text: The text so far.
        entities: What stands in it, by kind, as X lists it.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.entities: Entities = {}

    def say(self, text: str, gap: str = " ") -> Writing:
        """Add words, after a gap where something stands before them."""
        self.text = f"{self.text}{gap}{text}" if self.text else text
        return self

    def quote(self, text: str, resolve: Callable[[str], str | None]) -> Writing:
        """Add somebody's own words, with the tags, links and mentions that stand in them."""
        self.say(text)
        begin = len(self.text) - len(text)
        for kind, pattern in (("hashtags", _TAG), ("cashtags", _CASHTAG)):
            for found in pattern.finditer(text):
                self._note(kind, begin + found.start(), begin + found.end(), {"tag": found[1]})
        for found in _LINK.finditer(text):
            page = {"expanded_url": found[0], "display_url": found[1]}
            place = (begin + found.start(), begin + found.end())
            self._note("urls", *place, {"url": found[0], **page})
        for start, end, handle, user_id in mentions_in(text, resolve):
            about = {"username": handle, "id": user_id}
            self._note("mentions", begin + start, begin + end, about)
        return self

    def tag(self, word: str, sign: str = "#") -> Writing:
        """Add a hashtag, or with the sign `$` a cashtag."""
        kind = "hashtags" if sign == "#" else "cashtags"
        return self._add(kind, sign + word, {"tag": word})

    def mention(self, handle: str, user_id: str) -> Writing:
        """Add a handle."""
        return self._add("mentions", f"@{handle}", {"username": handle, "id": user_id})

    def link(self, short: str, target: str, **more: Any) -> Writing:
        """Add a link, shortened as X does it."""
        about = {"url": short, "expanded_url": target, "display_url": target.partition("//")[2]}
        return self._add("urls", short, {**about, **more})

    def cut(self, length: int) -> Writing:
        """The text cut at a length, with a sign that it goes on, and what still stands in it."""
        if len(self.text) <= length:
            return self
        shorter = Writing(self.text[: length - 1] + "…")
        kept = {
            kind: [entity for entity in entities if entity["end"] < length]
            for kind, entities in self.entities.items()
        }
        shorter.entities = {kind: entities for kind, entities in kept.items() if entities}
        return shorter

    def _add(self, kind: str, word: str, about: dict[str, Any]) -> Writing:
        self.say(word)
        return self._note(kind, len(self.text) - len(word), len(self.text), about)

    def _note(self, kind: str, start: int, end: int, about: dict[str, Any]) -> Writing:
        self.entities.setdefault(kind, []).append({"start": start, "end": end, **about})
        return self


def mentions_in(
    text: str, resolve: Callable[[str], str | None]
) -> Iterator[tuple[int, int, str, str]]:
    """The handles in a text that somebody has: where each begins and ends, the handle, and the id."""
    for found in _HANDLE.finditer(text):
        if user_id := resolve(found[1]):
            yield found.start(), found.end(), found[1], user_id
