"""What every backend promises, written against `DatasetStore` alone.

A new backend joins by adding a factory to `STORES`. A test of what a backend may lack names the
capability with the marker `needs`: it runs on the backends that have it, and `test_missing.py`
holds the others to refusing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from support.domo_stores import QUICK, domo_store
from support.stored_posts import POSTS

from dataset_store import DatasetSpec, DatasetStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.s3_server import S3Server

    from dataset_store import Dataset
    from sandbox import Sandbox


def delta_on_disk(folder: Path, request: pytest.FixtureRequest) -> DatasetStore:
    return open_store(str(folder / "datasets"))


def domo(folder: Path, request: pytest.FixtureRequest) -> DatasetStore:
    sandbox: Sandbox = request.getfixturevalue("sandbox")
    sandbox.domo.set(**QUICK)
    return domo_store(sandbox, folder)


def delta_in_s3(folder: Path, request: pytest.FixtureRequest) -> DatasetStore:
    server: S3Server = request.getfixturevalue("s3_server")
    return open_store(f"s3://{server.bucket}/{uuid4().hex[:12]}/datasets", server.options())


def delta_in_s3_with_vectors(folder: Path, request: pytest.FixtureRequest) -> DatasetStore:
    server: S3Server = request.getfixturevalue("s3_server")
    options = server.options(deletion_vectors=True)
    return open_store(f"s3://{server.bucket}/{uuid4().hex[:12]}/datasets", options)


STORES: dict[str, Callable[[Path, pytest.FixtureRequest], DatasetStore]] = {
    "delta": delta_on_disk,
    "domo": domo,
}


@pytest.fixture(
    params=[
        *(pytest.param(make, id=name) for name, make in STORES.items()),
        pytest.param(delta_in_s3, id="s3", marks=pytest.mark.engines),
        pytest.param(delta_in_s3_with_vectors, id="s3 with vectors", marks=pytest.mark.engines),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatasetStore]:
    made: DatasetStore = request.param(tmp_path, request)
    for marker in request.node.iter_markers("needs"):
        for name in marker.args:
            if not getattr(made.capabilities, name):
                pytest.skip(f"this store lacks the capability {name}")
    yield made
    made.close()


@pytest.fixture
def posts(store: DatasetStore) -> Dataset:
    return store.create(DatasetSpec("posts", POSTS, keys=("id",), description="What was said"))
