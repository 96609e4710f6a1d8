from __future__ import annotations

import gc
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from support.domo_stores import QUICK, domo_address, domo_options, domo_store
from support.singer_messages import Loaded, Message, lines

from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset
    from sandbox import Sandbox


@dataclass
class LoadedIntoDomo(Loaded):
    """What a run left behind in Domo, which gives out the GUIDs."""

    def dataset(self, name: str) -> Dataset:
        return self.store.open(name)


@pytest.fixture
def domo(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose Domo takes commits at any time."""
    sandbox.domo.set(**QUICK)
    return sandbox


@pytest.fixture
def load(
    domo: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., LoadedIntoDomo]:
    """Run the target over messages into Domo, with settings as keywords."""

    def run(
        *messages: Message | str, options: dict[str, Any] | None = None, **config: Any
    ) -> LoadedIntoDomo:
        given = {
            "store": domo_address(domo),
            "store_options": domo_options(tmp_path, **(options or {})),
            "commit_interval": 0,
            **config,
        }
        capsys.readouterr()
        try:
            TargetDataset(config=given).listen(io.StringIO(lines(messages)))
        finally:
            # a process that ends lets its locks go
            gc.collect()
        states = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return LoadedIntoDomo(domo_store(domo, tmp_path), states)

    return run
