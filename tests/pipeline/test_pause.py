"""A tap that waits out a rate limit: what it has sent is stored meanwhile, and told once."""

from __future__ import annotations

import json
import subprocess
import time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.commands import BIN
from support.forking import Popen
from support.harness import make_dataset, rows, tap_config

from dataset_store import writeback_id
from sandbox import running

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pipeline

WINDOW_SECONDS = 8


@pytest.mark.torture
def test_rows_are_readable_and_the_state_is_out_while_the_tap_waits(tmp_path: Path) -> None:
    store = tmp_path / "datasets"
    with running(window_seconds=WINDOW_SECONDS, limits={"/2/users:user": 1}) as sandbox:
        people = make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(200)})
        (tmp_path / "tap.json").write_text(json.dumps(tap_config(sandbox, store)))
        (tmp_path / "target.json").write_text(json.dumps({"store": str(store)}))
        start = partial(Popen, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with (
            start([BIN / "tap-twitter", "--config", "tap.json"]) as tap,
            start([BIN / "target-dataset", "--config", "target.json"], stdin=tap.stdout) as target,
        ):
            assert tap.stdout
            assert target.stdout
            tap.stdout.close()
            first = json.loads(target.stdout.readline())
            told_at = time.monotonic()
            assert len(sandbox.requests) == 1
            assert len(rows(store, writeback_id("users_lookup", people.id))) == 100
            states = [first, *map(json.loads, target.stdout)]
            waited = time.monotonic() - told_at
        assert (tap.returncode, target.returncode) == (0, 0)
    assert waited > WINDOW_SECONDS / 2
    assert len(rows(store, writeback_id("users_lookup", people.id))) == 200
    assert all(before != after for before, after in pairwise(states))
    assert states[-1] == {"bookmarks": {"users_lookup": {"pass": []}}}
