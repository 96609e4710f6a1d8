"""What may only be null has no type: it takes the first that comes, and fits every type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.singer_messages import Loaded, record, schema
from support.target_cases import run_case
from target_command import Command, Run

from dataset_store import DatasetSpec
from dataset_store.schema import JSON_TEXT, type_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INT = {"type": ["integer", "null"]}
NULLS: dict[str, Any] = {
    "type": {"type": "null"},
    "list of types": {"type": ["null"]},
    "enumeration": {"enum": [None]},
    "constant": {"const": None},
    "alternatives": {"anyOf": [{"type": "null"}, {"const": None}]},
}


def test_null_only_columns_take_the_first_type(tmp_path: Path) -> None:
    case = run_case("t20_nullonly", tmp_path)
    assert case.codes == [0, 0]
    first, second = case.rows("k")
    assert first == {"id": 1, "n": None, "l": None, "e": None, "c": None}
    assert second["l"].isoformat() == "2024-01-01T00:00:00+00:00"
    assert {**second, "l": None} == {"id": 2, "n": 1.5, "l": None, "e": 7, "c": "[1]"}
    names = [type_name(field) for field in case.schema("k")]
    assert names == ["int64", "double", "timestamp[us, tz=UTC]", "int64", "json"]


@pytest.mark.parametrize(
    ("case", "values"),
    [("t20d_null_then_int", [None, 5]), ("t20e_int_then_null", [5, None])],
)
def test_null_and_an_integer(case: str, values: list[Any], tmp_path: Path) -> None:
    found = run_case(case, tmp_path)
    assert found.codes == [0, 0]
    assert [row["n"] for row in found.rows("k")] == values
    assert found.schema("k").field("n").type == pa.int64()


def test_a_null_only_field_of_a_struct_takes_the_first_type(tmp_path: Path) -> None:
    case = run_case("v05_struct_null_inner", tmp_path)
    assert case.codes == [0, 0]
    assert [row["o"]["a"] for row in case.rows("k")] == [2, 2, None]


def test_text_stays_text_when_any_value_may_come(tmp_path: Path) -> None:
    case = run_case("t23h_str_then_any", tmp_path)
    assert case.codes == [0, 0]
    assert [row["n"] for row in case.rows("k")] == ["a", "b"]


PLACES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "top": lambda part, value: (part, value),
    "struct": lambda part, value: ({"properties": {"f": part}}, {"f": value}),
    "list": lambda part, value: ({"items": {"anyOf": [part, {"type": "null"}]}}, [value, None]),
    "list of structs": lambda part, value: ({"items": {"properties": {"f": part}}}, [{"f": value}]),
    "struct of lists": lambda part, value: ({"properties": {"f": {"items": part}}}, {"f": [value]}),
    "list of lists": lambda part, value: ({"items": {"items": part}}, [[value], []]),
}
TYPES: list[tuple[Any, Any]] = [
    (INT, 5),
    ({"type": "number"}, 1.5),
    ({"type": "boolean"}, True),
    ({"type": "string"}, "a"),
    ({"properties": {"x": INT}}, {"x": 1}),
    ({"items": INT}, [1]),
]


@pytest.mark.parametrize("method", ["upsert", "overwrite"])
@pytest.mark.parametrize("place", PLACES)
def test_nulls_and_types_in_either_order(
    place: str, method: str, load: Callable[..., Loaded]
) -> None:
    nothing, null = PLACES[place]({"type": "null"}, None)
    parts = {f"v{n}": PLACES[place](part, value) for n, (part, value) in enumerate(TYPES)}
    untyped = schema("s", {"id": INT, **dict.fromkeys(parts, nothing)}, ["id"])
    typed = schema("s", {"id": INT, **{name: part for name, (part, _) in parts.items()}}, ["id"])
    nulls = dict.fromkeys(parts, null)
    values = {name: value for name, (_, value) in parts.items()}
    runs = [(untyped, record("s", id=1, **nulls)), (typed, record("s", id=2, **values)),
            (untyped, record("s", id=3, **nulls))]  # fmt: skip
    if method == "overwrite":
        loaded = load(*(message for run in runs for message in run),
                      load_method=method, nested="struct")  # fmt: skip
    else:
        for run in runs:
            loaded = load(*run, load_method=method, nested="struct")
    assert sorted(loaded.rows("s"), key=lambda row: row["id"]) == [
        {"id": 1, **nulls},
        {"id": 2, **values},
        {"id": 3, **nulls},
    ]


@pytest.mark.parametrize("mark", [None, JSON_TEXT], ids=["text", "json"])
def test_text_columns_that_earlier_versions_made_of_nulls(
    mark: dict[bytes, bytes] | None, load: Callable[..., Loaded]
) -> None:
    text = pa.field("n", pa.string(), metadata=mark)
    inside = pa.struct([pa.field("f", pa.string(), metadata=mark)])
    columns = pa.schema([pa.field("id", pa.int64()), text, pa.field("o", inside)])
    made = load().store.create(DatasetSpec("s", columns, keys=("id",)))
    made.append(pa.table([[1], [None], [{"f": None}]], schema=columns))
    shape = {"id": INT, "n": INT, "o": {"properties": {"f": {"type": "number"}}}}
    loaded = load(schema("s", shape, ["id"]), record("s", id=2, n=5, o={"f": 1.5}), nested="struct")
    assert loaded.rows("s") == [
        {"id": 2, "n": 5, "o": {"f": 1.5}},
        {"id": 1, "n": None, "o": {"f": None}},
    ]


def test_a_text_column_with_one_value_stays_text(command: Command) -> None:
    texts = [record("s", id=number, n=None) for number in range(3)]
    text = schema("s", {"id": INT, "n": {"type": ["string", "null"]}}, ["id"])
    assert command(text, *texts, record("s", id=9, n="a")).code == 0
    run = command(schema("s", {"id": INT, "n": INT}, ["id"]))
    assert run.code == 1
    assert "Column 'n' holds string, but the new rows hold int64" in run.errors[-1]


@pytest.mark.parametrize("part", NULLS.values(), ids=NULLS)
def test_a_column_without_a_type_is_called_null(part: Any, load: Callable[..., Loaded]) -> None:
    for _ in range(2):
        loaded = load(schema("s", {"id": INT, "n": part}, ["id"]), record("s", id=1, n=None))
    found = loaded.dataset("s")
    assert type_name(found.schema.field("n")) == "null"
    assert loaded.rows("s") == [{"id": 1, "n": None}]
    assert loaded.store.query("select n from s").read_all().to_pylist() == [{"n": None}]
    assert found.version == "2"


def test_a_value_in_a_null_only_column_is_one_line(command: Command) -> None:
    run = command(
        schema("s", {"n": {"type": "null"}}), record("s", n="secret"), validate_records=False
    )
    error = "Line 2, stream 's': column 'n' holds a value, but may only be null"
    assert run == Run(1, "", [error])


def test_keys_that_may_only_be_null_are_refused(command: Command) -> None:
    keyed = schema("s", {"a": {"type": "null"}, "b": INT}, ["a"])
    error = (
        "Stream 's': its SCHEMA allows only null as keys, so an upsert would keep one row; give the "
        "keys a type, or set `load_method` to append-only"
    )
    assert command(keyed, record("s", a=None, b=1)) == Run(1, "", [error])
    assert command(keyed, record("s", a=None, b=1), load_method="append-only").code == 0


def test_a_part_of_a_key_may_be_null_until_it_has_a_type(load: Callable[..., Loaded]) -> None:
    for part, value in [({"type": "null"}, None), (INT, 7), (INT, None)]:
        loaded = load(
            schema("s", {"a": INT, "b": part, "c": INT}, ["a", "b"]),
            record("s", a=1, b=value, c=value),
            record("s", a=1, b=value, c=2),
        )
    assert sorted(loaded.rows("s"), key=str) == [
        {"a": 1, "b": 7, "c": 2},
        {"a": 1, "b": None, "c": 2},
    ]


def test_null_columns_of_parquet_files(tmp_path: Path, load: Callable[..., Loaded]) -> None:
    file = str(tmp_path / "rows.parquet")
    pq.write_table(pa.table({"id": [1], "n": pa.nulls(1), "m": pa.nulls(1)}), file)
    batch = {"type": "BATCH", "stream": "s", "encoding": {"format": "parquet"}, "manifest": [file]}
    loaded = load(schema("s", {"id": INT, "n": {"type": "null"}, "m": INT}, ["id"]), batch)
    assert loaded.rows("s") == [{"id": 1, "n": None, "m": None}]


def test_a_table_with_null_columns_makes_a_dataset(load: Callable[..., Loaded]) -> None:
    store = load().store
    made = store.create(DatasetSpec("t", pa.schema([("a", pa.null()), ("b", pa.int64())])))
    made.append(pa.table({"a": pa.nulls(1), "b": [1]}))
    made.evolve(pa.schema([("a", pa.float64())]))
    made.append(pa.table({"a": [1.5], "b": pa.nulls(1)}))
    made.overwrite(pa.table({"a": [1.5], "b": pa.nulls(1)}).to_reader())
    assert [type_name(field) for field in made.schema] == ["double", "null"]
