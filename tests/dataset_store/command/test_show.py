"""`dataset list` and `dataset show`, and tables of many columns."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.dataset_command import dataset, failed, succeeded

from dataset_store import DatasetSpec, dataset_id, open_store


def test_datasets_are_listed(posts: str) -> None:
    shown = succeeded("list")
    assert all(word in shown for word in ("my posts", posts, "[b]All[/b]"))

    (listed,) = json.loads(succeeded("list", "--json"))
    assert (listed["id"], listed["name"], listed["keys"]) == (posts, "my posts", ["id"])
    assert (listed["rows"], listed["version"]) == (2, "2")
    assert listed["location"] == str(Path("datasets", posts).resolve())
    assert listed["updated_at"].endswith("Z")


def test_a_damaged_dataset_is_warned_of_and_can_be_removed(posts: str) -> None:
    damaged = dataset_id("damaged")
    log = Path("datasets", damaged, "_delta_log")
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("{", encoding="utf-8")
    result = dataset("list", "--json")

    assert [info["id"] for info in json.loads(result.stdout)] == [posts]
    assert result.stderr.startswith(f"Warning: omitted from the listing: Dataset {damaged}")
    assert "damaged" in failed("show", damaged)
    succeeded("rm", damaged, "--yes")
    assert not log.exists()


def test_a_dataset_is_shown(posts: str) -> None:
    shown = succeeded("show", f"https://acme.domo.com/datasources/{posts}/details/overview")

    expected = [
        "my posts",
        "timestamp[us, tz=UTC]",
        "json",
        "list<element: string>",
        "create table",
    ]
    assert all(word in shown for word in expected)
    assert "2024-02-29T23:59:59.123456Z" in shown


def test_a_dataset_is_shown_to_programs(posts: str) -> None:
    shown = json.loads(succeeded("show", "my posts", "--json"))

    columns = [{name: column[name] for name in ("name", "type")} for column in shown["columns"]]
    assert columns[0] == {"name": "id", "type": "string"}
    assert columns[5] == {"name": "entities", "type": "json"}
    assert [version["version"] for version in shown["versions"]] == ["2", "1", "0"]
    assert sorted(row["id"] for row in shown["head"]) == ["", "1"]


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_the_number_of_rows_shown_can_be_chosen(number: int, posts: str) -> None:
    shown = json.loads(succeeded("show", posts, "--json", "--rows", str(number)))

    assert len(shown["head"]) == min(number, 2)


def test_values_are_shown_as_they_are() -> None:
    Path("odd.csv").write_text(
        "v\n[bold]x[/bold]\n\x1b[31mred\n" + "long " * 50 + "\n", encoding="utf-8"
    )
    succeeded("import", "odd.csv", "--name", "odd")
    shown = succeeded("show", "odd")

    assert "[bold]x[/bold]" in shown
    assert "\x1b" not in shown
    assert "…" in shown


@pytest.fixture
def wide() -> str:
    columns = {f"column{number}": [str(number) * 9] for number in range(40)}
    rows = pa.table({**columns, "id": ["the key"]})
    dataset = open_store("./datasets").create(DatasetSpec("wide", rows.schema, keys=("id",)))
    dataset.append(rows)
    return dataset.id


def test_columns_that_do_not_fit_stand_below_each_other_keys_first(wide: str) -> None:
    lines = succeeded("show", "wide").splitlines()

    assert lines[1].split() == ["column", "row", "1"]
    assert lines[3].split() == ["id", "the", "key"]
    assert [line.split() for line in lines[4:44]] == [
        [f"column{number}", str(number) * 9] for number in range(40)
    ]
    assert max(map(len, lines[:44])) <= 120
    assert "…" not in "".join(lines)


def test_columns_can_be_chosen(wide: str) -> None:
    shown = succeeded("show", wide, "--columns", "column39,id")

    assert f"{'39' * 9}   the key" in shown
    assert json.loads(succeeded("show", wide, "--columns", "column7", "--json"))["head"] == [
        {"column7": "7" * 9}
    ]
    assert "no column 'nope'" in failed("show", wide, "--columns", "nope")


def test_programs_are_shown_all_columns(wide: str) -> None:
    assert len(json.loads(succeeded("show", wide, "--json"))["head"][0]) == 41


def test_an_answer_of_many_columns_shows_all_of_them(wide: str) -> None:
    shown = succeeded("sql", "select * from wide")

    assert all(f" column{number} " in shown for number in range(40))
    assert max(map(len, shown.splitlines())) <= 120
    assert succeeded("sql", "select * from wide", "--csv").count(",") == 80


TERMINAL = {"TTY_COMPATIBLE": "1", "COLUMNS": "80", "NO_COLOR": "1"}


def on_80_columns(*words: str) -> list[str]:
    """What the command prints on a terminal of 80 columns."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", succeeded(*words, env=TERMINAL)).splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def added(name: str, *rows: dict[str, Any]) -> str:
    table = pa.Table.from_pylist(list(rows))
    dataset = open_store("./datasets").create(DatasetSpec(name, table.schema, description="d" * 99))
    dataset.append(table)
    return dataset.id


def test_a_listing_shows_guid_and_rows_whole_on_80_columns() -> None:
    long_name = "Users lookup of the people who wrote to us in the last quarter of 2024"
    first = added(long_name, *({"id": str(number)} for number in range(1234)))
    second = added("b", {"id": "1"})

    lines = on_80_columns("list")
    assert lines[1].split()[:3] == ["id", "rows", "name"]
    assert [line.split()[:2] for line in lines[3:5]] == [[second, "1"], [first, "1,234"]]
    assert "Users lookup of the people" in lines[4]


def test_all_that_is_known_of_a_dataset_is_shown_on_80_columns() -> None:
    long_name = "Users lookup of the people who wrote to us in the last quarter of the year 2024"
    dataset_id = added(long_name, {"id": "1"})
    lines = on_80_columns("show", dataset_id)

    shown = "".join(line.strip() for line in lines)
    assert "d" * 99 in shown
    assert str(Path("datasets", dataset_id).resolve()) in shown.replace(" ", "")
    assert all(any(line.split()[:1] == [what] for line in lines) for what in ("rows", "updated"))


def test_rows_come_first(posts: str) -> None:
    shown = succeeded("show", posts)

    assert 0 < shown.index('{"urls": []}') < shown.index(posts) < shown.index("create table")


PROSE = "It was the best of times, it was the worst of times, it was the age of wisdom"


def test_prose_is_cut_rather_than_dropped_and_ids_stay_whole() -> None:
    guid = "f8b16b8e-0032-5005-ba5b-68c9fd1495eb"
    added("texts", {"id": guid, "text": PROSE, "n": 1})
    shown = on_80_columns("show", "texts", "--rows", "1", "--no-profile")
    (line,) = [line for line in shown if PROSE[:20] in line]

    assert line.split()[0] == guid
    assert "…" in line
    assert line.split()[-1] == "1"


def test_forty_columns_show_their_texts_on_80_columns() -> None:
    row = {"id": "1", "text": PROSE, **{f"column_number_{n}": str(n) * 12 for n in range(38)}}
    added("wide", *({**row, "id": str(number)} for number in range(1, 6)))
    lines = on_80_columns("show", "wide")

    shown = " ".join(" ".join(lines).split())
    assert all(f"column_number_{n} {str(n) * 12}" in shown for n in range(38))
    # it wraps in its column
    assert all(word in shown for word in PROSE.split())
    assert any("For more rows, use --rows N" in line for line in lines)


def test_all_rows_that_were_asked_for_are_shown_below_each_other(wide: str) -> None:
    dataset = open_store("./datasets").open("wide")
    dataset.append(pa.table({"id": [f"key {number} {'k' * 40}" for number in range(2, 9)]}))

    shown = succeeded("show", "wide", "--rows", "9")
    assert all(f"row {number}" in shown for number in range(1, 9))
    assert "For more rows" not in shown
    assert "For more rows" in succeeded("show", "wide")


def test_a_long_column_name_drops_nothing() -> None:
    added("odd", {"n" * 200: "v", "text": "w"})
    lines = on_80_columns("show", "odd")

    assert [line.split()[-1] for line in lines[3:5]] == ["v", "w"]
    assert [line.split()[1:] for line in lines if " string " in line] == [
        ["string", "0", "1", "v", "v"],
        ["string", "0", "1", "w", "w"],
    ]


def profiled(*words: str) -> dict[str, dict[str, Any]]:
    shown = json.loads(succeeded("show", *words, "--json"))
    return {column["name"]: column.get("profile") for column in shown["columns"]}


def test_columns_have_a_profile(posts: str) -> None:
    found = profiled("my posts")

    assert found["id"] == {"nulls": 0, "distinct": 2, "is_exact": True, "least": "", "most": "1"}
    assert found["likes"] == {"nulls": 1, "distinct": 1, "is_exact": True, "least": 2**53 + 1, "most": 2**53 + 1}  # fmt: skip
    assert found["created_at"]["most"] == "2024-02-29T23:59:59.123456Z"
    # JSON and lists have no order
    assert (found["entities"]["distinct"], found["entities"]["most"]) == (2, None)
    assert (found["tags"]["nulls"], found["tags"]["least"]) == (1, None)


def test_the_profile_and_the_newest_times_are_shown(posts: str) -> None:
    lines = succeeded("show", "my posts").splitlines()

    assert ["likes", "int64", "1", "1", str(2**53 + 1), str(2**53 + 1)] in map(str.split, lines)
    (newest,) = [line for line in lines if line.startswith("newest")]
    assert newest.split(maxsplit=1)[1].strip() == (
        "2024-02-29T23:59:59.123456Z (created_at), 2024-02-29 (day)"
    )


def test_a_profile_fits_80_columns(posts: str) -> None:
    lines = on_80_columns("show", "my posts", "--columns", "id")
    (created,) = [line.split() for line in lines if line.split()[:1] == ["created_at"]]
    assert created[-1].startswith("2024-02-29")


def test_distinct_values_of_many_rows_are_estimated() -> None:
    rows = pa.table({"id": list(range(150_000)), "rate": [n / 2 for n in range(150_000)]})
    open_store("./datasets").create(DatasetSpec("many", rows.schema)).append(rows)
    found = profiled("many")

    assert [column["is_exact"] for column in found.values()] == [False, False]
    assert all(140_000 < column["distinct"] < 160_000 for column in found.values())
    assert re.search(r" ~1[45]0,000 ", succeeded("show", "many"))


def test_a_profile_can_be_left_out_and_asked_for(
    posts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(profiled("my posts", "--no-profile").values()) == {None}
    assert "newest" not in succeeded("show", "my posts", "--no-profile")
    monkeypatch.setattr("dataset_store.profile.MAX_CELLS", 13)
    assert set(profiled("my posts").values()) == {None}
    assert profiled("my posts", "--profile")["id"]["distinct"] == 2


def test_an_empty_dataset_has_a_profile() -> None:
    open_store("./datasets").create(DatasetSpec("none", pa.schema({"id": pa.string()})))
    assert profiled("none")["id"] == {"nulls": 0, "distinct": 0, "is_exact": True, "least": None, "most": None}  # fmt: skip
