"""`dataset compact` and `dataset rm`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dataset_command import dataset, failed, rows, succeeded

from dataset_store import dataset_id, open_store


def test_what_a_creation_left_behind_can_be_removed() -> None:
    log = Path("datasets", dataset_id("cut off"), "_delta_log")
    log.mkdir(parents=True)

    assert "interrupted" in failed("show", dataset_id("cut off"))
    succeeded("rm", dataset_id("cut off"), "--yes")
    assert not log.exists()


def test_small_files_are_joined_and_old_ones_deleted(posts: str) -> None:
    joined = dataset("compact", "my posts")
    assert (joined.exit_code, joined.stdout) == (0, "")
    assert joined.stderr == "Files removed by joining: 1.\n"

    assert "Old files deleted: 0." in dataset("compact", posts, "--vacuum").stderr
    told = dataset("compact", posts, "--vacuum", "--retain-hours", "0").stderr
    assert told == "Files removed by joining: 0.\nOld files deleted: 2.\n"
    assert len(rows(posts)) == 2


@pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("n\n", True), ("", True)])
def test_a_removal_asks_first(answer: str, kept: bool, posts: str) -> None:
    result = dataset("rm", "my posts", input=answer)

    assert result.exit_code == int(kept)
    assert (open_store("./datasets").find(posts) is not None) is kept


def test_a_removal_need_not_ask(posts: str) -> None:
    succeeded("rm", posts, "--yes")

    assert open_store("./datasets").find(posts) is None
