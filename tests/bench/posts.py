"""Messages of a tap that reads posts: the input of all targets."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

STREAM: Final = "posts"
RECORDS_PER_STATE: Final = 10_000
"""As often as a tap of the Meltano SDK writes a STATE."""

LANGUAGES: Final = ("en", "ja", "es", "pt", "ar", "de", "fr", "und")
REPLY_SETTINGS: Final = ("everyone", "mentionedUsers", "following", "other")
METRICS: Final = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count")

_WORDS: Final = ("the", "new", "release", "of", "our", "open", "source", "tools", "is", "out", "today",
                 "größer", "and", "faster", "🚀")  # fmt: skip
_FIRST_ID: Final = 1_700_000_000_000_000_000
ID_STEP: Final = 4_194_304
"""Between the ids of two posts that follow each other."""

_FIRST_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _nullable(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


_TAGS: Final = {
    "type": "object",
    "required": ["start", "end", "tag"],
    "properties": {
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "tag": {"type": "string"},
    },
}

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "author_id", "created_at", "text", "lang", "public_metrics", "edits"],
    "properties": {
        "id": {"type": "string"},
        "author_id": {"type": "string"},
        "conversation_id": _nullable("string"),
        "in_reply_to_user_id": _nullable("string"),
        "created_at": {"type": "string", "format": "date-time"},
        "edited_at": _nullable("string", format="date-time"),
        "text": {"type": "string"},
        "lang": {"type": "string", "enum": list(LANGUAGES)},
        "reply_settings": {"type": "string", "enum": list(REPLY_SETTINGS)},
        "possibly_sensitive": _nullable("boolean"),
        "edits": {"type": "integer"},
        "public_metrics": {
            "type": "object",
            "required": list(METRICS),
            "properties": {name: {"type": "integer"} for name in METRICS},
        },
        "entities": _nullable(
            "object", properties={"hashtags": {"type": ["array", "null"], "items": _TAGS}}
        ),
    },
}


@dataclass(frozen=True)
class Stored:
    """What a target is to have stored in the end, or has: rows, and how many of them were edited."""

    rows: int
    edited: int


def post(number: int, edits: int) -> dict[str, Any]:
    """One record, about 600 bytes of JSON; the same for the same number."""
    created_at = _FIRST_TIME + timedelta(seconds=number)
    tag = _WORDS[number % 7]
    return {
        "id": str(_FIRST_ID + number * ID_STEP),
        "author_id": str(10_000_000 + number % 5000),
        "conversation_id": str(_FIRST_ID + number * ID_STEP),
        "in_reply_to_user_id": str(10_000_000 + number % 977) if number % 3 == 0 else None,
        "created_at": created_at.isoformat(),
        "edited_at": (created_at + timedelta(hours=1)).isoformat() if edits else None,
        "text": f"{number} {' '.join(_WORDS[: 5 + number % 11])} {' '.join(_WORDS[number % 5 :])}",
        "lang": LANGUAGES[number % len(LANGUAGES)],
        "reply_settings": REPLY_SETTINGS[number % len(REPLY_SETTINGS)],
        "possibly_sensitive": number % 50 == 0,
        "edits": edits,
        "public_metrics": {name: number % (97 * n) for n, name in enumerate(METRICS, 1)},
        "entities": {"hashtags": [{"start": 4, "end": 4 + len(tag), "tag": tag}]},
    }


def messages(
    numbers: Sequence[int], keys: Sequence[str] = (), edits: int = 0
) -> Iterator[dict[str, Any]]:
    """A tap's output: a SCHEMA, a RECORD for each number, a STATE now and then and at the end.

    Args:
        numbers: Of the posts.
        keys: The stream's key properties.
        edits: How often each post was edited.
    """
    yield {"type": "SCHEMA", "stream": STREAM, "schema": SCHEMA, "key_properties": list(keys)}
    for done, number in enumerate(numbers, 1):
        yield {"type": "RECORD", "stream": STREAM, "record": post(number, edits)}
        if done % RECORDS_PER_STATE == 0 or done == len(numbers):
            yield {"type": "STATE", "value": {"bookmarks": {STREAM: {"records": done}}}}


def write(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """Put messages into a file, as JSON lines; gives the file."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.writelines(chain.from_iterable((encode(line), b"\n") for line in lines))
    return path


def half_known(rows: int, count: int) -> list[int]:
    """Numbers of posts in random order: half of them below `rows` and spread over all, half new."""
    chance = random.Random(1)
    numbers = chance.sample(range(rows), count // 2)
    numbers += range(rows, rows + count - count // 2)
    chance.shuffle(numbers)
    return numbers
