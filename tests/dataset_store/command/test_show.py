"""`dataset list` and `dataset show`, and tables of many columns."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from dataset_command import dataset, failed, succeeded

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
    assert result.stderr.startswith(f"Warning: left out of the listing: Dataset {damaged}")
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

    assert shown["columns"][0] == {"name": "id", "type": "string"}
    assert shown["columns"][5] == {"name": "entities", "type": "json"}
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


def test_of_many_columns_those_are_shown_that_fit_keys_first(wide: str) -> None:
    lines = succeeded("show", "wide").splitlines()

    assert lines[-1] == "31 more columns: --columns A,B shows chosen ones, --json all."
    assert any(line.startswith(" the key   000000000   111111111   ") for line in lines)
    assert max(len(line) for line in lines[-5:]) in range(100, 121)
    assert not any("…" in line for line in lines)


def test_columns_can_be_chosen(wide: str) -> None:
    shown = succeeded("show", wide, "--columns", "column39,id")

    assert f"{'39' * 9}   the key" in shown
    assert "more columns" not in shown
    assert json.loads(succeeded("show", wide, "--columns", "column7", "--json"))["head"] == [
        {"column7": "7" * 9}
    ]
    assert "no column 'nope'" in failed("show", wide, "--columns", "nope")


def test_programs_are_shown_all_columns(wide: str) -> None:
    assert len(json.loads(succeeded("show", wide, "--json"))["head"][0]) == 41


def test_an_answer_of_many_columns_says_what_it_leaves_out(wide: str) -> None:
    result = dataset("sql", "select * from wide")

    assert "31 more columns" in result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 120
    assert succeeded("sql", "select * from wide", "--csv").count(",") == 80


def test_a_column_wider_than_the_page_is_shown_alone() -> None:
    name = "n" * 200
    open_store("./datasets").create(DatasetSpec("odd", pa.schema([(name, pa.string())]))).append(
        pa.table({name: ["v"]})
    )

    assert "more columns" not in succeeded("show", "odd")
