from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A local X server of this test's own."""
    with running() as server:
        yield server
