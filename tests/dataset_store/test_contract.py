"""What every backend promises, written against `DatasetStore` alone.

A new backend joins by adding a factory to `STORES`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dataset_store import (
    Below,
    Commit,
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    DatasetSpec,
    DatasetStore,
    SchemaConflictError,
    StoreError,
    dataset_id,
    open_store,
    writeback_id,
)
from dataset_store.schema import JSON_TEXT, TIMESTAMP, is_json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dataset_store import Dataset


def delta_on_disk(folder: Path) -> DatasetStore:
    return open_store(str(folder / "datasets"))


STORES: dict[str, Callable[[Path], DatasetStore]] = {"delta": delta_on_disk}

POSTS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("likes", pa.int64()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
        pa.field("created_at", TIMESTAMP),
    ]
)


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DatasetStore:
    made: DatasetStore = request.param(tmp_path)
    return made


@pytest.fixture
def posts(store: DatasetStore) -> Dataset:
    return store.create(DatasetSpec("posts", POSTS, keys=("id",), description="What was said"))


def table(*rows: dict[str, Any], schema: pa.Schema = POSTS) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


def stored(dataset: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    names = columns or tuple(dataset.schema.names)
    rows = pa.Table.from_batches(dataset.read(), dataset.schema).select(names).to_pylist()
    return sorted((tuple(row.values()) for row in rows), key=repr)


def by_id(dataset: Dataset) -> dict[str, int | None]:
    return dict(stored(dataset, "id", "likes"))


def test_a_new_dataset_is_empty_and_knows_what_it_was_made_of(
    store: DatasetStore, posts: Dataset
) -> None:
    info = posts.info()

    assert posts.id == info.id == dataset_id("posts")
    assert (info.name, info.description, info.keys, info.rows) == (
        "posts",
        "What was said",
        ("id",),
        0,
    )
    assert posts.schema == POSTS
    assert is_json_text(posts.schema.field("entities"))
    assert not is_json_text(posts.schema.field("id"))
    assert info.created_at is not None
    assert abs((datetime.now(UTC) - info.created_at).total_seconds()) < 60
    assert [listed.id for listed in store.list()] == [posts.id]
    assert list(posts.read()) == [] or stored(posts) == []


@pytest.mark.parametrize(
    "reference",
    [
        "posts",
        dataset_id("posts"),
        dataset_id("posts").upper(),
        f"https://acme.domo.com/datasources/{dataset_id('posts')}/details/overview",
    ],
    ids=["name", "guid", "upper-case guid", "url"],
)
def test_a_dataset_is_found_by(reference: str, store: DatasetStore, posts: Dataset) -> None:
    assert store.open(reference).id == posts.id


def test_a_name_may_look_like_a_guid(store: DatasetStore) -> None:
    name = f"copy of {dataset_id('elsewhere')}"
    made = store.create(DatasetSpec(name, POSTS))

    assert store.open(name).id == made.id


def test_an_unknown_name_is_answered_with_close_ones(store: DatasetStore, posts: Dataset) -> None:
    with pytest.raises(DatasetNotFoundError, match="did you mean 'posts'"):
        store.open("post")


def test_a_name_that_two_datasets_bear_is_answered_with_their_ids(store: DatasetStore) -> None:
    ids = sorted(writeback_id("users_lookup", str(number)) for number in range(2))
    for each in ids:
        store.create(DatasetSpec("users", POSTS, id=each))

    with pytest.raises(DatasetNotFoundError, match=", ".join(ids)):
        store.open("users")


@pytest.mark.parametrize("reference", ["", "nothing", dataset_id("nothing"), "../posts"])
def test_what_is_not_there_is_not_found(
    reference: str, store: DatasetStore, posts: Dataset
) -> None:
    assert store.find(reference) is None
    with pytest.raises(DatasetNotFoundError):
        store.open(reference)
    with pytest.raises(DatasetNotFoundError):
        store.remove(reference)


def test_a_guid_can_be_chosen_and_is_taken_once(store: DatasetStore) -> None:
    chosen = writeback_id("users_lookup", dataset_id("input"))
    made = store.create(DatasetSpec("users", POSTS, id=chosen.upper()))

    assert made.id == chosen
    with pytest.raises(DatasetExistsError, match=chosen):
        store.create(DatasetSpec("other", POSTS, id=chosen))


def test_datasets_are_listed_by_name(store: DatasetStore) -> None:
    for name in ("b", "C", "a"):
        store.create(DatasetSpec(name, POSTS))

    assert [info.name for info in store.list()] == ["a", "b", "C"]


def test_a_removed_dataset_is_gone_and_can_be_made_again(
    store: DatasetStore, posts: Dataset
) -> None:
    posts.append(table({"id": "1"}))
    store.remove(posts.id)

    assert store.find(posts.id) is None
    assert list(store.list()) == []
    assert store.create(DatasetSpec("posts", POSTS)).info().rows == 0


def test_nothing_can_be_read_from_a_store_that_is_not_there(store: DatasetStore) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        store.open("posts")
    with pytest.raises(StoreError, match="does not exist"):
        list(store.list())
    assert store.find(dataset_id("posts")) is None


def test_appended_rows_are_read_back(store: DatasetStore, posts: Dataset) -> None:
    moment = datetime(2024, 2, 29, 23, 59, 59, 123456, UTC)
    posts.append(table({"id": "007", "likes": 2**62, "entities": '{"a":1}', "created_at": moment}))
    posts.append(table({"id": "008"}))

    expected = [("007", 2**62, '{"a":1}', moment), ("008", None, None, None)]
    assert stored(posts) == stored(store.open("posts")) == expected


def test_columns_are_aligned_by_name(posts: Dataset) -> None:
    posts.append(
        pa.table({"likes": pa.array([5], pa.int32()), "id": pa.array(["1"], pa.large_string())})
    )

    assert stored(posts) == [("1", 5, None, None)]


def test_chosen_columns_are_read_in_the_order_asked_for(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 5}))

    (batch,) = posts.read(["likes", "id"])
    assert batch.to_pydict() == {"likes": [5], "id": ["1"]}


def test_an_unknown_column_cannot_be_read(posts: Dataset) -> None:
    with pytest.raises(DatasetError, match=r"no column 'nope'.*id, likes"):
        list(posts.read(["nope"]))


def test_batches_are_no_longer_than_asked_for(posts: Dataset) -> None:
    for start in (0, 25):
        posts.append(table(*({"id": str(start + number)} for number in range(25))))

    sizes = [batch.num_rows for batch in posts.read(batch_rows=10)]
    assert max(sizes) <= 10
    assert sum(sizes) == 50


def test_one_version_is_read_in_one_order(store: DatasetStore, posts: Dataset) -> None:
    for start in range(0, 60, 20):
        posts.append(table(*({"id": str(start + number)} for number in range(20))))

    def order() -> list[Any]:
        return [
            value for batch in store.open("posts").read(["id"]) for value in batch["id"].to_pylist()
        ]

    assert order() == order()


def test_an_upsert_replaces_adds_and_keeps(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}, {"id": "2", "likes": 2}))
    posts.upsert(table({"id": "2", "likes": 20}, {"id": "3", "likes": 30}), ["id"])

    assert by_id(posts) == {"1": 1, "2": 20, "3": 30}


@pytest.mark.parametrize("known", [True, False], ids=["known key", "new key"])
def test_of_a_key_given_twice_the_last_row_wins(known: bool, posts: Dataset) -> None:
    if known:
        posts.append(table({"id": "1", "likes": 0}))
    posts.upsert(table({"id": "1", "likes": 1}, {"id": "2"}, {"id": "1", "likes": 2}), ["id"])

    assert by_id(posts) == {"1": 2, "2": None}


def test_null_keys_are_equal(posts: Dataset) -> None:
    posts.upsert(table({"id": None, "likes": 1}, {"id": "1", "likes": 1}), ["id"])
    posts.upsert(table({"id": None, "likes": 2}, {"id": "1", "likes": 2}), ["id"])

    assert stored(posts, "id", "likes") == [("1", 2), (None, 2)]


def test_a_part_of_a_key_may_be_null(posts: Dataset) -> None:
    keys = ["id", "created_at"]
    for likes in (1, 2):
        posts.upsert(table({"id": "1", "likes": likes}, {"id": "2", "likes": likes}), keys)

    assert by_id(posts) == {"1": 2, "2": 2}


def test_every_column_may_be_a_key(store: DatasetStore) -> None:
    schema = pa.schema([("tweet_id", pa.string()), ("hashtag", pa.string())])
    dataset = store.create(DatasetSpec("tweet_hashtag", schema, keys=("tweet_id", "hashtag")))
    for _ in range(2):
        dataset.upsert(pa.table({"tweet_id": ["1", "1"], "hashtag": ["a", "b"]}), dataset.keys)

    assert stored(dataset) == [("1", "a"), ("1", "b")]


KEYS: list[tuple[str, pa.DataType, list[Any]]] = [
    ("text", pa.string(), ["it's", 'a "b"', "ü\U0001f600", "", "9", "10"]),
    ("long text", pa.string(), ["x" * 100 + "1", "x" * 100 + "2", "\U0010ffff" * 40]),
    ("integer", pa.int64(), [-(2**63), -1, 0, 2**63 - 1]),
    ("boolean", pa.bool_(), [True, False]),
    ("double", pa.float64(), [-1.5, 0.0, 1e300]),
    ("date", pa.date32(), [datetime(1, 1, 1).date(), datetime(2024, 2, 29).date()]),  # noqa: DTZ001
    (
        "timestamp",
        TIMESTAMP,
        [
            datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
            datetime(2024, 1, 1, tzinfo=UTC),
            datetime(2024, 1, 1, 0, 0, 0, 1, UTC),
        ],
    ),
]


@pytest.mark.parametrize(("data_type", "values"), [k[1:] for k in KEYS], ids=[k[0] for k in KEYS])
def test_a_key_may_be_of_type(
    data_type: pa.DataType, values: list[Any], store: DatasetStore
) -> None:
    schema = pa.schema([("key", data_type), ("n", pa.int64())])
    dataset = store.create(DatasetSpec("keyed", schema, keys=("key",)))
    for n in (1, 2):
        dataset.upsert(pa.table({"key": values, "n": [n] * len(values)}, schema=schema), ["key"])

    assert dict(stored(dataset)) == dict.fromkeys(values, 2)


NAMES = ["My Id", "a.b", 'q"x', "UPPER", "semi;(x)", "é", "source", "it's", "select", "a,b=c\n\t"]


@pytest.mark.parametrize("name", NAMES)
def test_a_key_may_be_called(name: str, store: DatasetStore) -> None:
    schema = pa.schema([(name, pa.string()), ("n", pa.int64())])
    dataset = store.create(DatasetSpec("odd", schema, keys=(name,)))
    for n in (1, 2):
        dataset.upsert(pa.table({name: ["1"], "n": [n]}), [name])

    assert stored(dataset, name, "n") == [("1", 2)]
    assert next(dataset.read([name])).column_names == [name]


@pytest.mark.parametrize(
    ("keys", "match"),
    [([], "needs key columns"), (["nope"], "'nope' is not among"), (["tags"], "nested")],
    ids=["none", "unknown", "nested"],
)
def test_an_upsert_is_refused_without_usable_keys(
    keys: list[str], match: str, store: DatasetStore
) -> None:
    schema = pa.schema([("id", pa.string()), ("tags", pa.list_(pa.string()))])
    dataset = store.create(DatasetSpec("tagged", schema))

    with pytest.raises(SchemaConflictError, match=match):
        dataset.upsert(pa.table({"id": ["1"], "tags": [["a"]]}), keys)


VERSIONED = pa.schema([*POSTS, ("version", pa.int64()), ("deleted_at", TIMESTAMP)])
MOMENT = datetime(2024, 5, 1, 0, 0, 0, 1, UTC)


@pytest.fixture
def versioned(store: DatasetStore) -> Dataset:
    dataset = store.create(DatasetSpec("versioned", VERSIONED, keys=("id",)))
    for version in (None, 1, 2, 3):
        rows = [{"id": f"{version}{n}", "likes": n, "version": version} for n in range(2)]
        dataset.append(table(*rows, {"id": f"{version}", "version": 3}, schema=VERSIONED))
    return dataset


@pytest.mark.parametrize(
    ("where", "gone"),
    [
        (Below("version", 3), {"10", "11", "20", "21"}),
        (Below("version", 2, or_null=True), {"10", "11", "None0", "None1"}),
        (Below("version", 1), set()),
        (Below("likes", 0, or_null=True), {"None", "1", "2", "3"}),
        (Below("id", "2"), {"1", "10", "11"}),
        (Below("created_at", MOMENT), set()),
    ],
    ids=["older", "older or null", "none", "null", "text", "time"],
)
def test_rows_below_a_bound_are_deleted_or_marked(
    where: Below, gone: set[str], versioned: Dataset
) -> None:
    before, version = stored(versioned), versioned.version
    versioned.mark(where, "deleted_at", MOMENT)

    assert stored(versioned) == [(*row[:-1], MOMENT if row[0] in gone else None) for row in before]
    assert (versioned.version != version) == bool(gone)

    versioned.delete(where)
    assert stored(versioned) == [row for row in before if row[0] not in gone]
    assert versioned.schema.equals(VERSIONED, check_metadata=True)


def test_a_mark_that_was_set_stays(store: DatasetStore, versioned: Dataset) -> None:
    versioned.mark(Below("version", 2), "deleted_at", MOMENT)
    versioned.mark(Below("version", 3), "deleted_at", MOMENT.replace(year=2025))

    years = {row[0]: row[1] and row[1].year for row in stored(versioned, "version", "deleted_at")}
    assert years == {1: 2024, 2: 2025, 3: None, None: None}
    version = versioned.version
    versioned.mark(Below("version", 3), "deleted_at", MOMENT)
    assert store.open("versioned").version == version


@pytest.mark.parametrize("name", NAMES)
def test_a_marked_column_may_be_called(name: str, store: DatasetStore) -> None:
    schema = pa.schema([("n", pa.int64()), (name, pa.string())])
    dataset = store.create(DatasetSpec("odd", schema))
    dataset.append(pa.table({"n": [1, 2]}))
    dataset.mark(Below("n", 2), name, "it's")
    dataset.delete(Below(name, "it", or_null=True))

    assert stored(dataset, "n", name) == [(1, "it's")]


@pytest.mark.parametrize(
    ("where", "column", "value", "said"),
    [
        (Below("nope", 1), "deleted_at", MOMENT, "'nope'"),
        (Below("version", 1), "nope", MOMENT, "'nope'"),
        (Below("version", "secret"), "deleted_at", MOMENT, "'version' holds int64, not str"),
        (Below("version", 1), "deleted_at", "secret", "'deleted_at' holds timestamp.*not str"),
    ],
    ids=["no such column", "no such mark", "wrong bound", "wrong mark"],
)
def test_a_condition_that_does_not_fit_the_columns_is_refused(
    where: Below, column: str, value: Any, said: str, versioned: Dataset
) -> None:
    with pytest.raises(SchemaConflictError, match=said) as caught:
        versioned.mark(where, column, value)
    assert "secret" not in str(caught.value)


def test_an_overwrite_puts_rows_and_columns_in_the_place_of_the_old(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    rows = pa.table({"id": ["2"], "score": [0.5]})
    posts.overwrite(rows.to_reader())

    assert posts.schema.names == ["id", "score"]
    assert stored(posts) == [("2", 0.5)]
    assert posts.keys == ("id",)
    assert posts.info().name == "posts"


def test_an_overwrite_with_nothing_empties(posts: Dataset) -> None:
    posts.append(table({"id": "1"}))
    posts.overwrite(POSTS.empty_table().to_reader())

    assert stored(posts) == []
    assert posts.schema == POSTS


def test_an_overwrite_that_lacks_a_key_is_refused(posts: Dataset) -> None:
    with pytest.raises(SchemaConflictError, match="'id'"):
        posts.overwrite(pa.table({"likes": [1]}).to_reader())


def test_an_overwrite_that_fails_changes_nothing(posts: Dataset) -> None:
    posts.append(table({"id": "1"}))

    def failing() -> Iterable[pa.RecordBatch]:
        yield from table({"id": "2"}).to_batches()
        message = "line 3 has 2 fields"
        raise StoreError(message)

    with pytest.raises(StoreError, match="line 3 has 2 fields"):
        posts.overwrite(pa.RecordBatchReader.from_batches(POSTS, failing()))
    assert stored(posts, "id") == [("1",)]


@pytest.mark.parametrize("rows", [1, 0], ids=["rows", "no rows"])
@pytest.mark.parametrize("method", ["append", "upsert", "overwrite"])
def test_a_sequence_is_committed_once(
    method: str, rows: int, store: DatasetStore, posts: Dataset
) -> None:
    def write(dataset: Dataset, likes: int, commit: Commit) -> None:
        new = table({"id": str(likes), "likes": likes}).slice(0, rows)
        writes: dict[str, Callable[[], None]] = {
            "append": lambda: dataset.append(new, commit),
            "upsert": lambda: dataset.upsert(new, ["id"], commit),
            "overwrite": lambda: dataset.overwrite(new.to_reader(), commit),
        }
        writes[method]()

    write(posts, 1, Commit("run", 7, {"rows": "1"}))
    version = store.open("posts").version
    for sequence in (6, 7):
        write(store.open("posts"), 2, Commit("run", sequence))
    assert store.open("posts").version == version

    write(posts, 3, Commit("another run", 7))
    write(posts, 4, Commit("run", 8))
    assert store.open("posts").version != version


def test_versions_tell_what_was_committed(posts: Dataset) -> None:
    posts.append(table({"id": "1"}, {"id": "2"}))
    posts.upsert(table({"id": "2"}, {"id": "3"}, {"id": "4"}), ["id"])
    newest, middle, oldest = posts.versions()

    assert [newest.rows_written, middle.rows_written, oldest.rows_written] == [3, 2, None]
    assert newest.version == posts.version
    assert newest.committed_at >= middle.committed_at >= oldest.committed_at
    assert list(posts.versions(limit=1)) == [newest]
    assert posts.info().updated_at == newest.committed_at
    assert posts.info().rows == 4


def test_new_columns_are_added_and_null_in_old_rows(store: DatasetStore, posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    fields = [pa.field("lang", pa.string()), pa.field("geo", pa.string(), metadata=JSON_TEXT)]
    wider = pa.schema([*POSTS, *fields])
    posts.evolve(wider)
    posts.upsert(table({"id": "2", "lang": "en"}, schema=wider), ["id"])

    assert store.open("posts").schema.equals(wider, check_metadata=True)
    assert stored(posts, "id", "lang") == [("1", None), ("2", "en")]


def test_a_schema_that_is_held_already_makes_no_commit(posts: Dataset) -> None:
    version = posts.version
    posts.evolve(pa.schema([pa.field("likes", pa.int32()), pa.field("id", pa.string())]))

    assert posts.version == version


def test_a_widened_type_keeps_the_rows(store: DatasetStore, posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    posts.evolve(pa.schema([("likes", pa.float64()), ("entities", pa.string())]))
    posts.append(pa.table({"id": ["2"], "likes": [0.5]}))

    assert by_id(store.open("posts")) == {"1": 1.0, "2": 0.5}
    assert store.open("posts").schema.field("likes").type == pa.float64()
    assert not is_json_text(store.open("posts").schema.field("entities"))
    assert store.open("posts").keys == ("id",)


def test_a_stored_value_that_the_wider_type_cannot_hold_stops_the_widening(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 2**53 + 1}))

    with pytest.raises(SchemaConflictError, match="'likes'") as caught:
        posts.evolve(pa.schema([("likes", pa.float64())]))
    assert str(2**53 + 1) not in str(caught.value)
    assert by_id(posts) == {"1": 2**53 + 1}


@pytest.mark.parametrize(
    ("column", "data_type"),
    [("id", pa.int64()), ("likes", pa.string()), ("created_at", pa.string())],
)
def test_a_contradiction_names_the_column_and_both_types(
    column: str, data_type: pa.DataType, posts: Dataset
) -> None:
    kept = posts.schema.field(column).type
    with pytest.raises(SchemaConflictError) as caught:
        posts.evolve(pa.schema([(column, data_type)]))

    assert all(word in str(caught.value) for word in (f"'{column}'", str(kept), str(data_type)))


@pytest.mark.parametrize("method", ["append", "upsert"])
@pytest.mark.parametrize(
    "rows",
    [pa.table({"id": ["1"], "new": ["x"]}), pa.table({"id": ["1"], "likes": [1.5]})],
    ids=["unknown column", "wider type"],
)
def test_rows_that_would_lose_something_are_refused(
    rows: pa.Table, method: str, posts: Dataset
) -> None:
    keys = {"upsert": [["id"]], "append": []}[method]

    with pytest.raises(SchemaConflictError, match=r"evolve\(\)"):
        getattr(posts, method)(rows, *keys)
    assert stored(posts) == []


@pytest.mark.parametrize(
    "names",
    [["id", "ID"], ["id", "id"], [""], ["a`b"], []],
    ids=["case", "twice", "empty", "backtick", "none"],
)
def test_column_names_that_no_backend_can_hold_are_refused(
    names: list[str], store: DatasetStore
) -> None:
    with pytest.raises(SchemaConflictError):
        store.create(DatasetSpec("bad", pa.schema([(name, pa.string()) for name in names])))
    assert store.find(dataset_id("bad")) is None


def test_a_guid_must_be_one(store: DatasetStore) -> None:
    with pytest.raises(DatasetError, match="a GUID"):
        store.create(DatasetSpec("bad", POSTS, id="../elsewhere"))


@pytest.mark.parametrize("name", ["", " "])
def test_a_dataset_needs_a_name(name: str, store: DatasetStore) -> None:
    with pytest.raises(DatasetError, match="needs a name"):
        store.create(DatasetSpec(name, POSTS))


def test_an_open_dataset_keeps_its_version_while_others_write(
    store: DatasetStore, posts: Dataset
) -> None:
    reader = store.open("posts")
    posts.append(table({"id": "1"}))

    assert stored(reader) == []
    assert stored(store.open("posts"), "id") == [("1",)]


def test_a_late_writer_builds_on_what_others_committed(store: DatasetStore, posts: Dataset) -> None:
    late = store.open("posts")
    posts.evolve(pa.schema([("lang", pa.string())]))
    posts.append(pa.table({"id": ["1"], "lang": ["en"]}))
    late.upsert(table({"id": "1", "likes": 5}, {"id": "2", "likes": 6}), ["id"])

    assert stored(late, "id", "likes", "lang") == [("1", 5, None), ("2", 6, None)]
