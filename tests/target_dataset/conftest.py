from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_messages import Loaded, Message, lines

from dataset_store import open_store
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Loaded]:
    """Run the target over messages, with settings as keywords; runs of a test share a store."""

    def run(*messages: Message | str, **config: Any) -> Loaded:
        store = config.setdefault("store", str(tmp_path / "datasets"))
        capsys.readouterr()
        TargetDataset(config=config).listen(io.StringIO(lines(messages)))
        states = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return Loaded(open_store(store), states)

    return run
