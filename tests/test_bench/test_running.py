"""Commands that are measured, and the server that plays pages back."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import requests
from bench.contestants import load
from bench.posts import Stored
from bench.processes import CommandError, reader, run
from bench.replay import record, replaying

if TYPE_CHECKING:
    from pathlib import Path


def python(code: str) -> list[str | Path]:
    return [sys.executable, "-c", code]


def test_what_a_command_takes(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_bytes(b"a\nb\n")
    lines: list[bytes] = []
    code = "import sys, time; time.sleep(0.2); sys.stdout.write(sys.stdin.read().upper())"
    taken = run(python(code), source, watch=lines.append)
    assert lines == [b"A\n", b"B\n"]
    assert taken.seconds > 0.2


def test_a_command_that_writes_to_a_reader_sees_a_pipe() -> None:
    code = "import os, stat; os.write(1, b'a' * 200_000); assert stat.S_ISFIFO(os.fstat(1).st_mode)"
    with reader() as pipe:
        run(python(code), into=pipe)


HOLDING = "import time; held = b'x' * 200_000_000; time.sleep(0.5)"


@pytest.mark.parametrize(
    ("code", "mb"),
    [
        pytest.param(HOLDING, 200, id="alone"),
        pytest.param(
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDING!r}]);",
            200,
            id="a-child",
        ),
        pytest.param(f"import os; pid = os.fork(); {HOLDING}; pid and os.wait()", 400, id="two"),
        pytest.param(
            f"import os; shared = b'x' * 200_000_000; pid = os.fork(); {HOLDING}; pid and os.wait()",
            600,
            id="what-two-share-counts-once",
        ),
    ],
)
def test_the_peak_is_that_of_all_processes(code: str, mb: int) -> None:
    assert mb < run(python(code), weigh=True).peak_mb < mb + 80


def test_the_cpu_time_of_a_child_counts() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    taken = run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"))
    assert taken.cpu_seconds > 0.3
    assert taken.peak_mb == 0


def test_a_command_that_fails() -> None:
    with pytest.raises(CommandError, match=r"exit code 3:\nno luck"):
        run(python("import sys; sys.stderr.write('no luck'); sys.exit(3)"))


class Forgetful:
    """A target that stores one row, whatever it is given."""

    name = "forgetful"

    def command(self, folder: Path) -> list[str | Path]:
        return python("")

    def stored(self, folder: Path) -> Stored:
        return Stored(1, 0)


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        pytest.param(1, nullcontext(), id="all-there"),
        pytest.param(2, pytest.raises(CommandError), id="one-lost"),
        pytest.param(0, pytest.raises(CommandError), id="one-too-many"),
    ],
)
def test_rows_that_are_missing(
    tmp_path: Path, rows: int, outcome: AbstractContextManager[Any]
) -> None:
    source = tmp_path / "input"
    source.touch()
    with outcome:
        load(Forgetful(), tmp_path, source, Stored(rows, 0))


def test_pages_played_back() -> None:
    ids, pages = record(150)
    assert ids == sorted(ids, key=int)
    with replaying(pages) as server, requests.Session() as session:
        session.trust_env = False
        for start in (0, 100):
            answer = session.get(f"{server.url}/2/users", params={"ids": ",".join(ids[start:])})
            assert [user["id"] for user in answer.json()["data"]] == ids[start : start + 100]
        assert session.get(f"{server.url}/2/users?ids=0").status_code == 404
        assert server.requests == 3
        first = server.begun
        server.forget()
        assert server.requests == 0
        session.get(f"{server.url}/2/users?ids=0")
        assert first is not None
        assert server.begun is not None
        assert server.begun > first
