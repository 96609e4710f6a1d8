"""Records and values for the tables that engines read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from support.singer_messages import Message

MOST: Final = 2**63 - 1
LEAST: Final = -(2**63)
FIRST_MOMENT: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

PROPERTIES: Final[Message] = {
    "id": {"type": "string"},
    "count": {"type": ["integer", "null"]},
    "rate": {"type": ["number", "null"]},
    "ok": {"type": ["boolean", "null"]},
    "day": {"type": ["string", "null"], "format": "date"},
    "at": {"type": ["string", "null"], "format": "date-time"},
    "text": {"type": ["string", "null"]},
    "any": {},
    "tags": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    "place": {
        "type": ["object", "null"],
        "properties": {
            "name": {"type": ["string", "null"]},
            "box": {"type": ["array", "null"], "items": {"type": "number"}},
            "owner": {"type": ["object", "null"], "properties": {"id": {"type": "integer"}}},
        },
    },
    "links": {
        "type": ["array", "null"],
        "items": {"type": "object", "properties": {"url": {"type": ["string", "null"]}}},
    },
}
"""A property of every type that a stream can declare."""

FULL: Final[Message] = {
    "id": "1780000000000000001",
    "count": MOST,
    "rate": 0.1,
    "ok": True,
    "day": "0001-01-01",
    "at": "9999-12-31T23:59:59.999999Z",
    "text": "Größe 🚀\n\"quoted\" 'too', \\u0000 \\N",
    "any": {"a": [1, None]},
    "tags": ["x", None, ""],
    "place": {"name": "Oslo", "box": [1.5, -0.0], "owner": {"id": LEAST}},
    "links": [{"url": "https://example.com/?a=%20"}, {"url": None}],
}
SCARCE: Final[Message] = {"id": "2", "tags": [], "links": [], "place": {"name": None}, "text": ""}
EMPTY: Final[Message] = {"id": ""}


def row_of(message: Message, *, nested: bool) -> Message:
    """A record as a dataset holds it; objects and lists are JSON text unless `nested`."""
    found = {name: message.get(name) for name in PROPERTIES}
    if found["day"]:
        found["day"] = date.fromisoformat(found["day"])
    if found["at"]:
        found["at"] = datetime.fromisoformat(found["at"])
    if found["any"]:
        found["any"] = '{"a":[1,null]}'
    if nested and found["place"]:
        found["place"] = {"name": None, "box": None, "owner": None} | found["place"]
    return found if nested else found | TEXTS.get(message["id"], {})


TEXTS: Final[dict[str, Message]] = {
    FULL["id"]: {
        "tags": '["x",null,""]',
        "place": '{"name":"Oslo","box":[1.5,-0.0],"owner":{"id":-9223372036854775808}}',
        "links": '[{"url":"https://example.com/?a=%20"},{"url":null}]',
    },
    SCARCE["id"]: {"tags": "[]", "links": "[]", "place": '{"name":null}'},
}


LONG: Final = "x" * 31
"""Just short of where statistics of texts are cut off."""

EXTREMES: Final[tuple[Message, ...]] = (
    {"text": f"{LONG}🚀{LONG}", "count": MOST, "rate": 1.7976931348623157e308},
    {"text": f"{LONG}\U0010ffff{LONG}", "count": LEAST, "rate": -1.7976931348623157e308},
    {"text": "\U0010ffff" * 40, "count": MOST - 1, "rate": 5e-324},
    {"text": "z" * 2000, "count": 2**53 + 1, "rate": 0.1 + 0.2},
    {"text": " ", "count": -1, "rate": 1e23, "at": "2026-01-01T00:00:00.000001Z"},
    {"text": "\n", "count": 0, "rate": -0.5, "at": "2026-01-01T00:00:00.123456Z"},
    {"text": "'", "ok": False, "day": "9999-12-31", "at": "1969-12-31T23:59:59.999999Z"},
    {"text": "", "ok": True, "day": "1969-12-31", "at": "0001-01-01T00:00:00Z"},
)
"""Values at which statistics are cut off, rounded or mistaken for something else."""


ODD_NAMES: Final = (
    "with space", "dotted.name", "UPPER", "select", "größe", "🚀", "a\"quote\"", "it's",
    "100%", "a/b", "a\\b", "{}[]()<>;,=:", "line\nbreak", "tab\t", " edges ", "$.x", "1",
)  # fmt: skip
"""Names that engines and SQL read otherwise if they are not quoted."""
