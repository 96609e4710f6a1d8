"""The commands for settings in files: they resume from the last state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_twitter.setup_command.answers import Answers
from tap_twitter.setup_command.config_files import ConfigFiles
from tap_twitter.setup_command.pipeline import Pipeline

if TYPE_CHECKING:
    from pathlib import Path

STATES = '{"bookmarks": {"a": 1}}\n{"bookmarks": {"a": 2}}\n'


@pytest.mark.parametrize(
    ("states", "resumes"),
    [(None, False), ("", False), (STATES, True)],
    ids=["first run", "a run without a state", "later run"],
)
def test_a_run_resumes_from_the_last_state(
    tmp_path: Path, states: str | None, resumes: bool
) -> None:
    if states is not None:
        (tmp_path / "states.jsonl").write_text(states)
    (load,) = ConfigFiles(tmp_path).loads(Answers())
    *before, run = [command.text for command in load.commands]
    assert before == ["tail -n 1 states.jsonl > state.json"] * resumes
    assert ("--state state.json" in run) is resumes
    assert run.endswith(">> states.jsonl")


def test_the_last_state_is_the_one_that_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "states.jsonl").write_text(STATES)
    (load,) = ConfigFiles(tmp_path).loads(Answers())
    load.commands[0].run()
    assert (tmp_path / "state.json").read_text() == STATES.splitlines(keepends=True)[-1]


def test_a_run_keeps_the_states_before_it(tmp_path: Path) -> None:
    (tmp_path / "states.jsonl").write_text(STATES)
    Pipeline((["echo", "{}"],), tmp_path, "states.jsonl", appends=True).run()
    assert (tmp_path / "states.jsonl").read_text() == STATES + "{}\n"
