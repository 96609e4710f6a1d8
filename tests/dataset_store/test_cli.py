from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from dataset_store import DatasetSpec, dataset_id, open_store
from dataset_store.cli import main
from dataset_store.schema import JSON_TEXT, TIMESTAMP

if TYPE_CHECKING:
    from click.testing import Result

IDS = "twitter_id,name\n0012345678901234567,Ann\n2244994945,Bob\n"
POSTS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("likes", pa.int64()),
        pa.field("rate", pa.float64()),
        pa.field("created_at", TIMESTAMP),
        pa.field("day", pa.date32()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
        pa.field("tags", pa.list_(pa.string())),
    ]
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATASET_STORE", raising=False)
    Path("ids.csv").write_text(IDS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def posts() -> str:
    dataset = open_store("./datasets").create(
        DatasetSpec("my posts", POSTS, keys=("id",), description="[b]All[/b]")
    )
    moment = pa.scalar(1_709_251_199_123_456, pa.int64()).cast(TIMESTAMP).as_py()
    full = {
        "id": "1",
        "likes": 2**53 + 1,
        "rate": 0.5,
        "created_at": moment,
        "day": moment.date(),
        "entities": '{"urls":[]}',
        "tags": ["a", "ü"],
    }
    dataset.append(pa.Table.from_pylist([full], POSTS))
    dataset.append(pa.Table.from_pylist([{"id": "", "rate": float("nan"), "entities": "{"}], POSTS))
    return dataset.id


def dataset(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(main, words, **options)


def succeeded(*words: str, **options: Any) -> str:
    result = dataset(*words, **options)
    assert (result.exit_code, result.exception) == (0, None), result.output
    return result.stdout


def failed(*words: str, code: int = 1, **options: Any) -> str:
    result = dataset(*words, **options)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    return result.stderr


def rows(reference: str) -> list[dict[str, Any]]:
    found = open_store("./datasets").open(reference)
    return [row for batch in found.read() for row in batch.to_pylist()]


def test_an_import_prints_the_guid_and_keeps_every_digit() -> None:
    assert succeeded("import", "ids.csv", "--name", "ids") == f"{dataset_id('ids')}\n"
    assert rows("ids") == [
        {"twitter_id": "0012345678901234567", "name": "Ann"},
        {"twitter_id": "2244994945", "name": "Bob"},
    ]


def test_an_import_can_be_told_to_programs() -> None:
    words = ["import", "ids.csv", "--name", "ids", "--description", "Whom to look up", "--json"]
    info = json.loads(succeeded(*words))

    assert {key: info[key] for key in ("id", "name", "description", "rows")} == {
        "id": dataset_id("ids"),
        "name": "ids",
        "description": "Whom to look up",
        "rows": 2,
    }


def test_a_name_is_imported_once_unless_replaced() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    Path("ids.csv").write_text("handle\nann\n", encoding="utf-8")

    assert "--replace" in failed("import", "ids.csv", "--name", "ids")
    assert len(rows("ids")) == 2
    assert succeeded("import", "ids.csv", "--name", "ids", "--replace").strip() == dataset_id("ids")
    assert rows("ids") == [{"handle": "ann"}]


def test_a_description_belongs_to_a_new_dataset() -> None:
    words = ["import", "ids.csv", "--name", "ids", "--replace", "--description", "x"]
    succeeded(*words)

    assert "--description" in failed(*words, code=2)


def test_the_standard_input_can_be_imported() -> None:
    succeeded("import", "-", "--name", "ids", input=IDS)

    assert len(rows("ids")) == 2


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--delimiter", ";"], "a;b\n1;2\n"),
        (["--delimiter", "tab"], "a\tb\n1\t2\n"),
        (["--delimiter", "\\t"], "a\tb\n1\t2\n"),
        (["--columns", "a,b"], "1,2\n"),
    ],
)
def test_other_dialects_can_be_imported(words: list[str], text: str) -> None:
    Path("other.csv").write_text(text, encoding="utf-8")
    succeeded("import", "other.csv", "--name", "other", *words)

    assert rows("other") == [{"a": "1", "b": "2"}]


def test_a_failed_import_leaves_nothing() -> None:
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")

    assert failed("import", "bad.csv", "--name", "bad").startswith("Error: bad.csv: ")
    assert list(open_store("./datasets").list()) == []


def test_a_failed_replacement_changes_nothing() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")
    failed("import", "bad.csv", "--name", "ids", "--replace")

    assert len(rows("ids")) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["import", "nowhere.csv", "--name", "x"],
        ["import", "ids.csv"],
        ["import", "ids.csv", "--name", "x", "--delimiter", "ab"],
        ["import", "ids.csv", "--name", "x", "--delimiter", '"'],
        ["show", "x", "--rows", "-1"],
        ["compact", "x", "--retain-hours", "1"],
        ["sql", "select 1", "--csv", "--json"],
        ["unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(words: list[str]) -> None:
    assert "Error: " in failed(*words, code=2)


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["show", "x"],
        ["export", "x", "x.csv"],
        ["sql", "select 1"],
        ["rm", "x"],
        ["compact", "x"],
    ],
    ids=" ".join,
)
def test_a_missing_store_is_told_in_one_line(words: list[str]) -> None:
    told = failed(*words)

    assert told.startswith("Error: store: ")
    assert told.count("\n") == 1
    assert not Path("datasets").exists()


@pytest.mark.parametrize("how", ["option", "environment"])
def test_the_store_can_be_chosen(how: str, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    words = ["--store", elsewhere] if how == "option" else []
    env = {"DATASET_STORE": elsewhere} if how == "environment" else {}
    succeeded("import", "ids.csv", "--name", "ids", *words, env=env)

    assert [info.name for info in open_store(elsewhere).list()] == ["ids"]
    assert not Path("datasets").exists()


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


def test_what_a_creation_left_behind_can_be_removed() -> None:
    log = Path("datasets", dataset_id("cut off"), "_delta_log")
    log.mkdir(parents=True)

    assert "cut off" in failed("show", dataset_id("cut off"))
    succeeded("rm", dataset_id("cut off"), "--yes")
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


def test_small_files_are_joined_and_old_ones_deleted(posts: str) -> None:
    joined = dataset("compact", "my posts")
    assert (joined.exit_code, joined.stdout) == (0, "")
    assert joined.stderr == "Files saved by joining: 1.\n"

    assert "Old files deleted: 0." in dataset("compact", posts, "--vacuum").stderr
    told = dataset("compact", posts, "--vacuum", "--retain-hours", "0").stderr
    assert told == "Files saved by joining: 0.\nOld files deleted: 2.\n"
    assert len(rows(posts)) == 2


FULL = {
    "id": "1",
    "likes": 2**53 + 1,
    "rate": 0.5,
    "created_at": "2024-02-29T23:59:59.123456Z",
    "day": "2024-02-29",
    "entities": {"urls": []},
    "tags": ["a", "ü"],
}
EMPTY = {**dict.fromkeys(FULL), "id": "", "entities": "{"}


def ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: str(row["id"]), reverse=True)


def test_an_export_to_json_lines(posts: str) -> None:
    succeeded("export", posts, "out.jsonl")

    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert ordered([json.loads(line) for line in lines]) == [FULL, EMPTY]


def test_an_export_to_json(posts: str) -> None:
    succeeded("export", "my posts", "out.JSON")

    assert ordered(json.loads(Path("out.JSON").read_text(encoding="utf-8"))) == [FULL, EMPTY]


def test_an_export_to_csv(posts: str) -> None:
    printed = succeeded("export", "my posts", "-")
    succeeded("export", "my posts", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == printed
    assert sorted(printed.splitlines(), reverse=True) == [
        '"id","likes","rate","created_at","day","entities","tags"',
        '"1",9007199254740993,0.5,"2024-02-29T23:59:59.123456Z",2024-02-29,"{""urls"":[]}",'
        '"[""a"", ""ü""]"',
        '"",,nan,,,"{",',
    ]


def test_an_export_to_parquet_keeps_types_and_marks(posts: str) -> None:
    succeeded("export", posts, "out.parquet")

    found = pq.read_table("out.parquet")
    assert found.schema.equals(POSTS)
    assert found.schema.field("entities").metadata.items() >= JSON_TEXT.items()
    assert found.num_rows == 2


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_an_empty_dataset_can_be_exported(suffix: str) -> None:
    open_store("./datasets").create(DatasetSpec("empty", POSTS))
    succeeded("export", "empty", f"out{suffix}")

    assert [path.name for path in Path().glob("out*")] == [f"out{suffix}"]


def test_an_exported_csv_can_be_imported_again() -> None:
    Path("in.csv").write_text('"a","b"\n"1",\n"","x\n""y"""\n', encoding="utf-8")
    succeeded("import", "in.csv", "--name", "in")
    succeeded("export", "in", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == Path("in.csv").read_text(encoding="utf-8")


def test_a_format_is_named_by_the_ending(posts: str) -> None:
    assert ".csv, .json, .jsonl, .parquet" in failed("export", posts, "out.xlsx")


def test_a_file_that_cannot_be_written_is_told(posts: str) -> None:
    told = failed("export", posts, "nowhere/out.csv")

    assert told == "Error: nowhere/out.csv.part: No such file or directory\n"


def test_a_failed_export_leaves_no_file(posts: str) -> None:
    for part in Path("datasets", posts).glob("*.parquet"):
        part.unlink()

    assert failed("export", posts, "out.csv").startswith(f"Error: Dataset {posts}")
    assert list(Path().glob("out*")) == []


def test_sql_knows_datasets_by_name_and_guid(posts: str) -> None:
    query = f'select count(*) as n, max(likes) as top from "my posts" join "{posts}" using (likes)'

    assert json.loads(succeeded("sql", query, "--json")) == [{"n": 1, "top": 2**53 + 1}]
    assert succeeded("sql", query, "--csv") == '"n","top"\n1,9007199254740993\n'
    assert "9007199254740993" in succeeded("sql", query)


def test_sql_knows_odd_names() -> None:
    succeeded("import", "ids.csv", "--name", 'A "b" c.d')

    assert succeeded("sql", 'select name from "A ""b"" c.d"', "--csv").count("\n") == 3


def test_sql_without_rows_is_an_empty_array(posts: str) -> None:
    assert json.loads(succeeded("sql", 'select * from "my posts" where false', "--json")) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("selec", "no query"),
        ("delete from x", "no query"),
        ("copy x to 'y.csv'", "no query"),
        ("select * from nowhere", "nowhere"),
        ('select nope from "my posts"', "nope"),
        ("select 1; select 2", "single SQL statement"),
        ("select 1/0", "SQL: "),
    ],
)
def test_a_refused_query_is_told_in_one_line(query: str, said: str, posts: str) -> None:
    told = failed("sql", query, "--json")

    assert told.startswith("Error: SQL: ")
    assert said in told
    assert told.count("\n") == 1


def test_a_table_of_many_rows_is_cut_and_says_so() -> None:
    ids = pa.table({"id": list(map(str, range(1500)))})
    open_store("./datasets").create(DatasetSpec("many", ids.schema)).append(ids)
    result = dataset("sql", "select id from many")

    assert result.stdout.count("\n") == 1000 + 4
    assert "1,000 rows" in result.stderr
    assert len(json.loads(succeeded("sql", "select id from many", "--json"))) == 1500


@pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("n\n", True), ("", True)])
def test_a_removal_asks_first(answer: str, kept: bool, posts: str) -> None:
    result = dataset("rm", "my posts", input=answer)

    assert result.exit_code == int(kept)
    assert (open_store("./datasets").find(posts) is not None) is kept


def test_a_removal_need_not_ask(posts: str) -> None:
    succeeded("rm", posts, "--yes")

    assert open_store("./datasets").find(posts) is None


@pytest.mark.parametrize("words", [[], *([name] for name in main.commands)], ids=str)
def test_help_needs_no_store(words: list[str]) -> None:
    assert "Usage: " in succeeded(*words, "--help")


COMMAND = [sys.executable, "-c", "from dataset_store.cli import main; main()"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from dataset_store.cli import main; main(['--help'], standalone_mode=False); "
        "sys.exit(str([name for name in ('pyarrow', 'deltalake', 'rich') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "words", [["export", "many", "-"], ["sql", "select * from many", "--json"]]
)
def test_a_reader_that_leaves_early_causes_no_noise(words: list[str]) -> None:
    ids = pa.table({"id": list(map(str, range(200_000)))})
    open_store("./datasets").create(DatasetSpec("many", ids.schema)).append(ids)
    with subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        told = process.stderr.read()

    assert told == b""
    assert process.returncode == 1


def test_a_real_process_prints_and_fails_cleanly() -> None:
    done = subprocess.run([*COMMAND, "show", "x"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: store: ")
    assert done.stderr.count("\n") == 1
