from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.inboxes import WORLD, Reader

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """A world that stands still unless a test, or a wait of the tap, moves it."""
    return WORLD


@pytest.fixture
def reader(sandbox: Sandbox, tmp_path: Path) -> Reader:
    return Reader(sandbox, tmp_path)
