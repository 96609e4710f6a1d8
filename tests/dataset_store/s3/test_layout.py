"""The layout that a store's options give to its tables, on disk and in S3."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from dataset_store import DatasetSpec, open_store
from dataset_store.delta.dataset import DeltaDataset

if TYPE_CHECKING:
    from pathlib import Path

    from support.s3_server import S3Server

MIB = 1 << 20
SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


def rows(batch: int) -> pa.Table:
    """About a MiB that does not compress."""
    chance = random.Random(batch)
    texts = [chance.randbytes(512).hex() for _ in range(2_000)]
    return pa.table({"id": [f"{batch}-{row}" for row in range(2_000)], "text": texts}, SCHEMA)


def sizes(dataset: DeltaDataset) -> list[int]:
    found: list[int] = pa.table(dataset.table.get_add_actions()).column("size_bytes").to_pylist()
    return sorted(found)


@pytest.mark.parametrize("place", ["disk", pytest.param("s3", marks=pytest.mark.engines)])
@pytest.mark.parametrize(("target_file_mb", "count"), [(1, 4), (100, 1)])
def test_files_are_joined_and_written_up_to_their_size(
    request: pytest.FixtureRequest, tmp_path: Path, place: str, target_file_mb: int, count: int
) -> None:
    address, options = str(tmp_path / "datasets"), {"target_file_mb": target_file_mb}
    if place == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        address, options = request.getfixturevalue("address"), server.options(**options)
    dataset = open_store(address, options).create(DatasetSpec("posts", SCHEMA, ("id",)))
    assert isinstance(dataset, DeltaDataset)
    for batch in range(4):
        dataset.append(rows(batch))
    dataset.compact()
    assert len(sizes(dataset)) == count
    # a file is full once a row group has made it so
    assert all(size >= target_file_mb * MIB for size in sizes(dataset)[:-1]) or count == 1
    properties = dataset.table.metadata().configuration
    assert properties["delta.targetFileSize"] == str(target_file_mb * MIB)
    assert dataset.info().rows == 8_000
