"""The units of systemd in `docs/scheduling.md`, as systemd reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "scheduling.md"
SYSTEMD = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEMD is None, reason="needs systemd-analyze")
def test_the_units_are_valid(tmp_path: Path) -> None:
    units = re.findall(r"```ini\n# (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert [name for name, _unit in units] == ["tap-twitter.service", "tap-twitter.timer"]
    for name, unit in units:
        # systemd looks whether the program is there
        (tmp_path / name).write_text(
            re.sub(r"(?<=^ExecStart=)\S+", "/bin/sh", unit, flags=re.MULTILINE)
        )
    paths = [str(tmp_path / name) for name, _unit in units]
    done = subprocess.run(
        [str(SYSTEMD), "verify", *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert str(tmp_path) not in done.stderr
