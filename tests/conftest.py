from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from sandbox import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["log_scan.plugin"]

# machines that are busy with other tests are slow for no fault of ours
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A local X server of this test's own."""
    with running() as server:
        yield server
