"""The lookup with its input and its writeback in S3, undisturbed and killed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pytest
from support.commands import Pipe
from support.harness import tap_config
from support.s3_proxy import Plan, running_proxy

from dataset_store import DatasetSpec, open_store, writeback_id
from dataset_store.delta.object_store import ObjectStore
from dataset_store.delta.s3_options import S3Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.s3_proxy import Proxy
    from support.s3_server import S3Server

    from dataset_store import Dataset
    from sandbox import Sandbox

pytestmark = [pytest.mark.pipeline, pytest.mark.engines]

USERS = 900
BATCH = 100


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """Time stands still, so that X gives the same answers to each run."""
    return {"clock_start": datetime(2026, 3, 1, 12, tzinfo=UTC), "clock_ticking": False}


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with running_proxy(s3_server.endpoint) as running:
        yield running


class InS3:
    """A lookup of some people, with both datasets in S3; the target asks the server by a proxy."""

    def __init__(self, server: S3Server, proxy: Proxy, sandbox: Sandbox, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        prefix = uuid4().hex[:12]
        address = f"s3://{server.bucket}/{prefix}"
        options = server.options(compact_after_commits=4)
        self._store = open_store(address, options)
        self._location = ObjectStore(server.bucket, prefix, S3Options(**options))
        people = pa.table({"user_id": sandbox.world.sample_ids(USERS)})
        self.input = self._store.create(DatasetSpec("people", people.schema))
        self.input.append(people)
        own: dict[str, Any] = {"store": address, "store_options": options}
        proxied = {**options, "endpoint": proxy.endpoint}
        self.pipe = Pipe(
            folder,
            tap_config(sandbox, folder) | own,
            {"store": address, "store_options": proxied, "batch_size_rows": BATCH},
        )

    @property
    def writeback(self) -> Dataset:
        return self._store.open(writeback_id("users_lookup", self.input.id))

    def looked_up(self) -> list[dict[str, Any]]:
        """The rows, without the time that differs between runs."""
        rows = pa.Table.from_batches(self.writeback.read()).drop_columns("looked_up_at")
        return sorted(rows.to_pylist(), key=lambda row: str(row["requested_id"]))

    def data_files(self) -> set[str]:
        """The names of the data files in the bucket."""
        names = self._location.folder(self.writeback.id).names()
        return {name for name in names if name.endswith(".parquet")}

    def listed_files(self) -> set[str]:
        """The names of the data files that the newest version has."""
        found = self._location.folder(self.writeback.id).open()
        return {uri.rpartition("/")[2] for uri in found.file_uris()}


@pytest.fixture
def undisturbed(
    s3_server: S3Server, proxy: Proxy, sandbox: Sandbox, tmp_path: Path
) -> tuple[list[dict[str, Any]], int]:
    """The rows after a lookup that nobody disturbed, and its number of requests to the store."""
    lookup = InS3(s3_server, proxy, sandbox, tmp_path / "undisturbed")
    assert lookup.pipe.run() == (0, 0)
    rows = lookup.looked_up()
    assert [row["requested_id"] for row in rows] == sorted(sandbox.world.sample_ids(USERS))
    return rows, proxy.plan(Plan())


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(5), id="5 kills"),
        pytest.param(
            range(100, 150), id="50 kills", marks=[pytest.mark.torture, pytest.mark.timeout(3600)]
        ),
    ],
)
def test_a_load_that_is_killed_ends_as_if_it_had_not_been(
    undisturbed: tuple[list[dict[str, Any]], int],
    s3_server: S3Server,
    proxy: Proxy,
    sandbox: Sandbox,
    tmp_path: Path,
    seeds: range,
) -> None:
    expected, requests = undisturbed
    killed = resumed = orphans = 0
    for seed in seeds:
        sandbox.reset()
        last = random.Random(seed).randrange(requests)
        lookup = InS3(s3_server, proxy, sandbox, tmp_path / str(seed))
        proxy.fail()
        exits = lookup.pipe.run(lambda last=last: proxy.requests() > last, kill=["target"])  # type: ignore[misc]
        killed += exits != (0, 0)
        resumed += bool(lookup.pipe.state)
        assert lookup.pipe.run() == (0, 0)
        assert lookup.looked_up() == expected, seed
        orphans += len(lookup.data_files() - lookup.listed_files())
        lookup.writeback.vacuum(0)
        assert lookup.data_files() == lookup.listed_files(), seed
        assert lookup.looked_up() == expected, seed
    assert killed >= 0.8 * len(seeds)
    assert resumed >= 0.3 * len(seeds)
    assert orphans
