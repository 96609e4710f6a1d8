"""Names in `stream_maps` that meet nothing are told at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import record, schema
from support.target_cases import run_case
from target_command import Command, Run

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {"type": "string"}
PEOPLE = schema("people", {"id": TEXT, "secret": TEXT}, ["id"])
SETTING = "Setting 'stream_maps'"


@pytest.mark.parametrize(
    ("case", "words"),
    [("s01_map_unknown_stream", "'poeple'"), ("s02_map_unknown_prop", "'secrt'")],
)
def test_the_secret_that_a_slip_kept_is_told(case: str, words: str, tmp_path: Path) -> None:
    found = run_case(case, tmp_path)
    [run] = found.runs
    [warning] = run.errors
    assert run.code == 0
    assert words in warning
    assert "stream_maps" in warning
    assert found.rows("people") == [{"id": 1, "secret": "x"}]


UNKNOWN = (
    f"{SETTING}: no stream of this run is named 'poeple'; the streams were 'people'. "
    "Did you mean 'people'?"
)
REMOVED = (
    f"{SETTING}: it removes 'secrt', which the stream 'people' does not have. "
    "Did you mean 'secret'?"
)
ADDED = f"{SETTING}: it adds 'Secret' to the stream 'people', which has 'secret'; is it mistyped?"


@pytest.mark.parametrize(
    ("maps", "warnings"),
    [
        ({"poeple": {"secret": "__NULL__"}}, [UNKNOWN]),
        ({"poeple": "__NULL__"}, [UNKNOWN]),
        ({"poeple": None}, [UNKNOWN]),
        ({"copy": {"__source__": "poeple", "id": "id"}}, [UNKNOWN]),
        ({"copy": {"__source__": "people", "secret": None}}, []),
        ({"people": {"__alias__": "persons", "secrt": None}}, [REMOVED]),
        ({"people": {"secrt": "__NULL__"}}, [REMOVED]),
        ({"people": {"secret": None}}, []),
        ({"people": {"secret": None, "id": "id", "__else__": None}}, []),
        ({"people": {"id": "id", "__else__": "__NULL__"}, "__else__": None}, []),
        ({"people": {"__key_properties__": ["secret"], "__filter__": "True"}}, []),
        ({"p*": {"secret": None}, "x*": {"secret": None}}, []),
        ({"people": {"Secret": "md5(secret)"}}, [ADDED]),
        ({"people": {"secret_hash": "md5(secret)", "id2": "id"}}, []),
        ({"people": {"secret": "md5(secret)", "ip": "id", "secret_2": "id"}}, []),
    ],
    ids=str,
)
def test_names_that_meet_nothing(
    maps: dict[str, Any], warnings: list[str], command: Command
) -> None:
    run = command(PEOPLE, record("people", id="1", secret="x"), stream_maps=maps)
    assert run == Run(0, "", warnings)


def test_a_column_that_one_of_several_schemas_has_is_known(command: Command) -> None:
    later = schema("people", {"id": TEXT, "other": TEXT}, ["id"])
    maps = {"people": {"secret": None, "other": None}}
    assert command(PEOPLE, later, stream_maps=maps) == Run(0, "", [])


def test_a_run_without_streams_tells_nothing(command: Command) -> None:
    assert command(stream_maps={"people": {"secret": None}}) == Run(0, "", [])
