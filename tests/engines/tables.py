"""Tables as the target and the store leave them, and the rows that they hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from singer_messages import Message, Rows, lines, record, schema

from dataset_store import Below, DatasetSpec, dataset_id, open_store
from dataset_store.schema import JSON_TEXT, TIMESTAMP
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from pathlib import Path

    from dataset_store import Dataset

Made = tuple["Dataset", Rows]
"""A dataset and the rows that it is to hold."""

Make = Callable[["Path"], Made]
"""Makes a table in a folder."""

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


def _row(message: Message, *, nested: bool) -> Message:
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


def load(folder: Path, *messages: Message, store: str = "datasets", **config: Any) -> Dataset:
    """Run the target over messages of one stream; gives the dataset."""
    address = str(folder / store)
    with redirect_stdout(io.StringIO()):
        TargetDataset(config={"store": address, **config}).listen(io.StringIO(lines(messages)))
    stream = next(message["stream"] for message in messages)
    found = open_store(address).find(dataset_id(stream))
    assert found
    return found


def _all(*records: Message, keys: tuple[str, ...] = ()) -> list[Message]:
    return [schema("all", PROPERTIES, keys), *(record("all", **each) for each in records)]


def appended(folder: Path) -> Made:
    """Two commits, the second without values in most columns."""
    load(folder, *_all(FULL))
    return load(folder, *_all(SCARCE, EMPTY)), [
        _row(each, nested=False) for each in (FULL, SCARCE, EMPTY)
    ]


def structs(folder: Path) -> Made:
    """Objects and lists of declared shape as structs and lists."""
    load(folder, *_all(FULL), nested="struct")
    rows = [_row(each, nested=True) for each in (FULL, SCARCE, EMPTY)]
    return load(folder, *_all(SCARCE, EMPTY), nested="struct"), rows


def upserted(folder: Path, nested: str = "json") -> Made:
    """Rows that are replaced, added, and given twice."""
    load(folder, *_all(FULL, SCARCE, keys=("id",)), nested=nested)
    changed = SCARCE | {"count": LEAST, "rate": 5e-324}
    messages = _all(SCARCE, EMPTY, changed, keys=("id",))
    rows = [_row(each, nested=nested == "struct") for each in (FULL, EMPTY, changed)]
    return load(folder, *messages, nested=nested), rows


def upserted_structs(folder: Path) -> Made:
    """The same with structs and lists."""
    return upserted(folder, "struct")


def upserted_by_several_keys(folder: Path) -> Made:
    """Keys of several types, some of them null."""
    properties = {
        "a": {"type": ["string", "null"]},
        "b": {"type": ["integer", "null"]},
        "c": {"type": ["string", "null"], "format": "date-time"},
        "n": {"type": "integer"},
    }
    keys = [("x", 1, None), (None, None, None), ("x", MOST, "2026-01-01T00:00:00Z")]
    first = [dict(zip("abc", key, strict=True)) | {"n": 0} for key in keys]
    second = [each | {"n": 1} for each in first[1:]]
    for records in (first, second):
        messages = [record("keys", **each) for each in records]
        found = load(folder, schema("keys", properties, ["a", "b", "c"]), *messages)
    at = {"c": datetime(2026, 1, 1, tzinfo=UTC)}
    return found, [first[0], second[0], second[1] | at]


def overwritten(folder: Path) -> Made:
    """Other rows in other columns in the place of all."""
    load(folder, *_all(FULL, SCARCE))
    properties = {"id": {"type": "integer"}, "new": {"type": "boolean"}}
    messages = [schema("all", properties), record("all", id=MOST, new=False)]
    return load(folder, *messages, load_method="overwrite"), [{"id": MOST, "new": False}]


def _numbers(folder: Path, kinds: Message, *records: Message, **config: Any) -> Dataset:
    properties = {"id": {"type": "integer"}, **kinds}
    messages = [record("grown", **each) for each in records]
    return load(folder, schema("grown", properties, ["id"]), *messages, **config)


def new_column(folder: Path) -> Made:
    """A column that older files lack."""
    _numbers(folder, {}, {"id": 1}, {"id": 2})
    found = _numbers(folder, {"new": {"type": ["integer", "null"]}}, {"id": 2, "new": 5}, {"id": 3})
    return found, [{"id": 1, "new": None}, {"id": 2, "new": 5}, {"id": 3, "new": None}]


def new_field_of_a_struct(folder: Path) -> Made:
    """A field that the structs of older files lack."""
    _numbers(
        folder,
        {"place": {"type": "object", "properties": {"name": {"type": "string"}}}},
        {"id": 1, "place": {"name": "Oslo"}},
        nested="struct",
    )
    wider = {"name": {"type": "string"}, "code": {"type": ["integer", "null"]}}
    found = _numbers(
        folder,
        {"place": {"type": "object", "properties": wider}},
        {"id": 2, "place": {"name": "Rome", "code": 6}},
        nested="struct",
    )
    rows = [
        {"id": 1, "place": {"name": "Oslo", "code": None}},
        {"id": 2, "place": {"name": "Rome", "code": 6}},
    ]
    return found, rows


def widened(folder: Path) -> Made:
    """An integer becomes a double, a date a time."""
    narrow = {"n": {"type": "integer"}, "t": {"type": "string", "format": "date"}}
    wide = {"n": {"type": "number"}, "t": {"type": "string", "format": "date-time"}}
    _numbers(folder, narrow, {"id": 1, "n": 2**53, "t": "2026-02-28"})
    found = _numbers(folder, wide, {"id": 2, "n": 0.5, "t": "2026-02-28T23:00:00-01:00"})
    rows = [
        {"id": 1, "n": float(2**53), "t": datetime(2026, 2, 28, tzinfo=UTC)},
        {"id": 2, "n": 0.5, "t": datetime(2026, 3, 1, tzinfo=UTC)},
    ]
    return found, rows


def null_only(folder: Path) -> Made:
    """A column of which no type is known."""
    found = _numbers(folder, {"nothing": {"type": "null"}}, {"id": 1, "nothing": None})
    return found, [{"id": 1, "nothing": None}]


def _versions(folder: Path, *, hard: bool) -> Dataset:
    """Two versions of a stream, of which the second is activated."""
    for version, ids in ((1, (1, 2, 3)), (2, (3, 4))):
        messages = [{**record("versions", id=id_), "version": version} for id_ in ids]
        activate = {"type": "ACTIVATE_VERSION", "stream": "versions", "version": version}
        found = load(
            folder,
            schema("versions", {"id": {"type": "integer"}}, ["id"]),
            *messages,
            activate,
            add_record_metadata=True,
            hard_delete=hard,
        )
    return found


def _stored(dataset: Dataset) -> Rows:
    return [row for batch in dataset.read() for row in batch.to_pylist()]


def softly_deleted(folder: Path) -> Made:
    """Rows of older versions that bear a time of deletion."""
    found = _versions(folder, hard=False)
    rows = _stored(found)
    marked = {row["id"]: row["_sdc_deleted_at"] is not None for row in rows}
    assert marked == {1: True, 2: True, 3: False, 4: False}
    return found, rows


def deleted(folder: Path) -> Made:
    """Rows of older versions that are gone."""
    found = _versions(folder, hard=True)
    rows = _stored(found)
    assert sorted(row["id"] for row in rows) == [3, 4]
    return found, rows


def compacted(folder: Path) -> Made:
    """Many small files that were joined, a log that was summed up, old files that are gone."""
    dataset = load(folder, *_all(FULL, SCARCE, keys=("id",)))
    changed = [SCARCE | {"count": number} for number in range(12)]
    for each in changed:
        load(folder, *_all(each, keys=("id",)))
    dataset = load(folder, *_all(EMPTY, keys=("id",)))
    dataset.compact()
    dataset.vacuum(0)
    return dataset, [_row(each, nested=False) for each in (FULL, changed[-1], EMPTY)]


def upserted_after_compaction(folder: Path) -> Made:
    """One more commit after files were joined."""
    _, rows = compacted(folder)
    changed = FULL | {"count": 7}
    return load(folder, *_all(changed, keys=("id",))), [_row(changed, nested=False), *rows[1:]]


def without_rows(folder: Path) -> Made:
    """A stream without records."""
    return load(folder, *_all()), []


ODD_NAMES: Final = (
    "with space", "dotted.name", "UPPER", "select", "größe", "🚀", "a\"quote\"", "it's",
    "100%", "a/b", "a\\b", "{}[]()<>;,=:", "line\nbreak", "tab\t", " edges ", "$.x", "1",
)  # fmt: skip
"""Names that engines and SQL read otherwise if they are not quoted."""


def oddly_named_columns(folder: Path) -> Made:
    """Columns whose names mean something to SQL, paths or Parquet, at both levels."""
    inner = {name: {"type": "integer"} for name in ODD_NAMES}
    properties = {**inner, "struct": {"type": "object", "properties": inner}}
    values = {name: number for number, name in enumerate(ODD_NAMES)}
    row = {**values, "struct": values}
    for keys in ((), (ODD_NAMES[0],)):
        found = load(folder, schema("odd", properties, keys), record("odd", **row), nested="struct")
    return found, [row]


def oddly_named_folder(folder: Path) -> Made:
    """A store whose path differs from its URL: a space, letters outside of ASCII."""
    found = load(folder, *_all(FULL), store="my data/größe #1")
    return found, [_row(FULL, nested=False)]


def other_types(folder: Path) -> Made:
    """What imports and other programs bring: decimals, bytes, lists of lists."""
    names = {
        "id": pa.string(),
        "long": pa.decimal128(38, 10),
        "price": pa.decimal128(12, 2),
        "bytes": pa.binary(),
        "at": TIMESTAMP,
        "lists": pa.list_(pa.field("element", pa.list_(pa.field("element", pa.int64())))),
    }
    columns = pa.schema(list(names.items())).append(
        pa.field("json", pa.string(), metadata=JSON_TEXT)
    )
    full = {
        "id": "1",
        "long": Decimal("1234567890123456789012345678.0123456789"),
        "price": Decimal("-1.10"),
        "bytes": b"\0\xff",
        "at": FIRST_MOMENT,
        "lists": [[1, None], [], None],
        "json": "1.10",
    }
    late = dict.fromkeys(columns.names) | {"id": "2", "at": LAST_MOMENT}
    dataset = open_store(str(folder)).create(DatasetSpec("other types", columns, keys=("id",)))
    dataset.append(pa.Table.from_pylist([full], schema=columns))
    dataset.upsert(pa.Table.from_pylist([late], schema=columns), ["id"])
    return dataset, [full, late]


def marked_and_deleted(folder: Path) -> Made:
    """The store's own conditions."""
    columns = pa.schema([("id", pa.int64()), ("text", pa.string()), ("n", pa.int64())])
    dataset = open_store(str(folder)).create(DatasetSpec("conditions", columns, keys=("id",)))
    ids = range(10)
    dataset.append(pa.table({"id": ids, "text": [str(id_) for id_ in ids]}))
    dataset.delete(Below("id", 3))
    dataset.mark(Below("id", 5), "n", 1)
    return dataset, [
        {"id": id_, "text": str(id_), "n": 1 if id_ < 5 else None} for id_ in range(3, 10)
    ]


TABLES: Final[tuple[Make, ...]] = (
    appended,
    structs,
    upserted,
    upserted_structs,
    upserted_by_several_keys,
    overwritten,
    new_column,
    new_field_of_a_struct,
    widened,
    null_only,
    softly_deleted,
    deleted,
    compacted,
    upserted_after_compaction,
    without_rows,
    oddly_named_columns,
    oddly_named_folder,
    other_types,
    marked_and_deleted,
)
