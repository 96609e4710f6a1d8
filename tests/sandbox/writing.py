"""Texts with what stands in them: tags, mentions and links, each with its place."""

from __future__ import annotations

from typing import Any

Entities = dict[str, list[dict[str, Any]]]


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
        place = {"start": len(self.text) - len(word), "end": len(self.text)}
        self.entities.setdefault(kind, []).append({**place, **about})
        return self
