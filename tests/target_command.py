"""The target as a command: messages for it, and how its runs end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from support.singer_messages import Message, lines, record, schema

if TYPE_CHECKING:
    from pathlib import Path

POSTS = schema("posts", {"id": {"type": "string"}, "likes": {"type": "integer"}}, ["id"])
GOOD = record("posts", id="1", likes=1)
SECRET = "sesame-5309"


class Run(NamedTuple):
    """How a run has ended.

    Attributes:
        code: Its exit code.
        out: What it wrote to the standard output.
        errors: The lines of the standard error, without those that only inform.
    """

    code: int
    out: str
    errors: list[str]


Command = Callable[..., Run]
"""Runs the command over messages, with settings as keywords: the fixture `command`."""


def process(
    *arguments: str, messages: Sequence[Message | str] = (), cwd: Path, **environment: str
) -> Run:
    """Run the command in a process of its own, in a folder and with environment variables."""
    done = subprocess.run(
        [sys.executable, "-m", "target_dataset", *arguments],
        input=lines(messages),
        text=True,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    errors = [line for line in done.stderr.splitlines() if "| INFO " not in line]
    return Run(done.returncode, done.stdout, [line.split(" | ")[-1] for line in errors])
