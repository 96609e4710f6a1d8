"""What holds for every subcommand: usage, stores, help, processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from support.dataset_command import failed, succeeded
from support.processes import Popen

from dataset_store import DatasetSpec, open_store
from dataset_store.cli import main


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
        ["sql", "select 1", "--bom"],
        ["sql", "select 1", "--guard-formulas", "--json"],
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
        ["rename", "x", "y"],
        ["describe", "x", "y"],
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


@pytest.mark.parametrize("words", [[], *([name] for name in main.commands)], ids=str)
def test_help_needs_no_store(words: list[str]) -> None:
    assert "Usage: " in succeeded(*words, "--help")


COMMAND = [sys.executable, "-m", "dataset_store"]


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
    with Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        told = process.stderr.read()

    assert told == b""
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 1)], ids=["SIGTERM", "Ctrl-C"]
)
def test_a_stopped_export_leaves_no_half(number: int, code: int) -> None:
    ids = pa.table({f"c{column}": list(map(str, range(100_000))) for column in range(8)})
    open_store("./datasets").create(DatasetSpec("many", ids.schema)).append(ids)
    Path("out.xlsx").write_text("old", encoding="utf-8")
    with Popen(
        [*COMMAND, "export", "many", "out.xlsx"], stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not list(Path().glob(".dataset-*")):
            time.sleep(0.01)
        process.send_signal(number)
        _, told = process.communicate()

    assert process.returncode == code
    assert "Traceback" not in told
    assert Path("out.xlsx").read_text(encoding="utf-8") == "old"
    assert list(Path().glob(".dataset-*")) == []


SIGNAL_AT_IMPORT = """
import os, runpy, sys
module, number, *sys.argv = sys.argv[1:]
class Finder:
    @staticmethod
    def find_spec(name, *_):
        if name == module:
            os.kill(os.getpid(), int(number))
sys.meta_path.insert(0, Finder)
runpy.run_module("dataset_store", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("module", ["dataset_store.cli", "click", "deltalake", "rich"])
def test_a_signal_while_the_command_loads_ends_it_without_a_traceback(
    module: str, number: int
) -> None:
    words = [sys.executable, "-c", SIGNAL_AT_IMPORT, module, str(int(number)), "dataset", "list"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (-number, "", "")


@pytest.mark.parametrize(
    "words",
    [
        ["show", "my pots"],
        ["export", "my pots", "x.csv"],
        ["rename", "my pots", "x"],
        ["describe", "my pots", "x"],
        ["compact", "my pots"],
        ["rm", "my pots", "--yes"],
    ],
    ids=" ".join,
)
def test_a_misspelled_dataset_is_answered_with_the_one_that_is_meant(
    words: list[str], posts: str
) -> None:
    told = failed(*words)

    assert "did you mean 'my posts'?" in told
    assert told.count("\n") == 1


def test_a_real_process_prints_and_fails_cleanly() -> None:
    done = subprocess.run([*COMMAND, "show", "x"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: store: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("level", ["info", "debug"])
def test_what_nobody_foresaw_is_one_line(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        secret = "sesame-5309"
        raise ValueError(secret)

    monkeypatch.setattr("dataset_store.commands.list_datasets", fail)
    told = failed("list", env={"TARGET_DATASET_LOGLEVEL": level})

    *traceback, line = told.splitlines()
    assert line.startswith("Error: Unexpected error (ValueError at dataset_store.cli:")
    assert (
        "; please report it with the log of TARGET_DATASET_LOGLEVEL=debug [docs/errors.md#" in line
    )
    assert (traceback != []) == (level == "debug")
    assert "sesame" not in told
