"""Commits run beside the reading, one after the other, and their errors come out."""

from __future__ import annotations

import io
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import lines, record, schema, state

from dataset_store import DatasetError
from target_dataset.commits import Commits
from target_dataset.errors import InputError
from target_dataset.sink import DatasetSink
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from pathlib import Path


def test_a_commit_runs_while_the_next_one_is_gathered() -> None:
    commits, seen = Commits(), list[int]()
    may_go_on = threading.Event()

    def first() -> None:
        assert may_go_on.wait(10)
        seen.append(1)

    commits.add(first)
    commits.add(lambda: seen.append(2))
    commits.start()
    commits.add(lambda: seen.append(3))
    assert not seen
    may_go_on.set()
    commits.start()
    commits.wait()
    assert seen == [1, 2, 3]


def test_an_error_comes_out_once() -> None:
    commits, seen = Commits(), list[int]()

    def fail() -> None:
        message = "no room"
        raise DatasetError(message)

    commits.add(fail)
    commits.add(partial(seen.append, 1))
    commits.start()
    with pytest.raises(DatasetError, match="no room"):
        commits.wait()
    commits.wait()
    assert not seen


class Slow(DatasetSink):
    """Commits when it may."""

    may_commit = threading.Event()

    def _load(self, dataset: Any, rows: Any) -> None:
        assert self.may_commit.wait(10)
        super()._load(dataset, rows)


class SlowTarget(TargetDataset):
    """Lets commits end once it has seen a STATE."""

    default_sink_class = Slow

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        super()._process_state_message(message_dict)
        Slow.may_commit.set()


MESSAGES = [schema("a", {"id": {"type": "integer"}}), record("a", id=1), state({"n": 1})]


def test_what_follows_is_read_during_a_commit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Slow.may_commit.clear()
    config = {"store": str(tmp_path), "batch_size_rows": 1}
    SlowTarget(config=config).listen(io.StringIO(lines(MESSAGES)))
    assert capsys.readouterr().out == '{"n": 1}\n'


def test_rows_are_committed_before_the_error_of_a_later_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], load: Any
) -> None:
    Slow.may_commit.set()
    target = SlowTarget(config={"store": str(tmp_path / "datasets"), "batch_size_rows": 1})
    with pytest.raises(InputError, match="Line 5"):
        target.listen(io.StringIO(lines([*MESSAGES, record("a", id=2), "{"])))
    assert capsys.readouterr().out == '{"n": 1}\n'
    rows = load(MESSAGES[0]).rows("a")
    assert sorted(row["id"] for row in rows) == [1, 2]
