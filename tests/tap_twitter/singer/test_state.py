"""State and catalogs that nobody's tap has written: one line each, before anything is asked."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.harness import Messages, make_dataset, run_tap, selecting, tap_config

from tap_twitter.errors import RunError, StateError
from tap_twitter.singer import state as saved_state
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

BEGUN = "begun"
"""Stands for the subject of the pass that was begun."""


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    return tap_config(sandbox, tmp_path)


@pytest.mark.parametrize(
    ("bookmarks", "where"),
    [
        (3, "bookmarks"),
        ([], "bookmarks"),
        ({"users_lookup": 3}, r"bookmarks\.users_lookup"),
        ({"users_lookup": {"partitions": 3}}, r"bookmarks\.users_lookup"),
        ({"users_lookup": {"partitions": None}}, r"bookmarks\.users_lookup"),
        ({"users_lookup": {"partitions": [3]}}, r"bookmarks\.users_lookup"),
        ({"users_lookup": {"partitions": [{"context": 3}]}}, r"bookmarks\.users_lookup"),
        ({"users_lookup": {"pass": 3}}, r"bookmarks\.users_lookup\.pass"),
        ({"users_lookup": {"pass": {"subject": BEGUN}}}, r"bookmarks\.users_lookup\.pass"),
        (
            {"users_lookup": {"pass": {"subject": BEGUN, "after": 3}}},
            r"bookmarks\.users_lookup\.pass",
        ),
        (
            {"users_lookup": {"pass": {"subject": BEGUN, "after": {}}}},
            r"bookmarks\.users_lookup\.pass",
        ),
        (
            {"users_lookup": {"pass": {"subject": BEGUN, "after": {"kind": "i", "value": "1"}}}},
            r"bookmarks\.users_lookup\.pass",
        ),
        (
            {"users_lookup": {"pass": {"subject": BEGUN, "after": {"kind": "id", "value": 1}}}},
            r"bookmarks\.users_lookup\.pass",
        ),
        (
            {"users_lookup": {"pass": {"subject": BEGUN, "after": {"kind": "id", "value": "x"}}}},
            r"bookmarks\.users_lookup\.pass",
        ),
    ],
    ids=str,
)
def test_a_damaged_state_is_one_line_with_the_hint(
    sandbox: Sandbox, config: dict[str, Any], bookmarks: Any, where: str
) -> None:
    begun = run_tap(config).states[0]["bookmarks"]["users_lookup"]["pass"][0]["subject"]
    sandbox.requests.clear()
    if isinstance(bookmarks, dict) and isinstance(bookmarks["users_lookup"], dict):
        found = bookmarks["users_lookup"].get("pass")
        if isinstance(found, dict) and found["subject"] == BEGUN:
            bookmarks = {"users_lookup": {"pass": {**found, "subject": begun}}}
    with pytest.raises(StateError, match=rf"damaged at '{where}'.* Start over"):
        run_tap(config, {"bookmarks": bookmarks})
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize(
    "given",
    [
        {"type": "STATE", "value": {"bookmarks": {}}},
        {"completed": {"singer_state": {"bookmarks": {}}}},
        {"singer_state": {"bookmarks": {}}},
        {"users_lookup": {"pass": []}},
    ],
    ids=["message", "meltano", "meltano-inner", "bookmark"],
)
def test_a_state_without_bookmarks_buys_nothing_again(
    sandbox: Sandbox, config: dict[str, Any], given: dict[str, Any]
) -> None:
    with pytest.raises(StateError, match=r"at 'bookmarks'.* the tap's last STATE"):
        run_tap(config, given)
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize("given", [{}, {"bookmarks": {}}], ids=str)
def test_an_empty_state_is_a_beginning(config: dict[str, Any], given: dict[str, Any]) -> None:
    assert len(run_tap(config, given).records) == 150


def test_bookmarks_of_other_streams_are_kept(config: dict[str, Any]) -> None:
    state = {"bookmarks": {"gone": {"partitions": [{"context": {}}], "x": 1}}}
    assert run_tap(config, state).states[-1]["bookmarks"]["gone"] == state["bookmarks"]["gone"]


def test_bookmarks_of_other_streams_keep_their_digits(
    config: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bookmark = (
        '{"n":9007199254740993.0,"m":1.10,"l":[0.1234567890123456789,12345678901234567890123]}'
    )
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "state.json").write_text(f'{{"bookmarks":{{"gone":{bookmark}}}}}')
    files = ["--config", str(tmp_path / "config.json"), "--state", str(tmp_path / "state.json")]
    with pytest.raises(SystemExit) as ended:
        TapTwitter.get_singer_command().main(files)
    logging.captureWarnings(capture=False)
    states = [line for line in capfd.readouterr().out.splitlines() if '"type":"STATE"' in line]
    assert ended.value.code == 0
    assert states
    assert all(f'"gone":{bookmark}' in line for line in states)


def test_a_catalog_that_selects_nothing_is_warned_of(
    sandbox: Sandbox, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    TapTwitter(config=config, catalog={"streams": []}, message_writer=Messages()).run()
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert warnings == [
        "Nothing is read: the catalog selects no stream, or 'stream_maps' removes all."
    ]
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize(
    "maps", [{"users_lookup": None}, {"__else__": None}, {"users_*": "__NULL__"}], ids=str
)
def test_a_stream_that_maps_remove_is_not_asked_for(
    sandbox: Sandbox, config: dict[str, Any], caplog: pytest.LogCaptureFixture, maps: dict[str, Any]
) -> None:
    tap = TapTwitter(config=config | {"stream_maps": maps}, message_writer=Messages())
    with caplog.at_level("INFO"):
        tap.run()
    assert (
        "The setting 'stream_maps' removes 'users_lookup': it is not requested." in caplog.messages
    )
    TapTwitter(config=config | {"stream_maps": maps}, message_writer=Messages()).test().run()
    assert len(sandbox.requests) == 0


def test_a_stream_of_which_a_map_leaves_a_copy_is_asked_for(config: dict[str, Any]) -> None:
    maps = {"users_lookup": None, "people": {"__source__": "users_lookup"}}
    assert len(run_tap(config | {"stream_maps": maps}).records) == 150


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("nothing_like_it", "Failed to evaluate"), ("like_count.upper()", "'users_lookup'"), ("1/0", "ZeroDivisionError")],
)  # fmt: skip
def test_a_map_that_fails_on_a_row_is_said_without_the_row(
    config: dict[str, Any], expression: str, reason: str
) -> None:
    maps = {"stream_maps": {"users_lookup": {"name": expression}}}
    with pytest.raises(RunError, match=reason) as raised:
        run_tap(config | maps)
    assert "'stream_maps' fails on a row" in str(raised.value)


def test_a_map_that_fails_ends_its_stream_before_the_cursor_moves_and_no_other(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    mapped = config | {"stream_maps": {"users_lookup": {"name": "1/0"}}}
    streams = ["users_lookup", "account_insights"]
    messages = Messages()
    tap = TapTwitter(config=mapped, catalog=selecting(config, streams), message_writer=messages)
    with pytest.raises(RunError) as raised:
        tap.run()
    assert str(raised.value).startswith("Stream 'users_lookup' failed: The setting 'stream_maps'")
    rows = [each["stream"] for each in messages.all if each["type"] == "RECORD"]
    assert rows == ["account_insights"]
    assert "pass" not in str(messages.states[-1])
    assert [each.path for each in sandbox.requests].count("/2/users") == 2  # one for each stream


def test_a_byte_order_mark_before_state_and_catalog_is_passed_over(
    sandbox: Sandbox, config: dict[str, Any], tmp_path: Path
) -> None:
    state = run_tap(config).states[0]
    sandbox.bill.reset()
    files = {"config": config, "state": state, "catalog": selecting(config, ["users_lookup"])}
    options: list[str] = []
    for name, value in files.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8-sig")
        options += [f"--{name}", str(path)]
    done = CliRunner().invoke(TapTwitter.cli, options)
    assert done.exit_code == 0, done.output
    assert sandbox.bill.total.gross_objects == 50


def test_ids_that_the_state_tells_are_looked_for_once(
    sandbox: Sandbox, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    handles = [f"account_{each}" for each in range(60)]
    partitions = [
        {"context": {"account_id": str(1000 + at)}, "identified_by": handle}
        for at, handle in enumerate(handles)
    ]
    state = {"bookmarks": {"tweet_insights": {"partitions": partitions}}}
    walked: list[Any] = []
    walk = saved_state.partitions

    def counted(bookmark: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        walked.append(bookmark)
        return walk(bookmark, key)

    monkeypatch.setattr(saved_state, "partitions", counted)
    accounts = [{"username": each} for each in handles]
    whole = config | {"accounts": accounts}
    streams = ["tweet_insights", "account_insights"]
    tap = TapTwitter(config=whole, state=state, catalog=selecting(whole, streams))
    plan = tap.plan()
    assert plan.streams["account_insights"].objects == 60
    assert len(walked) <= 2 * len(streams)
    assert len(sandbox.requests) == 0
