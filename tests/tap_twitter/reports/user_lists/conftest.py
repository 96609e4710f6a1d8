"""Snapshots of one stream, of members of a list unless a test names another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.campaign import START
from support.user_lists import Snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": START, "clock_ticking": False}


@pytest.fixture
def stream() -> str:
    return "list_members"


@pytest.fixture
def snapshots(sandbox: Sandbox, tmp_path: Path, stream: str) -> Snapshots:
    return Snapshots(sandbox, tmp_path, stream)
