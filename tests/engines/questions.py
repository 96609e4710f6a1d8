"""Questions that every engine is asked about a table of posts, and their answers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.schema import JSON_TEXT, TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

POSTS: Final = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("author", pa.string()),
        pa.field("lang", pa.string()),
        pa.field("text", pa.string()),
        pa.field("likes", pa.int64()),
        pa.field("created_at", TIMESTAMP),
        pa.field("day", pa.date32()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
    ]
)
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LANGUAGES: Final = ("de", "en", "ja", None)
_PLACES: Final = ("Oslo", "Zürich", "東京")

Post = dict[str, Any]


def post(number: int, likes: int) -> Post:
    """A post as a row of a dataset."""
    moment = _START + timedelta(seconds=60 * number)
    place = {"place": _PLACES[number % 3]} if number % 5 else {}
    return {
        "id": f"{1_780_000_000_000_000_000 + number}",
        "author": str(number % 97),
        "lang": _LANGUAGES[number % 4],
        "text": None if number % 10 == 0 else f'post {number}: it\'s "quoted" 🚀',
        "likes": likes,
        "created_at": moment,
        "day": moment.date(),
        "entities": json.dumps(place, ensure_ascii=False) if number % 7 else None,
    }


def place(found: Post) -> str | None:
    """The place in the JSON text of a post."""
    return json.loads(found["entities"]).get("place") if found["entities"] else None


Rows = list[list[Any]]


@dataclass(frozen=True)
class Question:
    """A question in SQL that all engines understand."""

    sql: str
    expected: Callable[[list[Post]], Rows]


def _by(posts: Iterable[Post], key: Callable[[Post], Any]) -> dict[Any, list[Post]]:
    found: dict[Any, list[Post]] = defaultdict(list)
    for each in posts:
        found[key(each)].append(each)
    return found


def _likes(posts: Iterable[Post]) -> int:
    return sum(each["likes"] for each in posts)


_ID: Final = post(9_500, 0)["id"]
_DAY: Final = date(2026, 1, 7)

QUESTIONS: Final = {
    "count": Question("select count(*) as n from posts", lambda posts: [[len(posts)]]),
    "filter": Question(
        "select count(*) as n, sum(likes) as likes from posts where likes >= 9000 and lang = 'en'",
        lambda posts: [
            [len(found), _likes(found)]
            for found in [[p for p in posts if p["likes"] >= 9000 and p["lang"] == "en"]]
        ],
    ),
    "row by id": Question(
        f"select id, text, likes from posts where id = '{_ID}'",
        lambda posts: [[p["id"], p["text"], p["likes"]] for p in posts if p["id"] == _ID],
    ),
    "day": Question(
        f"select count(*) as n from posts where day = cast('{_DAY}' as date)",
        lambda posts: [[sum(p["day"] == _DAY for p in posts)]],
    ),
    "null": Question(
        "select count(*) as n from posts where text is null",
        lambda posts: [[sum(p["text"] is None for p in posts)]],
    ),
    "sum": Question(
        "select sum(likes) as total, min(likes) as least, max(likes) as most from posts",
        lambda posts: [
            [_likes(posts), min(p["likes"] for p in posts), max(p["likes"] for p in posts)]
        ],
    ),
    "distinct": Question(
        "select count(distinct id) as ids, count(distinct author) as authors from posts",
        lambda posts: [[len({p["id"] for p in posts}), len({p["author"] for p in posts})]],
    ),
    "group by": Question(
        "select lang, count(*) as n, sum(likes) as likes from posts group by lang",
        lambda posts: [
            [lang, len(found), _likes(found)]
            for lang, found in _by(posts, lambda p: p["lang"]).items()
        ],
    ),
    "json": Question(
        "select place, count(*) as n from posts group by place",
        lambda posts: [[name, n] for name, n in Counter(map(place, posts)).items()],
    ),
}


def ordered(rows: Rows) -> Rows:
    """Rows without their order."""
    return sorted(rows, key=json.dumps)


def expected(posts: list[Post]) -> dict[str, Rows]:
    """The right answers, by question."""
    return {name: ordered(each.expected(posts)) for name, each in QUESTIONS.items()}
