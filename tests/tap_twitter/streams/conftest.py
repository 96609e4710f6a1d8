from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.account_streams import Runner

from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens.json")


@pytest.fixture
def runner(sandbox: Sandbox, tmp_path: Path) -> Runner:
    return Runner(sandbox, tmp_path)
