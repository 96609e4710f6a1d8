"""A stream finds its dataset again whatever that is called, and a new one does not begin in silence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.singer_messages import Loaded, Message, record, schema

from dataset_store import DatasetSpec, dataset_id, writeback_id

if TYPE_CHECKING:
    from collections.abc import Callable

POSTS = schema("posts", {"id": {"type": "string"}}, ["id"])
GUIDS = {"a": "aaaaaaaa-0000-4000-8000-000000000001", "b": "bbbbbbbb-0000-4000-8000-000000000002"}
LOOKUP = schema(
    "users_lookup",
    {"input_dataset_id": {"type": "string"}, "requested_id": {"type": "string"}},
    ["input_dataset_id", "requested_id"],
)


def post(value: str) -> Message:
    return record("posts", id=value)


def user(name: str) -> Message:
    return record("users_lookup", input_dataset_id=GUIDS[name], requested_id="1")


def names(loaded: Loaded) -> dict[str, int]:
    return {info.name: info.rows for info in loaded.store.list()}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("config", "labels"),
    [({}, {"stream": "posts"}), ({"schema": "x"}, {"stream": "posts", "schema": "x"})],
    ids=["plain", "schema"],
)
def test_the_metadata_of_a_dataset_name_its_stream(
    config: dict[str, Any], labels: dict[str, str], load: Callable[..., Loaded]
) -> None:
    [info] = load(POSTS, post("1"), **config).store.list()
    assert info.labels == labels


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ({}, {"datasets": {"posts": {"name": "Our posts"}}}, "posts", "Our posts"),
        ({}, {"schema": "x"}, "posts", "x.posts"),
        ({"schema": "x"}, {}, "x.posts", "posts"),
        ({"datasets": {"posts": {"name": "Our posts"}}}, {}, "Our posts", "posts"),
    ],
    ids=["name", "schema", "no schema", "no name"],
)
def test_a_new_dataset_for_a_stream_that_had_one_is_warned_about(
    before: dict[str, Any],
    after: dict[str, Any],
    old: str,
    new: str,
    load: Callable[..., Loaded],
    caplog: pytest.LogCaptureFixture,
) -> None:
    load(POSTS, post("1"), post("2"), **before)
    assert warnings(caplog) == []
    loaded = load(POSTS, post("3"), **after)
    assert names(loaded) == {old: 2, new: 1}
    assert warnings(caplog) == [
        f"Stream 'posts': its rows now go to the new dataset {new!r} ({dataset_id(new)}); earlier "
        f"rows stay in {old!r} ({dataset_id(old)}, 2 rows). To get all rows into the new dataset, "
        "run the tap with `--full-refresh`. To keep using the earlier one, delete the new one "
        f"(`dataset rm {dataset_id(new)}`) and rename the earlier one (`dataset rename "
        f"{dataset_id(old)} {new!r}`), then run once with `--full-refresh`"
    ]
    caplog.clear()
    load(POSTS, post("4"), **after)
    assert warnings(caplog) == []


def test_a_dataset_of_an_earlier_build_is_known_by_its_guid(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture
) -> None:
    ids = pa.table({"id": ["1"]})
    load().store.create(DatasetSpec("posts", ids.schema, ("id",))).append(ids)
    load(POSTS, post("2"), datasets={"posts": {"name": "Our posts"}})
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize(
    "config", [{"datasets": {"posts": {"name": "Our posts"}}}, {"schema": "Our"}], ids=str
)
def test_a_renamed_dataset_takes_the_rows_of_its_new_name(
    config: dict[str, Any], load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture
) -> None:
    name = "Our.posts" if "schema" in config else "Our posts"
    load(POSTS, post("1")).dataset("posts").rename(name)
    assert names(load(POSTS, post("2"), **config)) == {name: 2}
    assert warnings(caplog) == []


def test_a_renamed_dataset_still_takes_the_rows_of_its_stream(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture
) -> None:
    load(POSTS, post("1")).dataset("posts").rename("Our posts")
    assert names(load(POSTS, post("2"))) == {"Our posts": 2}
    assert warnings(caplog) == []


def test_a_foreign_dataset_of_the_name_is_not_taken(load: Callable[..., Loaded]) -> None:
    load(POSTS, post("1")).store.open("posts").rename("events")
    loaded = load(schema("events", {"id": {"type": "string"}}), record("events", id="9"))
    assert sorted(info.rows for info in loaded.store.named("events")) == [1, 1]


def test_names_and_descriptions_reach_a_dataset_given_by_its_id(
    load: Callable[..., Loaded],
) -> None:
    own = load().store.create(DatasetSpec("own", pa.schema([("id", pa.string())])))
    settings = {"id": own.id, "name": "Ours", "description": "All of them"}
    for _ in range(2):
        loaded = load(POSTS, post("1"), datasets={"posts": settings})
        [info] = loaded.store.list()
        assert (info.id, info.name, info.description) == (own.id, "Ours", "All of them")


def test_a_changed_description_reaches_the_dataset(load: Callable[..., Loaded]) -> None:
    for text in ("first", "second", ""):
        loaded = load(POSTS, post("1"), datasets={"posts": {"description": text}})
        assert loaded.dataset("posts").info().description == text
    loaded.dataset("posts").describe("by hand")
    assert load(POSTS, post("1")).dataset("posts").info().description == "by hand"


def test_every_input_has_a_dataset_of_its_own_without_a_warning(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture
) -> None:
    load(LOOKUP, user("a"))
    loaded = load(LOOKUP, user("b"), user("a"))
    assert warnings(caplog) == []
    assert sorted(info.labels["input"] for info in loaded.store.list()) == sorted(GUIDS.values())


def test_a_writeback_is_renamed_and_warned_about_with_another_schema(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture
) -> None:
    load(LOOKUP, user("a"))
    loaded = load(LOOKUP, user("a"), datasets={"users_lookup": {"name": "Looked up"}})
    assert names(loaded) == {f"Looked up of {GUIDS['a']}": 1}
    assert warnings(caplog) == []
    loaded = load(LOOKUP, user("a"), schema="x")
    [line] = warnings(caplog)
    assert writeback_id("x.users_lookup", GUIDS["a"]) in line
    assert writeback_id("users_lookup", GUIDS["a"]) in line
