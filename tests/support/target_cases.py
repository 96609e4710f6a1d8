"""Inputs that a build of the target once got wrong, in `tests/target_dataset/cases`, and runs of them.

A case is a folder with `input.jsonl` and `config.json`, and where a second run follows, `second.jsonl`
and maybe `config2.json`. It runs in a copy of its folder, so that its relative store is a new one.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from target_command import process

from dataset_store import open_store
from support.singer_messages import Rows, read

if TYPE_CHECKING:
    import pyarrow as pa
    from target_command import Run

    from dataset_store import Dataset

CASES = Path(__file__).parents[1] / "target_dataset" / "cases"


@dataclass(frozen=True)
class Case:
    """A copy of a case's folder, with the runs of the target in it.

    Attributes:
        folder: The copy.
        runs: How each run has ended, in their order.
    """

    folder: Path
    runs: list[Run]

    @property
    def codes(self) -> list[int]:
        """The exit code of each run."""
        return [run.code for run in self.runs]

    def dataset(self, name: str) -> Dataset:
        """A dataset of the case's store, by name."""
        return open_store(str(self.folder / "store")).open(name)

    def schema(self, name: str) -> pa.Schema:
        """The columns of a dataset."""
        return self.dataset(name).schema

    def rows(self, name: str, by: str = "id") -> Rows:
        """The rows of a dataset, in the order of a column; null comes first."""
        return sorted(read(self.dataset(name)), key=lambda row: (row[by] is not None, row[by] or 0))


def run_case(name: str, folder: Path) -> Case:
    """Run a case as its user would, once for each of its inputs.

    Args:
        name: The case's folder in `CASES`.
        folder: Where the copy goes; it must not hold one yet.
    """
    copy = Path(shutil.copytree(CASES / name, folder / name))
    inputs = [copy / each for each in ("input.jsonl", "second.jsonl") if (copy / each).exists()]
    own = "config2.json" if (copy / "config2.json").exists() else "config.json"
    configs = ["config.json", own]
    runs = [
        process("--config", config, "--input", path.name, cwd=copy)
        for path, config in zip(inputs, configs, strict=False)
    ]
    return Case(copy, runs)
