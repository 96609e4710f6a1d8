"""A big load into Domo through everything that can go wrong on the way: all rows, once, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import requests
from bench.memory import PeakMemory
from bench.posts import messages, write
from support.commands import BIN, ROOT
from support.domo_stores import domo_options
from support.processes import Popen

from dataset_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pipeline

MAX_MB = 262
"""250 MiB."""


@contextmanager
def domo_of_its_own(folder: Path, latency_ms: float) -> Iterator[tuple[str, psutil.Process]]:
    """A sandbox in a process of its own, so that its work is not the target's; gives its URL."""
    ready = folder / "sandbox.json"
    words = ["-m", "sandbox", "--port=0", f"--ready-file={ready}", f"--latency-ms={latency_ms}"]
    server = Popen([sys.executable, *words], cwd=ROOT / "tests", stdout=subprocess.DEVNULL)
    try:
        while not ready.exists():
            assert server.poll() is None
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"], psutil.Process(server.pid)
    finally:
        server.kill()
        server.wait()


def _post(url: str, body: dict[str, Any]) -> None:
    requests.post(url, json=body, timeout=60).raise_for_status()


def _get(url: str) -> Any:
    return requests.get(url, timeout=60).json()


def load(
    folder: Path, rows: int, *, latency_ms: float, part_rows: int
) -> tuple[float, float, float]:
    """Load rows of which a twentieth of the part uploads fails, and the answer to one is lost.

    Returns:
        The seconds that it took, those that latency and parts force, and the peak of memory in MB.
    """
    write(folder / "input.jsonl", messages(range(rows), ["id"]))
    with domo_of_its_own(folder, latency_ms) as (url, server):
        control = f"{url}/sandbox"
        _post(f"{control}/domo", {"token_seconds": 20, "repeated_parts": "append"})
        for nth in range(20, 10_000, 20):
            fault = {"kind": "service_unavailable", "path": "*/part/*", "nth": nth}
            _post(f"{control}/faults", fault)
        _post(f"{control}/faults", {"kind": "answer_lost", "path": "*/part/*", "nth": 7})
        config: dict[str, Any] = {
            "store": url.replace("http://", "domo://"),
            "store_options": domo_options(folder, part_rows=part_rows, poll_seconds=0.2),
            "batch_memory_mb": 16,
            "long_strings": "truncate",
        }
        (folder / "config.json").write_text(json.dumps(config))
        begun, served = time.monotonic(), server.cpu_times().user
        with (
            (folder / "input.jsonl").open("rb") as source,
            Popen(
                [BIN / "target-dataset", "--config", folder / "config.json"],
                stdin=source,
                stdout=subprocess.PIPE,
            ) as target,
            PeakMemory(target.pid) as memory,
        ):
            out, _ = target.communicate()
        seconds = time.monotonic() - begun
        served = server.cpu_times().user - served
        assert target.returncode == 0
        assert out.count(b"\n") == 1
        made = _get(f"{control}/domo")
        assert [each["currentState"] for each in made["streams"][0]["executions"]] == [
            "ABORTED",
            "SUCCESS",
        ]
        asked = [each for each in _get(f"{control}/requests") if "/v1/" in each["path"]]
        parts = [each for each in asked if "/part/" in each["path"]]
        # the sandbox reads one part at a time
        forced = served + (len(parts) / 4 + len(asked) - len(parts)) * latency_ms / 1000
        check_rows(config, folder, rows)
    return seconds, forced, memory.mb


def check_rows(config: dict[str, Any], folder: Path, rows: int) -> None:
    """Compare what Domo holds with the records of the input, the last of each key."""
    sent: dict[str, dict[str, Any]] = {}
    with (folder / "input.jsonl").open() as lines:
        for message in map(json.loads, lines):
            if message["type"] == "RECORD":
                sent[message["record"]["id"]] = message["record"]
    dataset = open_store(config["store"], config["store_options"]).open("posts")
    found = 0
    for batch in dataset.read(["id", "text", "public_metrics"]):
        for row in batch.to_pylist():
            record = sent.pop(row["id"])
            assert row["text"] == record["text"]
            assert json.loads(row["public_metrics"]) == record["public_metrics"]
            found += 1
    assert (sent, found) == ({}, rows)


def test_a_load_with_faults_has_all_rows_once(tmp_path: Path) -> None:
    load(tmp_path, 6_000, latency_ms=10, part_rows=200)


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_four_hundred_thousand_rows(tmp_path: Path) -> None:
    seconds, forced, mb = load(tmp_path, 400_000, latency_ms=2_000, part_rows=4_000)
    assert mb <= MAX_MB, (mb, seconds, forced)
    assert seconds <= 1.3 * forced, (mb, seconds, forced)
