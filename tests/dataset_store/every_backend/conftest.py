"""What every backend promises, written against `DatasetStore` alone.

A new backend joins by adding a factory to `STORES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.stored_posts import POSTS

from dataset_store import DatasetSpec, DatasetStore, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset


def delta_on_disk(folder: Path) -> DatasetStore:
    return open_store(str(folder / "datasets"))


STORES: dict[str, Callable[[Path], DatasetStore]] = {"delta": delta_on_disk}


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DatasetStore:
    made: DatasetStore = request.param(tmp_path)
    return made


@pytest.fixture
def posts(store: DatasetStore) -> Dataset:
    return store.create(DatasetSpec("posts", POSTS, keys=("id",), description="What was said"))
