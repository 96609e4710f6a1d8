"""The commands for settings in files: they resume from the last state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from singer_plugin import UserError
from tap_twitter.setup_command.answers import Answers
from tap_twitter.setup_command.config_files import ConfigFiles
from tap_twitter.setup_command.pipeline import Pipeline

if TYPE_CHECKING:
    from pathlib import Path

STATES = '{"bookmarks": {"a": 1}}\n{"bookmarks": {"a": 2}}\n'


KEPT = '{"bookmarks": {"a": 0}}'
TAIL = ["tail -n 1 states.jsonl > state.json"]
FOUND: dict[str, tuple[dict[str, str], int | None, list[str]]] = {
    "first run": ({}, None, []),
    "a run without a state": ({"states.jsonl": ""}, None, []),
    "that state was passed on": ({"states.jsonl": "", "state.json": ""}, None, []),
    "later run": ({"states.jsonl": STATES}, 2, TAIL),
    "one after that": ({"states.jsonl": STATES, "state.json": KEPT}, 2, TAIL),
    "a state from elsewhere": ({"state.json": KEPT}, 0, []),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_run_and_its_plan_resume_from_the_last_state(tmp_path: Path, case: str) -> None:
    files, bookmark, before = FOUND[case]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (load,) = ConfigFiles(tmp_path).loads(Answers())
    *first, run = [command.text for command in load.commands]
    assert first == before
    assert ("--state state.json" in run) is (bookmark is not None)
    assert run.endswith(">> states.jsonl")
    assert load.read_state() == ({} if bookmark is None else {"bookmarks": {"a": bookmark}})


NO_STATES = {
    "torn": b"{}\n{",
    "torn inside of a letter": b'{}\n{"a": "\xc3',
    "blank": b"{}\n\n",
    "a list": b"[1]\n",
    "nested": b"[" * 200_000,
}


@pytest.mark.parametrize("case", NO_STATES)
def test_a_last_line_that_is_no_state_is_named(tmp_path: Path, case: str) -> None:
    (tmp_path / "states.jsonl").write_bytes(NO_STATES[case])
    with pytest.raises(UserError, match=r"^File states\.jsonl: its last line is no state"):
        ConfigFiles(tmp_path).loads(Answers())


def test_a_state_is_one_line_whatever_its_texts_hold(tmp_path: Path) -> None:
    (tmp_path / "states.jsonl").write_text('{}\n{"bookmarks": {"a": "\u2028\x85"}}\n', "utf-8")
    (load,) = ConfigFiles(tmp_path).loads(Answers())
    assert load.read_state() == {"bookmarks": {"a": "\u2028\x85"}}


def test_the_last_state_is_the_one_that_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "states.jsonl").write_text(STATES)
    (load,) = ConfigFiles(tmp_path).loads(Answers())
    load.commands[0].run()
    assert (tmp_path / "state.json").read_text() == STATES.splitlines(keepends=True)[-1]


def test_a_run_keeps_the_states_before_it(tmp_path: Path) -> None:
    (tmp_path / "states.jsonl").write_text(STATES)
    Pipeline((["echo", "{}"],), tmp_path, "states.jsonl", appends=True).run()
    assert (tmp_path / "states.jsonl").read_text() == STATES + "{}\n"
