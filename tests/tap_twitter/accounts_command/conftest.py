"""A sandbox that sends browsers back to a free port, the command, and a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.connecting import Accounts, free_port

from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture
def accounts(sandbox: Sandbox, tmp_path: Path) -> Accounts:
    path = tmp_path / "private" / "tokens.json"
    settings = {
        "HOME": str(tmp_path),
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_AUTH_TOKEN_STORE": str(path),
    }
    accounts = Accounts(sandbox, TokenStore(path), free_port(), settings)
    sandbox.register_callbacks(accounts.callback)
    return accounts
