"""Large inputs: requests as few as X allows, memory and state that do not grow with the rows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest
from support.commands import BIN
from support.harness import make_dataset, tap_config
from support.processes import Popen

from sandbox import running

pytestmark = pytest.mark.pipeline


def high_water_mark(pid: int) -> float | None:
    """The most memory that a process has held, in MB; None once it has ended.

    What `wait4` tells of a child is at least what its parent held when it was made.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else None


@pytest.mark.parametrize(
    ("users", "most_megabytes"),
    [
        (20_000, 280),
        pytest.param(1_000_000, 400, marks=[pytest.mark.torture, pytest.mark.timeout(1800)]),
    ],
)
def test_a_pass_over_many_users(tmp_path: Path, users: int, most_megabytes: int) -> None:
    with running(limit_scale=100_000) as sandbox:
        numbers = pa.array(range(10**17 + 1, 10**17 + users * 10**6, 10**6), pa.int64())
        make_dataset(tmp_path, "people", pa.table({"user_id": numbers.cast(pa.string())}))
        config = tmp_path / "config.json"
        config.write_text(json.dumps(tap_config(sandbox, tmp_path)))
        records, largest_state, peak_megabytes = 0, 0, 0.0
        with Popen(
            [BIN / "tap-twitter", "--config", config],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as tap:
            assert tap.stdout is not None
            for line in tap.stdout:
                records += line.startswith(b'{"type":"RECORD"')
                if line.startswith(b'{"type":"STATE"'):
                    largest_state = max(largest_state, len(line))
                    peak_megabytes = high_water_mark(tap.pid) or peak_megabytes
        assert tap.returncode == 0
        requests = sandbox.bill.total.requests
    assert records == users
    assert requests == users / 100
    assert largest_state < 10_000
    assert peak_megabytes < most_megabytes
