"""The target as a command: messages for it, and how its runs end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from support.commands import BIN
from support.forking import Popen
from support.help_addresses import without_help
from support.log_records import not_informing
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
        errors: The lines of the standard error, without those that only inform, and without the
            address in the docs at the end of an error.
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
    pipe = subprocess.PIPE
    with Popen(
        [BIN / "target-dataset", *arguments],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
    ) as started:
        out, written = started.communicate(lines(messages), timeout=60)
    errors = [without_help(each.split(" | ")[-1]) for each in not_informing(written)]
    return Run(started.returncode, out, errors)
