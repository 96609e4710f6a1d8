"""Streams keyed by an input dataset: one dataset for each input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.singer_messages import Loaded, Message, read, record, schema

from dataset_store import DatasetSpec, writeback_id
from target_dataset.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

A = "aaaaaaaa-0000-4000-8000-000000000001"
B = "bbbbbbbb-0000-4000-8000-000000000002"
LOOKUP = schema(
    "users_lookup",
    {
        "input_dataset_id": {"type": "string"},
        "requested_id": {"type": "string"},
        "username": {"type": ["string", "null"]},
    },
    ["input_dataset_id", "requested_id"],
)


def user(input_id: str, requested: str, name: str) -> Message:
    return record("users_lookup", input_dataset_id=input_id, requested_id=requested, username=name)


def usernames(loaded: Loaded, input_id: str, stream: str = "users_lookup") -> dict[str, str]:
    found = loaded.store.find(writeback_id(stream, input_id))
    assert found
    return {row["requested_id"]: row["username"] for row in read(found)}


def test_rows_go_to_the_dataset_about_their_input(load: Callable[..., Loaded]) -> None:
    loaded = load(LOOKUP, user(A, "1", "one"), user(B, "1", "uno"), user(A, "2", "two"))
    assert usernames(loaded, A) == {"1": "one", "2": "two"}
    assert usernames(loaded, B) == {"1": "uno"}
    assert len(list(loaded.store.list())) == 2


def test_later_runs_find_the_same_datasets(load: Callable[..., Loaded]) -> None:
    load(LOOKUP, user(A, "1", "one"), user(A, "2", "two"))
    loaded = load(LOOKUP, user(A, "1", "renamed"), user(A, "3", "three"))
    assert usernames(loaded, A) == {"1": "renamed", "2": "two", "3": "three"}
    assert len(list(loaded.store.list())) == 1


def test_each_batch_commits_once_for_each_input(load: Callable[..., Loaded]) -> None:
    rows = [user(A if number % 2 else B, str(number), "x") for number in range(40)]
    loaded = load(LOOKUP, *rows)
    for input_id in (A, B):
        dataset = loaded.store.find(writeback_id("users_lookup", input_id))
        assert dataset
        assert [version.version for version in dataset.versions()] == ["1", "0"]


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({}, "Users lookup of followers"),
        ({"schema": "x"}, "x.Users lookup of followers"),
        ({"datasets": {"users_lookup": {"name": "People"}}}, "People of followers"),
    ],
    ids=["default", "schema", "named"],
)
def test_a_writeback_dataset_is_called_after_its_input(
    config: Message, name: str, load: Callable[..., Loaded]
) -> None:
    followers = load().store.create(DatasetSpec("followers", pa.schema([("id", pa.string())])))
    loaded = load(LOOKUP, user(followers.id, "1", "one"), **config)
    assert name in [info.name for info in loaded.store.list()]


def test_an_input_that_is_not_in_the_store_is_called_by_its_id(load: Callable[..., Loaded]) -> None:
    loaded = load(LOOKUP, user(A, "1", "one"))
    assert [info.name for info in loaded.store.list()] == [f"Users lookup of {A}"]


def test_schemas_keep_their_datasets_apart(load: Callable[..., Loaded]) -> None:
    load(LOOKUP, user(A, "1", "dev"), schema="dev")
    loaded = load(LOOKUP, user(A, "1", "prod"), schema="prod")
    assert usernames(loaded, A, "dev.users_lookup") == {"1": "dev"}
    assert usernames(loaded, A, "prod.users_lookup") == {"1": "prod"}


def test_a_dataset_that_the_user_names_by_id_takes_all_rows(load: Callable[..., Loaded]) -> None:
    own = load().store.create(DatasetSpec("own", pa.schema([("requested_id", pa.string())])))
    loaded = load(
        LOOKUP,
        user(A, "1", "one"),
        user(B, "1", "uno"),
        datasets={"users_lookup": {"id": own.id}},
    )
    assert {row["username"] for row in loaded.rows("own")} == {"one", "uno"}


def test_no_rows_make_no_dataset(load: Callable[..., Loaded]) -> None:
    load(schema("other", {"a": {"type": "string"}}))
    assert [info.name for info in load(LOOKUP).store.list()] == ["other"]


def test_a_row_about_no_input_is_refused(load: Callable[..., Loaded]) -> None:
    lookup = schema(
        "users_lookup", {"input_dataset_id": {"type": ["string", "null"]}}, ["input_dataset_id"]
    )
    with pytest.raises(InputError, match="'input_dataset_id' is null"):
        load(lookup, record("users_lookup", input_dataset_id=None))
