from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from harness import APP_AUTH, USER_AUTH, Messages, SkippingClock, make_dataset, run_tap, tap_config

from dataset_store import DatasetSpec, open_store, writeback_id
from sandbox import running
from tap_twitter.api.v2 import SCHEMAS
from tap_twitter.errors import InputDatasetError, RunError, TapError
from tap_twitter.reports.users_lookup import UsersLookupStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def test_a_run_from_any_state_goes_on_without_gap_or_overlap(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    handles = [sandbox.world.handle(each) for each in sandbox.world.sample_ids(150)]
    make_dataset(tmp_path, "people", {"who": [*sandbox.world.sample_ids(350), *handles, "bad one"]})
    config = tap_config(sandbox, tmp_path)
    whole = run_tap(config)
    keys = [(each["requested_kind"], each["requested_id"]) for each in whole.records]
    for position, message in enumerate(whole.all):
        if message["type"] != "STATE":
            continue
        done = sum(each["type"] == "RECORD" for each in whole.all[:position])
        rest = [
            (each["requested_kind"], each["requested_id"])
            for each in run_tap(config, message["value"]).records
        ]
        complete = message["value"] == whole.states[-1]
        assert rest == (keys if complete else keys[done:])
    assert whole.states[-1] == {"bookmarks": {"users_lookup": {"pass": None}}}


def test_a_pass_begins_anew_when_its_input_has_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250)})
    config = tap_config(sandbox, tmp_path)
    begun = run_tap(config).states[0]
    assert len(run_tap(config, begun).records) == 150
    dataset.append(pa.table({"user_id": ["77"]}))
    assert len(run_tap(config, begun).records) == 251


def test_a_pass_begins_anew_when_its_input_is_another_of_the_same_name(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(350)
    first = make_dataset(tmp_path, "people", {"user_id": ids[:250]})
    config = tap_config(sandbox, tmp_path)
    begun = run_tap(config).states[0]
    open_store(str(tmp_path)).remove(first.id)
    second = make_dataset(tmp_path, "people", {"user_id": ids[100:]})
    assert (second.id, second.version) == (first.id, first.version)
    assert len(run_tap(config, begun).records) == 250


def test_a_pass_begins_anew_when_other_columns_are_read(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(300)
    make_dataset(tmp_path, "people", {"sender_id": ids[:150], "recipient_id": ids[150:]})
    begun = run_tap(tap_config(sandbox, tmp_path, id_columns=["sender_id"])).states[0]
    assert len(run_tap(tap_config(sandbox, tmp_path), begun).records) == 300


def test_the_state_does_not_grow_with_the_inputs(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(12)
    names = [f"people {number}" for number in range(12)]
    for name, user_id in zip(names, ids, strict=True):
        make_dataset(tmp_path, name, {"user_id": [user_id]})
    one, many = (
        run_tap(tap_config(sandbox, tmp_path, inputs=inputs)).states[0]
        for inputs in (names[:1], names)
    )
    assert len(str(many)) - len(str(one)) < 20


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ({"name": ["a"], "city": ["b"]}, {}, "its columns are: name, city"),
        ({"user_id": pa.array([], pa.string())}, {}, "has no ids in column user_id"),
        ({"user_id": ["", None]}, {}, "has no ids in column user_id"),
        ({"user_id": [1.23e18]}, {}, "holds floats .* ids as text"),
        ({"user_id": ["12", "1.23E+18"]}, {}, "holds floats .* ids as text"),
        ({"user_id": [True]}, {}, "is of type bool"),
        ({"user_id": ["1"]}, {"id_columns": ["uid"]}, "'users_lookup.id_columns' names uid"),
        ({"user_id": ["1"]}, {"inputs": "peple"}, "peple"),
        ({"user_id": ["1"]}, {"inputs": []}, "'users_lookup.input_dataset_id' is missing"),
        ({"user_id": ["1"]}, {"store_options": {"colour": "red"}}, "colour"),
    ],
    ids=[
        "no-id-column",
        "empty",
        "blank",
        "float-column",
        "float-text",
        "wrong-type",
        "unknown-column",
        "no-such-dataset",
        "no-dataset-named",
        "unknown-store-option",
    ],
)
def test_an_input_that_does_not_serve_ends_the_run_before_anything_is_asked_or_written(
    sandbox: Sandbox,
    tmp_path: Path,
    columns: dict[str, Any],
    settings: dict[str, Any],
    message: str,
) -> None:
    make_dataset(tmp_path, "people", columns)
    written = Messages()
    tap = TapTwitter(config=tap_config(sandbox, tmp_path, **settings), message_writer=written)
    with pytest.raises(TapError, match=message):
        tap.run()
    assert written.all == []
    assert len(sandbox.requests) == 0


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


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({**USER_AUTH, "access_token_secret": "wrong"}, "does not accept the credentials"),
        ({"bearer_token": "wrong"}, "does not accept the credentials"),
        (
            {**APP_AUTH, "consumer_secret": "wrong"},
            r"gave no bearer token: [^;]*'auth\.consumer_secret'\.$",
        ),
    ],
    ids=["oauth1", "bearer", "consumer-pair"],
)
def test_wrong_credentials_are_named_and_buy_nothing(
    sandbox: Sandbox, tmp_path: Path, auth: dict[str, str], message: str
) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    with pytest.raises(RunError, match=message) as raised:
        run_tap(tap_config(sandbox, tmp_path, auth=auth))
    assert "wrong" not in str(raised.value)
    assert sandbox.bill.total.gross_objects == 0


def test_a_refused_request_waits_for_the_window_and_nothing_is_bought_twice(tmp_path: Path) -> None:
    with running(window_seconds=2, limits={"/2/users:user": 2}) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(500, "found")})
        sandbox.faults.add("rate_limited", nth=2)
        records = run_tap(tap_config(sandbox, tmp_path)).records
        refused = [entry for entry in sandbox.requests if entry.status == 429]
        assert sandbox.bill.total.gross_objects == len(records) == 500
    assert len(refused) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "service_unavailable",
        "html",
        "html_success",
        "truncated_json",
        "connection_reset",
        "empty_body",
    ],
)
def test_a_fault_is_tried_again(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    sandbox.faults.add(kind, nth=2)
    assert len(run_tap(tap_config(sandbox, tmp_path)).records) == 150


def test_a_store_that_does_not_exist_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(TapError, match="nowhere"):
        run_tap(tap_config(sandbox, tmp_path / "nowhere"))
    assert len(sandbox.requests) == 0


def store_rows(store: Path, messages: Messages) -> None:
    """Write records to their writeback dataset, as the target does."""
    rows = pa.Table.from_pylist(messages.records)
    (input_id,) = set(rows["input_dataset_id"].to_pylist())
    times = rows["looked_up_at"].cast(pa.timestamp("us", "UTC"))
    rows = rows.set_column(rows.schema.get_field_index("looked_up_at"), "looked_up_at", times)
    writeback = writeback_id("users_lookup", input_id)
    rows = rows.select(["requested_id", "requested_kind", "lookup_status", "looked_up_at"])
    made = open_store(str(store)).create(DatasetSpec("writeback", rows.schema, id=writeback))
    made.append(rows)


@pytest.mark.parametrize(("days", "asked_again"), [(0, 120), (1, 0), (0.5, 0), (1e-9, 120)])
def test_fresh_rows_are_not_bought_again(
    sandbox: Sandbox, tmp_path: Path, days: float, asked_again: int
) -> None:
    users = sandbox.world.sample_ids(115)
    references = [*users, *(sandbox.world.handle(each) for each in users[:5]), "not one"]
    make_dataset(tmp_path, "people", {"who": references})
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    sandbox.bill.reset()
    records = run_tap(tap_config(sandbox, tmp_path, refresh_after_days=days)).records
    assert sum(each["requested_kind"] != "invalid" for each in records) == asked_again
    assert bool(sandbox.bill.total.gross_objects) == bool(asked_again)


def test_users_without_an_answer_are_asked_again_though_fresh(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    make_dataset(tmp_path, "people", {"user_id": [user_id]})
    sandbox.faults.add("drop_ids", ids=[user_id])
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    (row,) = run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1)).records
    assert row["lookup_status"] == "found"


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


def test_a_begun_pass_of_another_shard_is_not_gone_on_with(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250)})
    begun = run_tap(tap_config(sandbox, tmp_path)).states[0]
    whole = run_tap(tap_config(sandbox, tmp_path) | {"shard": {"index": 0, "count": 1}}, begun)
    assert len(whole.records) == 150
    part = tap_config(sandbox, tmp_path) | {"shard": {"index": 0, "count": 2}}
    assert len(run_tap(part, begun).records) == len(run_tap(part).records)


def test_batch_files_and_versions_are_not_written_whatever_the_settings_say(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    batch = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    more = {"batch_config": batch, "emit_activate_version_messages": True}
    messages = run_tap(tap_config(sandbox, tmp_path) | more)
    assert {message["type"] for message in messages.all} == {"SCHEMA", "RECORD", "STATE"}


def test_an_empty_answer_to_a_hundred_is_a_fault_that_keeps_the_cursor(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(150, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    config = tap_config(sandbox, tmp_path)
    sandbox.faults.add("drop_ids", ids=ids, nth=2, count=None)
    messages = Messages()
    tap = TapTwitter(config=config, message_writer=messages)
    tap.clock = SkippingClock()
    with pytest.raises(RunError, match=r"names none of the 50 users .* last of 8 tries"):
        tap.run()
    sandbox.faults.clear()
    rest = run_tap(config, messages.states[-1]).records
    assert (len(messages.records), len(rest)) == (100, 50)
    assert {each["lookup_status"] for each in [*messages.records, *rest]} == {"found"}


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


SECRET = "private words"


class Broken(UsersLookupStream):
    """A stream with a fault of its own, whose text holds data."""

    name = "broken"
    own_schema = SCHEMAS.get_schema("users_lookup")

    def prepare(self) -> None:
        pass

    def read(self, context: Any) -> Iterator[dict[str, Any]]:
        yield {"id": "1"}
        raise KeyError(SECRET)


class TapWithBrokenStream(TapTwitter):
    STREAMS = (Broken, UsersLookupStream)


def test_an_unexpected_fault_ends_its_stream_alone_and_tells_no_data(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(5, "found")})
    messages = Messages()
    tap = TapWithBrokenStream(config=tap_config(sandbox, tmp_path), message_writer=messages)
    where = r"'broken' failed: Something unexpected happened \(KeyError at test_users_lookup"
    with caplog.at_level("DEBUG"), pytest.raises(RunError, match=where) as raised:
        tap.run()
    assert len(messages.records) == 6
    assert SECRET not in caplog.text + str(raised.value)


def test_a_first_run_says_that_nobody_is_fresh_yet(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    with caplog.at_level("INFO"):
        run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1))
    assert (
        "No writeback dataset yet for 'people': all of its users are looked up." in caplog.messages
    )


@pytest.mark.parametrize("damaged", ["people", "writeback"])
def test_a_dataset_that_cannot_be_read_is_one_line(
    sandbox: Sandbox, tmp_path: Path, damaged: str
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    sandbox.requests.clear()
    location = open_store(str(tmp_path)).open(damaged).info().location
    for file in Path(location).glob("**/*.parquet"):
        file.unlink()
    with pytest.raises(InputDatasetError):
        run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1))
    assert len(sandbox.requests) == 0
