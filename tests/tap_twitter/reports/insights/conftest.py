from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.timelines import NOON, Runs

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """Time passes when a test, or a wait of the tap, lets it."""
    return {"clock_start": NOON, "clock_ticking": False}


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return Runs(sandbox, tmp_path)
