"""Tables as the target and the store leave them, and the rows that they hold."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake import DeltaTable
from engines.records import (
    EMPTY,
    EXTREMES,
    FIRST_MOMENT,
    FULL,
    LAST_MOMENT,
    LEAST,
    MOST,
    ODD_NAMES,
    PROPERTIES,
    SCARCE,
    row_of,
)
from support.singer_messages import Message, Rows, lines, record, schema

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
        row_of(each, nested=False) for each in (FULL, SCARCE, EMPTY)
    ]


def structs(folder: Path) -> Made:
    """Objects and lists of declared shape as structs and lists."""
    load(folder, *_all(FULL), nested="struct")
    rows = [row_of(each, nested=True) for each in (FULL, SCARCE, EMPTY)]
    return load(folder, *_all(SCARCE, EMPTY), nested="struct"), rows


def upserted(folder: Path, nested: str = "json") -> Made:
    """Rows that are replaced, added, and given twice."""
    load(folder, *_all(FULL, SCARCE, keys=("id",)), nested=nested)
    changed = SCARCE | {"count": LEAST, "rate": 5e-324}
    messages = _all(SCARCE, EMPTY, changed, keys=("id",))
    rows = [row_of(each, nested=nested == "struct") for each in (FULL, EMPTY, changed)]
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
    return dataset, [row_of(each, nested=False) for each in (FULL, changed[-1], EMPTY)]


def upserted_after_compaction(folder: Path) -> Made:
    """One more commit after files were joined."""
    _, rows = compacted(folder)
    changed = FULL | {"count": 7}
    return load(folder, *_all(changed, keys=("id",))), [row_of(changed, nested=False), *rows[1:]]


def extremes(folder: Path) -> Made:
    """One row a file, so that a wrong statistic loses it."""
    records = [{"id": str(number), **each} for number, each in enumerate(EXTREMES)]
    messages = [schema("all", PROPERTIES, ["id"])]
    for each in records:
        messages += [record("all", **each)]
    found = load(folder, *messages, batch_size_rows=1, store_options={"compact_after_commits": 0})
    return found, [row_of(each, nested=True) for each in records]


def many_columns(folder: Path) -> Made:
    """More columns than have statistics, beside a struct, before and after the log was summed up."""
    numbers = {f"n{number}": {"type": "integer"} for number in range(45)}
    properties = {
        "id": {"type": "string"},
        "struct": {"type": "object", "properties": {"a": {"type": "integer"}}},
        **numbers,
    }
    rows = [
        {"id": str(row), "struct": {"a": row}, **dict.fromkeys(numbers, row * 100)}
        for row in range(4)
    ]
    for row in rows:
        found = load(
            folder, schema("many", properties, ["id"]), record("many", **row), nested="struct"
        )
        if row is rows[1]:
            found.compact()
    return found, rows


def without_rows(folder: Path) -> Made:
    """A stream without records."""
    return load(folder, *_all()), []


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
    return found, [row_of(FULL, nested=False)]


def other_types(folder: Path) -> Made:
    """What imports and other programs bring: short decimals, bytes, lists of lists."""
    names = {
        "id": pa.string(),
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


def long_decimals(folder: Path, compact_after_commits: int = 0) -> Made:
    """Decimals that no double holds, as keys, too; one row a file unless upkeep joins some."""
    store = open_store(str(folder), {"compact_after_commits": compact_after_commits})
    columns = pa.schema([("key", pa.decimal128(38, 10)), ("n", pa.int64())])
    keys = [
        Decimal(f"{whole}.0123456789")
        for whole in (2**53 + 1, -(2**53) - 1, 1234567890123456789012345678, 0)
    ]
    dataset = store.create(DatasetSpec("decimals", columns, keys=("key",)))
    rows = [{"key": key, "n": 0} for key in keys]
    for row in rows:
        dataset.append(pa.Table.from_pylist([row], schema=columns))
    changed = [{"key": key, "n": 1} for key in keys[1:]]
    for row in changed:
        dataset.upsert(pa.Table.from_pylist([row], schema=columns), ["key"])
    return dataset, [rows[0], *changed]


def long_decimals_joined(folder: Path) -> Made:
    """The same after the upkeep of the last commit, for which deltalake joins small files."""
    return long_decimals(folder, compact_after_commits=7)


def long_decimals_compacted(folder: Path) -> Made:
    """The same after the command, which joins files by itself."""
    dataset, rows = long_decimals(folder)
    dataset.compact()
    return dataset, rows


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


VECTORS: Final = {"deletion_vectors": True, "compact_after_commits": 0}


def _numbered(folder: Path, numbers: Mapping[int, int]) -> Dataset:
    messages = [record("numbered", id=id_, n=n) for id_, n in numbers.items()]
    properties = {"id": {"type": "integer"}, "n": {"type": ["integer", "null"]}}
    return load(folder, schema("numbered", properties, ["id"]), *messages, store_options=VECTORS)


def _rows_of(numbers: Mapping[int, int]) -> Rows:
    return [{"id": id_, "n": n} for id_, n in numbers.items()]


def with_vectors(folder: Path) -> Made:
    """Rows that are deleted by vectors: one of a file, and a later one that holds it."""
    numbers = dict.fromkeys(range(100), 0)
    _numbered(folder, numbers)
    for changed in ({5: 1, 99: 1, 100: 1}, {0: 2, 5: 2, 101: 2}):
        found = _numbered(folder, changed)
        numbers |= changed
    return found, _rows_of(numbers)


def with_vectors_and_a_checkpoint(folder: Path) -> Made:
    """The same in a log that was summed up."""
    found, rows = with_vectors(folder)
    DeltaTable(found.info().location).create_checkpoint()
    return found, rows


def without_their_vectors(folder: Path) -> Made:
    """The same after a compaction, which deletes the rows in the files."""
    found, rows = with_vectors(folder)
    found.compact()
    return found, rows


def with_vectors_of_many_writes(folder: Path) -> Made:
    """What random upserts, deletions, appends and compactions leave in files of many row groups."""
    chance = random.Random(7)
    store = open_store(str(folder), VECTORS)
    columns = pa.schema([("id", pa.int64()), ("n", pa.int64())])
    found = store.create(DatasetSpec("many", columns, keys=("id",)))
    numbers: dict[int, int] = {}

    def upsert(changed: dict[int, int]) -> None:
        rows = {"id": list(changed), "n": list(changed.values())}
        found.upsert(pa.table(rows, columns), ["id"])
        numbers.update(changed)

    upsert(dict.fromkeys(range(150_000), 1))
    for step in range(2, 14):
        known = chance.sample(sorted(numbers), chance.randrange(1, 3000))
        upsert(dict.fromkeys([*known, *range(10**6 * step, 10**6 * step + 500)], step))
        if step % 4 == 0:
            found.delete(Below("id", 1000 * step))
            numbers = {id_: n for id_, n in numbers.items() if id_ >= 1000 * step}
        if step == 7:
            found.compact()
    return found, _rows_of(numbers)


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
    extremes,
    many_columns,
    without_rows,
    oddly_named_columns,
    oddly_named_folder,
    other_types,
    long_decimals,
    long_decimals_joined,
    long_decimals_compacted,
    marked_and_deleted,
    with_vectors,
    with_vectors_and_a_checkpoint,
    without_their_vectors,
)
