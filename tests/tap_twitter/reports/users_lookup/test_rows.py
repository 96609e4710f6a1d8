"""Every reference gets one row, in all words of X, and is bought once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, USER_AUTH, Messages, make_dataset, run_tap, tap_config

from sandbox import running
from tap_twitter.errors import RunError, TapError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def by_status(messages: Messages) -> Counter[str]:
    return Counter(record["lookup_status"] for record in messages.records)


@pytest.fixture
def world_statuses(sandbox: Sandbox) -> dict[str, list[str]]:
    sample = sandbox.world.sample_ids
    return {
        "found": sample(150, "found"),
        "not_found": sample(9, "not_found"),
        "suspended": sample(8, "suspended"),
        "protected": sample(7, "protected"),
    }


@pytest.mark.parametrize("auth", [USER_AUTH, APP_AUTH], ids=["oauth1", "app-only"])
def test_every_id_and_handle_gets_one_row_with_its_status(
    sandbox: Sandbox,
    tmp_path: Path,
    world_statuses: dict[str, list[str]],
    auth: dict[str, str],
) -> None:
    ids = [user_id for users in world_statuses.values() for user_id in users]
    handles = [
        f"@{sandbox.world.handle(user_id)}"
        for users in world_statuses.values()
        for user_id in users[:3]
    ]
    malformed = ["no such form", "12345678901234567890", "-1"]
    make_dataset(tmp_path, "people", {"who": [*ids, *handles, *malformed, *ids[:20], "", None]})
    messages = run_tap(tap_config(sandbox, tmp_path, auth=auth))
    assert by_status(messages) == {
        "found": 153,
        "not_found": 12,
        "suspended": 11,
        "protected": 10,
        "invalid": 3,
    }
    assert len({record["requested_id"] for record in messages.records}) == len(messages.records)
    paths = Counter(entry.path for entry in sandbox.requests if entry.path.startswith("/2/"))
    assert paths == {"/2/users": 2, "/2/users/by": 1}
    assert sandbox.bill.total.gross_objects == 153


def test_a_row_holds_what_x_says_of_the_user(sandbox: Sandbox, tmp_path: Path) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    user = sandbox.world.user(user_id)
    dataset = make_dataset(tmp_path, "people", {"user_id": [user_id]})
    (row,) = run_tap(tap_config(sandbox, tmp_path)).records
    assert row["input_dataset_id"] == dataset.id
    assert (row["requested_id"], row["requested_kind"], row["id"]) == (user_id, "id", user_id)
    for field in ("name", "username", "created_at", "description", "protected", "entities"):
        assert row[field] == user.get(field)
    assert row["followers_count"] == user["public_metrics"]["followers_count"]


ONLY_TWEET_WORDS = {"affiliation", "pinned_tweet_id", "most_recent_tweet_id"}

ONLY_POST_WORDS = {"subscribes_to_you"}


def looked_up(store: Path, setting: str, **options: Any) -> tuple[list[dict[str, Any]], int]:
    """Rows of 250 users and what they cost, at a fixed moment in a world that is always the same."""
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with running(clock_start=moment, clock_ticking=False, **options) as sandbox:
        config = tap_config(sandbox, store)
        config["api"]["vocabulary"] = setting
        records = run_tap(config).records
        return records, sandbox.bill.total.gross_objects


@pytest.mark.parametrize(
    ("setting", "options", "missing"),
    [
        ("auto", {"vocabulary": "tweet"}, ONLY_POST_WORDS),
        ("auto", {"vocabulary": "post"}, ONLY_TWEET_WORDS),
        ("auto", {"vocabulary": "post", "mixed_metrics": True}, ONLY_TWEET_WORDS),
        ("auto", {"vocabulary": "both"}, ONLY_POST_WORDS),
        ("auto", {"vocabulary": "post", "unknown_fields": "ignore"}, ONLY_TWEET_WORDS),
        ("post", {"vocabulary": "post"}, ONLY_TWEET_WORDS),
        ("post", {"vocabulary": "both"}, ONLY_TWEET_WORDS),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_both_vocabularies_give_the_same_rows_for_the_same_money(
    tmp_path: Path, setting: str, options: dict[str, Any], missing: set[str]
) -> None:
    with running() as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    baseline, cost = looked_up(tmp_path, "tweet", vocabulary="tweet")
    rows, same_cost = looked_up(tmp_path, setting, **options)
    assert cost == same_cost == 250
    varying = {"looked_up_at", *ONLY_TWEET_WORDS, *ONLY_POST_WORDS}
    for row, expected in zip(rows, baseline, strict=True):
        assert {name: row[name] for name in row.keys() - varying} == {
            name: expected[name] for name in expected.keys() - varying
        }
        assert all(row[name] is None for name in missing)
    assert any(row["tweet_count"] for row in rows)


@pytest.mark.parametrize(("setting", "spoken"), [("tweet", "post"), ("post", "tweet")])
def test_a_vocabulary_that_x_does_not_speak_is_said(
    tmp_path: Path, setting: str, spoken: str
) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    with pytest.raises(RunError, match=r"the settings of 'api' .* user\.fields"):
        looked_up(tmp_path, setting, vocabulary=spoken)


def test_an_id_that_two_inputs_hold_is_bought_once_and_answered_twice(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(60, "found")
    first = make_dataset(tmp_path, "first", {"user_id": ids[:40]})
    second = make_dataset(tmp_path, "second", {"user_id": ids[20:]})
    records = run_tap(tap_config(sandbox, tmp_path, inputs=["first", second.id])).records
    assert Counter(record["input_dataset_id"] for record in records) == {
        first.id: 40,
        second.id: 40,
    }
    assert (sandbox.bill.total.requests, sandbox.bill.total.gross_objects) == (1, 60)


def test_a_column_of_integers_serves(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"id": [1, -2, None]})
    statuses = {
        each["requested_id"]: each["lookup_status"]
        for each in run_tap(tap_config(sandbox, tmp_path)).records
    }
    assert statuses.keys() == {"1", "-2"}
    assert statuses["-2"] == "invalid"


def test_an_id_that_x_leaves_out_is_unanswered(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(3, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    sandbox.faults.add("drop_ids", ids=[ids[1]])
    records = run_tap(tap_config(sandbox, tmp_path)).records
    assert {each["requested_id"]: each["lookup_status"] for each in records} == {
        ids[0]: "found",
        ids[1]: "unanswered",
        ids[2]: "found",
    }


def test_shards_look_every_user_up_once(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(300, "found")})
    found: list[str] = []
    for index in range(3):
        config = tap_config(sandbox, tmp_path) | {"shard": {"index": index, "count": 3}}
        messages = run_tap(config)
        found += [record["requested_id"] for record in messages.records]
    assert len(found) == len(set(found)) == 300
    assert sandbox.bill.total.gross_objects == 300


def test_a_shard_index_beyond_the_count_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    config = tap_config(sandbox, tmp_path) | {"shard": {"index": 3, "count": 3}}
    with pytest.raises(TapError, match=r"'shard\.index' is 3, but 'shard\.count' is 3.* 0 to 2"):
        run_tap(config)


def test_batch_files_and_versions_are_not_written_whatever_the_settings_say(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    batch = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    more = {"batch_config": batch, "emit_activate_version_messages": True}
    messages = run_tap(tap_config(sandbox, tmp_path) | more)
    assert {message["type"] for message in messages.all} == {"SCHEMA", "RECORD", "STATE"}


def test_a_test_buys_one_user_and_reports_no_error(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    messages = Messages()
    tap = TapTwitter(config=tap_config(sandbox, tmp_path), message_writer=messages)
    tap.run_sync_dry_run(1, [tap.streams["users_lookup"]])
    assert len(messages.records) == 1
    assert sandbox.bill.total.gross_objects == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
