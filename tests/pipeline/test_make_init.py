"""`make init` and `make sandbox` as somebody types them in a fresh clone whose path has a space."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest
from support.commands import ROOT, run
from support.connecting import free_port
from support.setting_up import LOOKUP, TOKEN, give, reports, told, way
from support.terminal import CTRL_C, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.torture,
    pytest.mark.timeout(1200),
    pytest.mark.tells_secrets("the sandbox shows its keys; what the set-up tells is scanned apart"),
]
INSTALLING: Final = 600.0
"""Seconds that a clone may take to get its environment and plugins."""

PORT: Final = "8480"
KEYS: Final = ("API key", "API key secret", "Access token", "Access token secret")
"""As the sandbox shows them; a question begins alike."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose sandbox has a port of its own."""
    folder = tmp_path / "a fresh clone"
    assert run("git", "clone", "--quiet", ROOT, folder).returncode == 0
    port = str(free_port())
    for name in ("Makefile", "meltano.yml"):
        text = (folder / name).read_text()
        assert PORT in text
        (folder / name).write_text(text.replace(PORT, port))
    (folder / "people.csv").write_text(
        "username\n@NorthwindTea\n@PlatformNews\nnobody_of_that_name\n"
    )
    ready = run("make", "setup", cwd=folder)
    assert ready.returncode == 0, ready.stderr
    return folder


@contextmanager
def sandbox_keys(clone: Path) -> Iterator[dict[str, str]]:
    """`make sandbox` in a terminal of its own, and the keys that it shows."""
    with Terminal(["make", "sandbox"], clone, os.environ) as at:
        shown = at.until("Sandbox at ")
        yield dict(line.split(":") for line in shown.splitlines() if line.count(":") == 1)
        at.type(CTRL_C)
        assert at.end() == -signal.SIGINT  # of make, after the sandbox has ended


def test_from_a_clone_to_rows(clone: Path) -> None:
    words = ["make", "init", "ENVIRONMENT=sandbox", "ARGS=--no-browser"]
    with sandbox_keys(clone) as keys, Terminal(words, clone, os.environ) as at:
        at.until("This sets up environment 'sandbox'", INSTALLING)
        give(at, [reports("1"), ("Use the keys that are already set", "n"), way(TOKEN)])
        give(at, [(name, keys[name].strip()) for name in KEYS])
        give(at, LOOKUP)
        give(at, [("replaces 1 present value?", "y"), ("Run it now, for at most", "y")])
        assert at.end() == 0, at.shown
    shown = told(at)
    assert "X accepts the keys." in shown
    assert "All checks passed." in shown
    listing = shown.rstrip().splitlines()[-1].strip()
    done = subprocess.run(
        ["sh", "-c", f"{listing} --json"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert {each["name"]: each["rows"] for each in json.loads(done.stdout)} == {
        "people": 3,
        "Users lookup of people": 3,
    }
    assert "meltano --log-level" not in run("make", "-n", "plugins", cwd=clone).stdout
