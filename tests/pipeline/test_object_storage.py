"""The lookup with its input and its writeback in S3, undisturbed and killed."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pytest
from support.commands import Pipe
from support.harness import tap_config

from dataset_store import DatasetSpec, open_store, writeback_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from support.s3_server import S3Server

    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.engines]


class InS3:
    """A lookup of some people, with both datasets in S3."""

    def __init__(self, server: S3Server, sandbox: Sandbox, folder: Path, count: int) -> None:
        folder.mkdir(exist_ok=True)
        self.address = f"s3://{server.bucket}/{uuid4().hex[:12]}"
        self.options = server.options(compact_after_commits=4)
        self.ids = sandbox.world.sample_ids(count)
        rows = pa.table({"user_id": self.ids})
        self.input = open_store(self.address, self.options).create(
            DatasetSpec("people", rows.schema)
        )
        self.input.append(rows)
        tap = tap_config(sandbox, folder) | self.store
        self.pipe = Pipe(folder, tap, self.store | {"batch_size_rows": 100})

    @property
    def store(self) -> dict[str, Any]:
        return {"store": self.address, "store_options": self.options}

    def looked_up(self) -> list[str]:
        found = writeback_dataset(
            open_store(self.address, self.options), "users_lookup", self.input.id
        )
        assert found
        return [row["requested_id"] for batch in found.read() for row in batch.to_pylist()]


def test_input_and_writeback_are_in_s3(
    s3_server: S3Server, sandbox: Sandbox, tmp_path: Path
) -> None:
    lookup = InS3(s3_server, sandbox, tmp_path, 250)
    assert lookup.pipe.run() == (0, 0)
    assert sorted(lookup.looked_up()) == sorted(lookup.ids)


def killed_load(server: S3Server, sandbox: Sandbox, folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    lookup = InS3(server, sandbox, folder, 900)
    moment = time.monotonic() + chance.uniform(0.3, 2.5)
    lookup.pipe.run(lambda: time.monotonic() > moment, kill=["target"])
    assert lookup.pipe.run() == (0, 0)
    assert sorted(lookup.looked_up()) == sorted(lookup.ids)


@pytest.mark.parametrize("seed", range(5))
def test_a_load_that_is_killed_ends_as_if_it_had_not_been(
    seed: int, s3_server: S3Server, sandbox: Sandbox, tmp_path: Path
) -> None:
    killed_load(s3_server, sandbox, tmp_path / "pipe", seed)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_fifty_loads_that_are_killed(s3_server: S3Server, sandbox: Sandbox, tmp_path: Path) -> None:
    for seed in range(100, 150):
        killed_load(s3_server, sandbox, tmp_path / str(seed), seed)
