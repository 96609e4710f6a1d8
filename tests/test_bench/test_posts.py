"""The input of the targets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.posts import RECORDS_PER_STATE, SCHEMA, half_known, messages, post, write
from jsonschema import Draft7Validator

if TYPE_CHECKING:
    from pathlib import Path


def test_records_fit_their_schema_and_differ() -> None:
    validator = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)
    posts = [post(number, edits=number % 2) for number in range(300)]
    for each in posts:
        validator.validate(each)
    assert len({each["id"] for each in posts}) == 300
    assert posts[7] == post(7, edits=1)


def test_messages_in_a_file(tmp_path: Path) -> None:
    count = RECORDS_PER_STATE + 1
    path = write(tmp_path / "input.jsonl", messages(range(count), ("id",)))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    kinds = [line["type"] for line in lines]
    assert (kinds[0], lines[0]["key_properties"]) == ("SCHEMA", ["id"])
    assert kinds.count("RECORD") == count
    states = [place for place, kind in enumerate(kinds) if kind == "STATE"]
    assert states == [RECORDS_PER_STATE + 1, count + 2]
    assert lines[-1]["value"] == {"bookmarks": {"posts": {"records": count}}}


def test_half_of_the_changes_are_known_and_spread_over_all_rows() -> None:
    numbers = half_known(1000, 201)
    known = [number for number in numbers if number < 1000]
    assert (len(known), len(set(numbers))) == (100, 201)
    assert max(numbers) == 1000 + 100
    assert min(known) < 100
    assert max(known) > 900
    assert numbers != sorted(numbers)
