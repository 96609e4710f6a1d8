"""Signals, a target that goes away, and settings from files and variables, on real processes."""

from __future__ import annotations

import fcntl
import json
import mmap
import signal
import subprocess
import sys
import termios
import time
from array import array
from typing import IO, TYPE_CHECKING, Any

import pytest
from support.commands import BIN, run
from support.forking import Popen
from support.harness import make_dataset, tap_config

from sandbox import running

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(40)]


def start(
    tmp_path: Path, config: dict[str, Any], out: IO[str] | int = subprocess.PIPE
) -> subprocess.Popen[str]:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return Popen(
        [BIN / "tap-twitter", "--config", path], stdout=out, stderr=subprocess.PIPE, text=True
    )


def test_what_only_a_run_needs_is_loaded_for_a_run_alone() -> None:
    code = (
        "import sys; from tap_twitter.__main__ import Command\n"
        "try: Command.cli(['--about'])\n"
        "finally: print(*sorted({'pyarrow', 'tap_twitter.tap'} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_during_a_wait_leaves_a_state_to_go_on_from(
    tmp_path: Path, signum: signal.Signals, code: int
) -> None:
    with running(window_seconds=600, limits={"/2/users:user": 2}) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(500, "found")})
        out = tmp_path / "out.jsonl"
        with out.open("w") as file, start(tmp_path, tap_config(sandbox, tmp_path), file) as tap:
            assert tap.stderr
            while "waiting" not in (line := tap.stderr.readline()):
                assert line
            tap.send_signal(signum)
            _, errors = tap.communicate(timeout=20)
    assert tap.returncode == code
    assert "Traceback" not in errors
    messages = [json.loads(line) for line in out.read_text().splitlines()]
    assert sum(each["type"] == "RECORD" for each in messages) == 200
    assert messages[-1]["type"] == "STATE"
    last = [each["record"] for each in messages if each["type"] == "RECORD"][-1]["requested_id"]
    assert messages[-1]["value"]["bookmarks"]["users_lookup"]["pass"][0]["after"]["value"] == last


def test_a_signal_while_answers_are_awaited_loses_one_at_most(tmp_path: Path) -> None:
    with running(latency_ms=3000) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(2000, "found")})
        config = tap_config(sandbox, tmp_path)
        config["api"]["concurrency"] = 8
        out = tmp_path / "out.jsonl"
        with out.open("w") as file, start(tmp_path, config, file) as tap:
            while "STATE" not in out.read_text():
                time.sleep(0.01)
                assert tap.poll() is None
            time.sleep(0.5)  # the next seven are on their way now
            tap.send_signal(signal.SIGTERM)
            tap.communicate(timeout=20)
        bought = sandbox.bill.total.gross_objects
    assert tap.returncode == 143
    messages = [json.loads(line) for line in out.read_text().splitlines()]
    assert sum(each["type"] == "RECORD" for each in messages) >= bought - 100 >= 500
    assert messages[-1]["type"] == "STATE"


def test_a_target_that_goes_away_is_one_line(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(2000, "found")})
    with start(tmp_path, tap_config(sandbox, tmp_path)) as tap:
        assert tap.stdout
        assert tap.stderr
        assert tap.stdout.readline()
        tap.stdout.close()
        errors = tap.stderr.read()
    assert tap.returncode == 1
    assert [line for line in errors.splitlines() if "| ERROR " in line or "Error" in line] == [
        line for line in errors.splitlines() if "The target no longer reads" in line
    ]
    assert errors.count("The target no longer reads") == 1


def wait_until_full(pipe: IO[str]) -> None:
    """Wait until a process cannot write any more to a pipe."""
    # the kernel keeps pages; the last one of each write may not be full
    capacity = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) - 4 * mmap.PAGESIZE
    held = array("i", [0])
    while held[0] < capacity:
        fcntl.ioctl(pipe, termios.FIONREAD, held)
        time.sleep(0.01)


def test_a_signal_while_the_target_does_not_read_tears_no_line(tmp_path: Path) -> None:
    with running() as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(500, "found")})
        with start(tmp_path, tap_config(sandbox, tmp_path)) as tap:
            assert tap.stdout
            assert tap.stderr
            assert json.loads(tap.stdout.readline())["type"] == "SCHEMA"
            wait_until_full(tap.stdout)
            tap.send_signal(signal.SIGTERM)
            out, errors = tap.communicate(timeout=20)
    assert tap.returncode == 143, errors
    assert "Traceback" not in errors
    messages = [json.loads(line) for line in out.splitlines()]
    assert len(messages) > 1
    assert out.endswith("\n")


def test_fractions_in_a_config_file_are_numbers(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(5, "found")})
    config = tap_config(sandbox, tmp_path, refresh_after_days=0.5)
    config["api"] |= {"timeout_seconds": 2.5, "max_wait_seconds": 60.0}
    config["shard"] = {"index": 0, "count": 1.0}
    out, errors = start(tmp_path, config).communicate()
    assert out.count('"RECORD"') == 5, errors


def test_settings_from_the_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    first = make_dataset(tmp_path, "first", {"who": sandbox.world.sample_ids(5, "found")})
    make_dataset(tmp_path, "second", {"who": sandbox.world.sample_ids(7, "found")})
    config = tap_config(sandbox, tmp_path)
    variables = {f"AUTH_{name.upper()}": value for name, value in config["auth"].items()} | {
        "API_BASE_URL": sandbox.url,
        "API_TIMEOUT_SECONDS": "2.5",
        "STORE": str(tmp_path),
        "USERS_LOOKUP_INPUT_DATASET_ID": json.dumps([first.id, "second"]),
        "USERS_LOOKUP_ID_COLUMNS": '["who"]',
        "SHARD": '{"count": 1}',
    }
    done = run(
        BIN / "tap-twitter",
        "--config=ENV",
        cwd=tmp_path,
        **{f"TAP_TWITTER_{name}": value for name, value in variables.items()},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"RECORD"') == 12


def test_files_and_environment_complete_each_other_inside_groups(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    config = tap_config(sandbox, tmp_path)
    secrets = {name: config["auth"].pop(name) for name in ("consumer_key", "access_token")}
    token_secret = config["auth"].pop("access_token_secret")
    for name, content in (("plain", config), ("secret", {"auth": secrets})):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    done = run(
        BIN / "tap-twitter",
        *(word for name in ("plain.json", "ENV", "secret.json") for word in ("--config", name)),
        cwd=tmp_path,
        TAP_TWITTER_AUTH_ACCESS_TOKEN_SECRET=token_secret,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"RECORD"') == 3
