from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.domo_stores import QUICK, domo_store

from dataset_store import DatasetSpec
from dataset_store.domo.client import DomoClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore
    from sandbox import Sandbox

SCHEMA = pa.schema([("id", pa.string()), ("likes", pa.int64())])


@pytest.fixture
def domo(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose Domo takes commits at any time."""
    sandbox.domo.set(**QUICK)
    return sandbox


@pytest.fixture
def store(domo: Sandbox, tmp_path: Path) -> Iterator[DatasetStore]:
    made = domo_store(domo, tmp_path)
    yield made
    made.close()


@pytest.fixture
def keyed(store: DatasetStore) -> Dataset:
    return store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))


@pytest.fixture
def skipped(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits are noted instead."""
    waits: list[float] = []
    monkeypatch.setattr(DomoClient, "sleep", lambda _, seconds: waits.append(seconds))
    return waits


@pytest.fixture
def waits_pass(domo: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take the sandbox's time and nobody else's."""
    monkeypatch.setattr(DomoClient, "sleep", lambda _, seconds: domo.clock.advance(seconds))
