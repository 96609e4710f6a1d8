from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.organic import WORLD, OrganicRuns

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """A world that stands still unless a test, or a wait of the tap, moves it."""
    return WORLD


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> OrganicRuns:
    return OrganicRuns(sandbox, tmp_path)
