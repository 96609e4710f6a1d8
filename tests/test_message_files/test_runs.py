"""The comparison of a file's outcome with what is expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from message_files.__main__ import main
from message_files.expectations import DIFFERENT, EXPECTED, VARIANTS, Expected
from message_files.runs import run
from support.singer_messages import lines, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

MESSAGES = [
    schema("a", {"id": {"type": "integer"}}, ["id"]),
    record("a", id=1),
    record("a", id=2),
    state({"n": 2}),
]
MARKED = {"add_record_metadata": True}


@pytest.mark.parametrize(
    ("expected", "differing"),
    [
        pytest.param(Expected({"a": 2}, holds={"a": [{"id": 2}]}), [], id="all-as-expected"),
        pytest.param(Expected({"a": 2}, after=("first",)), [], id="after-another"),
        pytest.param(
            Expected({"a": 1}), [r"rows \{'a': 2\} instead of \{'a': 1\}"], id="other-rows"
        ),
        pytest.param(
            Expected({"a": 2}, holds={"a": [{"id": 3}]}),
            [r"a has no row \{'id': 3\}"],
            id="no-such-row",
        ),
        pytest.param(
            Expected({"a": 2}, deleted=1, settings=MARKED),
            ["a has 0 rows marked as deleted instead of 1"],
            id="not-deleted",
        ),
        pytest.param(Expected(refused="no"), ["exit code 0"], id="not-refused"),
        pytest.param(
            Expected(settings={"load_method": "none"}), ["exit code [12]: .*"], id="refused"
        ),
        pytest.param(
            Expected(refused="another reason", settings={"load_method": "none"}),
            ["another message than 'another reason': .*"],
            id="refused-for-another-reason",
        ),
    ],
)
def test_what_differs_is_told(expected: Expected, differing: list[str], tmp_path: Path) -> None:
    path = tmp_path / "file.singer"
    path.write_text(lines(MESSAGES))
    path.with_stem("first").write_text(lines(MESSAGES[:2]))
    found = run(path, expected, {}, tmp_path)
    assert len(found) == len(differing)
    for text, pattern in zip(found, differing, strict=True):
        assert re.match(pattern, text)


def test_there_are_38_files_and_what_differs_is_among_them() -> None:
    assert len(EXPECTED) == 38
    assert {(name, variant) for name in EXPECTED for variant in VARIANTS} > DIFFERENT
    assert {name for each in EXPECTED.values() for name in each.after} < EXPECTED.keys()


@pytest.mark.parametrize("named", [False, True], ids=["no-folder", "an-empty-one"])
def test_files_that_are_not_here_are_no_failure(named: bool, tmp_path: Path) -> None:
    runner = CliRunner(env={"SINGER_FIXTURES_DIR": str(tmp_path) if named else None})
    ended = runner.invoke(main)
    assert (ended.exit_code, ended.output.split(":")[0]) == (0, "Nothing was loaded")
