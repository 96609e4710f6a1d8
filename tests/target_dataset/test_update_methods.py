"""Domo's update methods, each with two runs of a full and of an incremental stream; `overwrite` is refused
where it would lose rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import Loaded, Message, record, schema, state
from target_command import Command, Run

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(__file__).parents[2] / "target-dataset" / "README.md"
FULL = schema("posts", {"id": {"type": "integer"}, "v": {"type": "string"}}, ["id"])
INCREMENTAL = {**FULL, "bookmark_properties": ["id"]}
WRITEBACK = {
    **schema("users_lookup", {"input_dataset_id": {"type": "string"}, "v": {"type": "string"}}, ["input_dataset_id"]),
    "bookmark_properties": ["v"],
}  # fmt: skip
METHODS = {"Replace": "overwrite", "Append": "append-only", "Upsert": "upsert"}


def posts(**values: str) -> list[Message]:
    return [record("posts", id=int(name[1:]), v=value) for name, value in values.items()]


def stored(loaded: Loaded) -> list[str]:
    return sorted(row["v"] for row in loaded.rows("posts"))


FIRST = posts(p1="old 1", p2="old 2")


@pytest.mark.parametrize(
    ("method", "rows"),
    [
        ("Replace", ["new 2", "new 3"]),
        ("Append", ["new 2", "new 3", "old 1", "old 2"]),
        ("Upsert", ["new 2", "new 3", "old 1"]),
    ],
)
def test_two_runs_of_a_full_stream(
    method: str, rows: list[str], load: Callable[..., Loaded]
) -> None:
    load(FULL, *FIRST, state({"n": 1}), load_method=METHODS[method])
    loaded = load(
        FULL, *posts(p2="new 2", p3="new 3"), state({"n": 2}), load_method=METHODS[method]
    )
    assert stored(loaded) == rows
    assert loaded.states == [{"n": 2}]


@pytest.mark.parametrize(
    ("method", "config", "rows"),
    [
        ("Replace", {"overwrite_incremental": True}, ["new 3"]),
        ("Append", {}, ["new 3", "old 1", "old 2"]),
        ("Upsert", {}, ["new 3", "old 1", "old 2"]),
    ],
)
def test_two_runs_of_an_incremental_stream(
    method: str, config: dict[str, Any], rows: list[str], load: Callable[..., Loaded]
) -> None:
    load(INCREMENTAL, *FIRST, state({"n": 1}), load_method=METHODS[method], **config)
    second = [INCREMENTAL, *posts(p3="new 3"), state({"n": 2})]
    assert stored(load(*second, load_method=METHODS[method], **config)) == rows


@pytest.mark.parametrize("config", [{}, {"batch_size_rows": 1}, {"overwrite_empty": True}], ids=str)
def test_replacing_rows_by_those_of_an_incremental_stream_is_refused(
    config: dict[str, Any], load: Callable[..., Loaded], command: Command
) -> None:
    before = load(INCREMENTAL, *FIRST, load_method="overwrite")
    info = before.dataset("posts").info()
    config |= {"store": "datasets", "load_method": "overwrite"}
    run = command(INCREMENTAL, *posts(p3="new 3"), state({"n": 2}), **config)
    assert run == Run(
        1,
        "",
        [
            "Stream 'posts' is incremental (its SCHEMA has `bookmark_properties`): `load_method: "
            "overwrite` would leave only the rows since the last run in dataset 'posts' "
            f"({info.id}, 2 rows). Nothing was written; use `upsert` or `append-only`, or set "
            "`overwrite_incremental: true` if each run reads everything"
        ],
    )
    assert before.store.open("posts").version == info.version


def test_a_writeback_of_an_incremental_stream_is_refused_too(load: Callable[..., Loaded]) -> None:
    rows = [record("users_lookup", input_dataset_id="a", v=value) for value in "xy"]
    load(WRITEBACK, rows[0], load_method="overwrite")
    with pytest.raises(UserError, match=r"'users_lookup' is incremental"):
        load(WRITEBACK, rows[1], load_method="overwrite")


@pytest.mark.parametrize("value", [[], None])
def test_a_stream_without_bookmark_properties_is_full(
    value: Any, load: Callable[..., Loaded]
) -> None:
    full = {**FULL, "bookmark_properties": value}
    load(full, *FIRST, load_method="overwrite")
    assert stored(load(full, *posts(p3="new 3"), load_method="overwrite")) == ["new 3"]


def test_replacing_rows_by_none_is_refused(load: Callable[..., Loaded], command: Command) -> None:
    events = schema("events", {"v": {"type": "string"}})
    before = load(FULL, *FIRST, events, record("events", v="old"))
    info = before.dataset("posts").info()
    messages = [FULL, events, record("events", v="new"), state({"n": 2})]
    run = command(*messages, store="datasets", load_method="overwrite")
    assert run == Run(
        1,
        "",
        [
            f"`load_method: overwrite` would remove all rows of dataset 'posts' ({info.id}, 2 rows): "
            "the input ended without a row for it, as it does if the tap fails. Nothing was written; "
            "if the dataset should be empty, set `overwrite_empty: true`"
        ],
    )
    assert stored(before) == ["old 1", "old 2"]
    assert before.rows("events") == [{"v": "old"}]


def test_replacing_rows_by_none_can_be_allowed(load: Callable[..., Loaded]) -> None:
    load(FULL, *FIRST)
    loaded = load(FULL, state({"n": 2}), load_method="overwrite", overwrite_empty=True)
    assert (stored(loaded), loaded.states) == ([], [{"n": 2}])


def test_a_dataset_without_rows_may_stay_empty(load: Callable[..., Loaded]) -> None:
    for _ in range(2):
        assert stored(load(FULL, load_method="overwrite")) == []


def test_the_readme_names_every_update_method() -> None:
    table = dict(re.findall(r"^\| \*(\w+)\* \| `([a-z-]+)`", README.read_text(), re.MULTILINE))
    assert table == METHODS
