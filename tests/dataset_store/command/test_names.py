"""`dataset rename`, `dataset describe`, and what `dataset rm` says."""

from __future__ import annotations

import pytest
from support.dataset_command import dataset, failed, rows, succeeded

from dataset_store import dataset_id, open_store


def test_a_dataset_is_renamed(posts: str) -> None:
    result = dataset("rename", "my posts", "Our posts")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Dataset {posts} renamed from 'my posts' to 'Our posts'.\n"
    assert len(rows("Our posts")) == len(rows(posts)) == 2
    assert "No dataset 'my posts'" in failed("show", "my posts")


def test_a_name_means_one_dataset(posts: str) -> None:
    succeeded("import", "ids.csv", "--name", "ids")

    assert f"Dataset {posts} already has the name 'my posts'" in failed("rename", "ids", "my posts")
    assert len(rows("ids")) == 2


def test_a_dataset_may_keep_its_name(posts: str) -> None:
    succeeded("rename", posts, "my posts")

    assert open_store("./datasets").open("my posts").version == "2"


@pytest.mark.parametrize("name", ["", "  ", "n" * 256], ids=["none", "blank", "too long"])
def test_a_name_that_cannot_be_is_refused_in_one_line(name: str, posts: str) -> None:
    told = failed("rename", posts, name)

    assert told.startswith("Error: The name ")
    assert told.count("\n") == 1


def test_a_dataset_is_described(posts: str) -> None:
    succeeded("describe", "my posts", "All that we said")

    assert "All that we said" in succeeded("list")
    assert "limit is 4,000" in failed("describe", posts, "d" * 4001)


@pytest.mark.parametrize(
    ("words", "answer"),
    [([], "y\n"), ([], "n\n"), (["--yes"], None)],
    ids=["asked", "kept", "told"],
)
def test_a_removal_says_that_the_bookmark_stays(
    words: list[str], answer: str | None, posts: str
) -> None:
    said = dataset("rm", posts, *words, input=answer).stderr

    assert said.count("its bookmark stays") == 1
    assert "--full-refresh" in said
    assert "meltano state clear" in said


def test_the_old_name_s_guid_stays_with_the_dataset(posts: str) -> None:
    succeeded("rename", "my posts", "Our posts")

    found = open_store("./datasets").find(dataset_id("my posts"))
    assert found is not None
    assert found.info().name == "Our posts"
