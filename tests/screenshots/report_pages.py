"""Reports of a store with every figure, of one without rows, and of one with hostile names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from support.report_store import HOSTILE, empty, filled

from dataset_store.commands import report

if TYPE_CHECKING:
    from dataset_store import DatasetStore


def pages() -> dict[str, str]:
    """The reports by name, as HTML."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "filled": _page(filled(folder / "filled"), folder),
            "empty": _page(empty(folder / "empty"), folder),
            "hostile": _page(filled(folder / "hostile", HOSTILE, "Contoso", text=HOSTILE), folder),
        }


def _page(store: DatasetStore, folder: Path) -> str:
    file = folder / "report.html"
    report(store, file, title="X report")
    return file.read_text("utf-8")
