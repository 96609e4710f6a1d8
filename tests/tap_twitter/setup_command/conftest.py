from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.connecting import free_port
from support.setting_up import SettingUp

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture
def setting_up(sandbox: Sandbox, tmp_path: Path) -> SettingUp:
    """The command without a Meltano project."""
    folder, home, port = tmp_path / "work", tmp_path / "home", free_port()
    folder.mkdir()
    home.mkdir()
    ids = "\n".join(sandbox.world.sample_ids(20))
    (folder / "people.csv").write_text(f"user_id\n{ids}\n")
    sandbox.register_callbacks(f"http://127.0.0.1:{port}/callback")
    return SettingUp(sandbox, folder, home, port, ("--base-url", sandbox.url))
