"""What goes wrong in a lookup is told, and buys nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.harness import (
    APP_AUTH,
    USER_AUTH,
    Messages,
    SkippingClock,
    make_dataset,
    run_tap,
    tap_config,
)

from sandbox import running
from tap_twitter.errors import RunError, TapError
from tap_twitter.reports.users_lookup.stream import UsersLookupStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox


@pytest.mark.parametrize(
    ("columns", "settings", "message"),
    [
        ({"name": ["a"], "city": ["b"]}, {}, "its columns are: 'name', 'city'"),
        ({"user_id": pa.array([], pa.string())}, {}, "has no ids in column user_id"),
        ({"user_id": ["", None]}, {}, "has no ids in column user_id"),
        ({"user_id": [1.23e18]}, {}, "holds floats .* ids as text"),
        ({"user_id": ["12", "1.23E+18"]}, {}, "holds floats .* ids as text"),
        ({"user_id": [True]}, {}, "is of type bool"),
        ({"user_id": ["1"]}, {"id_columns": ["uid"]}, "'users_lookup.id_columns' names 'uid'"),
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


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({**USER_AUTH, "access_token_secret": "wrong"}, "does not accept the credentials"),
        ({"bearer_token": "wrong"}, "does not accept the credentials"),
        (
            {**APP_AUTH, "consumer_secret": "wrong"},
            r"gave no bearer token: [^;]*'auth\.consumer_secret'\. \[docs\S+credentials\]$",
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


@pytest.mark.torture
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
    messages = run_tap(tap_config(sandbox, tmp_path), clock=SkippingClock())
    assert len(messages.records) == 150


def test_a_store_that_does_not_exist_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(TapError, match="nowhere"):
        run_tap(tap_config(sandbox, tmp_path / "nowhere"))
    assert len(sandbox.requests) == 0


def test_an_empty_answer_to_a_hundred_is_a_fault_that_keeps_the_cursor(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(150, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    config = tap_config(sandbox, tmp_path)
    sandbox.faults.add("drop_ids", ids=ids, nth=2, count=None)
    messages = Messages()
    tap = TapTwitter(config=config, message_writer=messages)
    tap.run_context.clock = SkippingClock()
    with pytest.raises(RunError, match=r"names none of the 50 requested users .* last try"):
        tap.run()
    sandbox.faults.clear()
    rest = run_tap(config, messages.states[-1]).records
    assert (len(messages.records), len(rest)) == (100, 50)
    assert {each["lookup_status"] for each in [*messages.records, *rest]} == {"found"}


SECRET = "private words"


class Broken(UsersLookupStream):
    """A stream with a fault of its own, whose text holds data."""

    name = "broken"

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
    where = r"'broken' failed: An unexpected error occurred \(KeyError at test_faults"
    with caplog.at_level("DEBUG"), pytest.raises(RunError, match=where) as raised:
        tap.run()
    assert len(messages.records) == 6
    assert SECRET not in caplog.text + str(raised.value)
