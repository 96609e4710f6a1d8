"""The first steps that the READMEs show, taken literally."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from commands import BIN, ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pipeline


def block(readme: str, heading: str) -> str:
    """The first shell block under a heading."""
    text = (ROOT / readme).read_text().partition(f"\n## {heading}\n")[2]
    found = re.search(r"```bash\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def test_first_run_of_the_target(tmp_path: Path) -> None:
    script = block("target-dataset/README.md", "Ten lines to a first run")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Our cities" in done.stdout
    assert "717710" in done.stdout
    assert (
        tmp_path / "state.json"
    ).read_text().strip() == '{"bookmarks": {"cities": {"done": true}}}'
