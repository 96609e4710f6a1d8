"""The target onto Domo: datasets found again, update methods, STATE, limits, and what is refused."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.domo_stores import connected, domo_store, rows_of, states
from support.singer_messages import Loaded, Message, record, schema, state

from dataset_store import DatasetError, DatasetSpec
from sandbox.domo.clients import CLIENT
from sandbox.domo.columns import Column
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox

POSTS = schema("posts", {"id": {"type": "string"}, "v": {"type": ["string", "null"]}}, ["id"])
A, B = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
LOOKUP = schema(
    "users_lookup",
    {"input_dataset_id": {"type": "string"}, "requested_id": {"type": "string"}},
    ["input_dataset_id", "requested_id"],
)


def posts(**values: str | None) -> list[Message]:
    return [record("posts", id=name, v=value) for name, value in values.items()]


def stored(loaded: Loaded, name: str = "posts") -> dict[str, Any]:
    return {row["id"]: row["v"] for row in loaded.rows(name)}


def names(sandbox: Sandbox) -> list[str]:
    return sorted(each.name for each in sandbox.domo.datasets.values())


def test_later_runs_find_the_dataset_by_name(load: Callable[..., Loaded], domo: Sandbox) -> None:
    load(POSTS, *posts(a="1", b=None))
    loaded = load(POSTS, *posts(b="2", c=""))
    assert stored(loaded) == {"a": "1", "b": "2", "c": ""}
    assert names(domo) == ["posts"]
    assert states(domo) == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize("setting", ["name", "id"])
def test_a_dataset_is_found_by_a_setting(
    setting: str, load: Callable[..., Loaded], domo: Sandbox
) -> None:
    first = load(POSTS, *posts(a="1"), datasets={"posts": {"name": "My posts"}})
    guid = first.dataset("My posts").id
    wanted = {"name": "My posts"} if setting == "name" else {"id": guid}
    load(POSTS, *posts(b="2"), datasets={"posts": wanted})
    assert rows_of(domo, guid) == [("a", "1"), ("b", "2")]
    assert len(domo.domo.datasets) == 1


def test_rows_about_an_input_go_to_its_dataset(load: Callable[..., Loaded], domo: Sandbox) -> None:
    def found(input_id: str, number: str) -> Message:
        return record("users_lookup", input_dataset_id=input_id, requested_id=number)

    people = connected(domo, "1\n", id="STRING")
    load(LOOKUP, found(people, "1"), found(B, "1"), found(people, "2"))
    assert names(domo) == [f"Users lookup of {B}", "Users lookup of connected", "connected"]
    # the input is renamed, and another one gets its name
    domo.domo.datasets[people].name = "renamed"
    other = connected(domo, "1\n", id="STRING")
    loaded = load(LOOKUP, found(people, "3"), found(other, "4"))
    by_input = {
        info.labels["input"]: loaded.store.open(info.id)
        for info in loaded.store.search("lookup of")
    }
    assert set(by_input) == {people, B, other}
    rows = rows_of(domo, by_input[people].id)
    assert [row[1] for row in rows] == ["1", "2", "3"]
    assert rows_of(domo, by_input[other].id) == [(other, "4")]


def test_a_name_that_two_datasets_bear_is_refused(
    load: Callable[..., Loaded], domo: Sandbox
) -> None:
    for _ in range(2):
        domo.domo.add("posts", [Column("STRING", "id")], CLIENT)
    with pytest.raises(DatasetError, match=r"2 datasets are named 'posts'.*set `id`"):
        load(POSTS, *posts(a="1"))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("upsert", ["a=3", "b=2"]),
        ("append-only", ["a=1", "a=3", "b=2"]),
        ("overwrite", ["a=3"]),
    ],
)
def test_update_methods(
    method: str, expected: list[str], load: Callable[..., Loaded], domo: Sandbox
) -> None:
    load(POSTS, *posts(a="1", b="2"), load_method=method)
    loaded = load(POSTS, *posts(a="3"), load_method=method)
    assert sorted(f"{row['id']}={row['v']}" for row in loaded.rows("posts")) == expected
    assert states(domo) == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize(
    ("first", "second"), [("upsert", "append-only"), ("append-only", "upsert")]
)
def test_keys_stay_as_the_dataset_got_them(
    first: str, second: str, load: Callable[..., Loaded], domo: Sandbox
) -> None:
    load(POSTS, *posts(a="1"), load_method=first)
    with pytest.raises(DatasetError, match=rf"does not support `load_method: {second}`"):
        load(POSTS, *posts(a="2"), load_method=second)
    assert states(domo) == ["SUCCESS"]


def test_keys_of_other_types_become_text(load: Callable[..., Loaded], domo: Sandbox) -> None:
    insights = schema(
        "account_insights",
        {
            "account_id": {"type": "string"},
            "date": {"type": "string", "format": "date"},
            "n": {"type": "integer"},
        },
        ["account_id", "date"],
    )
    for n in (1, 2):
        row = record("account_insights", account_id="1", date="2026-07-01", n=n)
        loaded = load(insights, row)
    assert loaded.rows("account_insights") == [{"account_id": "1", "date": "2026-07-01", "n": 2}]


def test_new_columns_are_added(load: Callable[..., Loaded], domo: Sandbox) -> None:
    load(POSTS, *posts(a="1"))
    wider = schema("posts", {"id": {"type": "string"}, "n": {"type": "integer"}}, ["id"])
    loaded = load(wider, record("posts", id="b", n=2))
    assert sorted(map(repr, loaded.rows("posts"))) == [
        "{'id': 'a', 'v': '1', 'n': None}",
        "{'id': 'b', 'v': None, 'n': 2}",
    ]


def test_a_state_waits_for_the_rows_before_it(load: Callable[..., Loaded], domo: Sandbox) -> None:
    domo.domo.set(processing_polls=3)
    loaded = load(POSTS, *posts(a="1"), state({"n": 1}), *posts(b="1"), state({"n": 2}))
    assert loaded.states == [{"n": 2}]
    assert states(domo) == ["SUCCESS"]


@pytest.mark.parametrize("interval", [None, 3600])
def test_a_run_has_one_commit_in_an_interval(
    interval: float | None, load: Callable[..., Loaded], domo: Sandbox
) -> None:
    """Small batches and STATEs do not make commits: Domo takes one in 15 minutes."""
    messages = [POSTS]
    for number in range(20):
        messages += [*posts(**{f"p{number % 7}": str(number)}), state({"n": number})]
    loaded = load(*messages, commit_interval=interval, batch_size_rows=3)
    assert stored(loaded) == {f"p{n % 7}": str(n) for n in range(13, 20)}
    assert states(domo) == ["SUCCESS"]
    assert loaded.states == [{"n": 19}]


def test_commits_follow_in_intervals(
    load: Callable[..., Loaded], domo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = count()
    monkeypatch.setattr("target_dataset.paced_loads.monotonic", lambda: next(moments))
    monkeypatch.setattr("target_dataset.paced_loads.sleep", lambda seconds: None)
    messages = [POSTS]
    for number in range(30):
        messages += [*posts(**{f"p{number}": "x"}), state({"n": number})]
    loaded = load(*messages, commit_interval=25, batch_size_rows=1)
    assert len(stored(loaded)) == 30
    assert 2 <= len(states(domo)) < 10
    assert set(states(domo)) == {"SUCCESS"}
    assert len(loaded.states) == len(states(domo))
    assert loaded.states[-1] == {"n": 29}


@pytest.mark.parametrize("policy", ["warn", "truncate", "error"])
def test_long_texts(
    policy: str,
    load: Callable[..., Loaded],
    domo: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = [POSTS, *posts(short="x" * 1024, long="é" * 4000)]
    if policy == "error":
        with pytest.raises(UserError, match=r"column 'v' has 1 texts of more than 1,024"):
            load(*given, long_strings=policy)
        assert states(domo) == []
        return
    loaded = load(*given, long_strings=policy)
    assert stored(loaded) == {"short": "x" * 1024, "long": "é" * 1024}
    (warning,) = (each.getMessage() for each in caplog.records if "texts of more" in each.message)
    assert ("they are truncated" in warning) == (policy == "truncate")


def test_an_instance_with_a_raised_limit_keeps_long_texts(
    load: Callable[..., Loaded], domo: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    domo.domo.set(cut_strings_at=4096)
    loaded = load(POSTS, *posts(long="x" * 4000), max_string_length=4096, long_strings="error")
    assert stored(loaded) == {"long": "x" * 4000}


@pytest.mark.parametrize(
    ("prepare", "config", "said"),
    [
        (lambda domo: None, {"options": {"client_secret": "wrong"}}, "does not accept this"),
        (
            lambda domo: connected(domo, "1\n", id="STRING"),
            {"datasets": {"posts": {"id": "connected"}}},
            "not created by a stream",
        ),
        (lambda domo: None, {"datasets": {"posts": {"id": A}}}, f"No dataset {A}"),
        (
            lambda domo: domo.domo.set(push_interval_seconds=3600),
            {"options": {"max_wait_seconds": 0}},
            "limits is exhausted",
        ),
    ],
    ids=["client", "connector", "missing", "quota"],
)
def test_what_cannot_be_written_is_one_line(
    prepare: Callable[[Sandbox], object],
    config: dict[str, Any],
    said: str,
    load: Callable[..., Loaded],
    domo: Sandbox,
) -> None:
    load(POSTS, *posts(a="1"))
    prepare(domo)
    with pytest.raises(DatasetError, match=said) as caught:
        load(POSTS, *posts(a="2"), state({"n": 1}), **config)
    assert "\n" not in str(caught.value)
    assert set(states(domo)) <= {"SUCCESS", "ABORTED"}
    (guid,) = (each.id for each in domo.domo.datasets.values() if each.name == "posts")
    assert rows_of(domo, guid) == [("a", "1")]


def test_a_second_run_is_refused_before_it_writes(
    load: Callable[..., Loaded], domo: Sandbox, tmp_path: Path
) -> None:
    first = domo_store(domo, tmp_path)
    held = first.create(
        DatasetSpec("posts", pa.schema([("id", pa.string()), ("v", pa.string())]), keys=("id",))
    )
    held.claim()
    with pytest.raises(DatasetError, match="another run on this machine is writing to it"):
        load(POSTS, *posts(a="1"))
    first.close()
    assert stored(load(POSTS, *posts(a="1"))) == {"a": "1"}
