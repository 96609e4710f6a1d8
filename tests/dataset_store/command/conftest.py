from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from support.dataset_command import IDS, POSTS

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import TIMESTAMP


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("DATASET_STORE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    Path("ids.csv").write_text(IDS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def posts() -> str:
    dataset = open_store("./datasets").create(
        DatasetSpec("my posts", POSTS, keys=("id",), description="[b]All[/b]")
    )
    moment = pa.scalar(1_709_251_199_123_456, pa.int64()).cast(TIMESTAMP).as_py()
    full = {
        "id": "1",
        "likes": 2**53 + 1,
        "rate": 0.5,
        "created_at": moment,
        "day": moment.date(),
        "entities": '{"urls":[]}',
        "tags": ["a", "ü"],
    }
    dataset.append(pa.Table.from_pylist([full], POSTS))
    dataset.append(pa.Table.from_pylist([{"id": "", "rate": float("nan"), "entities": "{"}], POSTS))
    return dataset.id
