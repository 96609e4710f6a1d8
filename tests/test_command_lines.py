"""What holds for all commands: they name their version, and shells complete their words."""

from __future__ import annotations

import os
import subprocess

import pytest
from support.commands import BIN


def printed(command: str, *arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [BIN / command, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("command", "version"),
    [
        ("tap-twitter", "tap-twitter v0.1.0, "),
        ("target-dataset", "target-dataset v0.1.0, "),
        ("dataset", "dataset, version 0.1.0"),
        ("tap-twitter-accounts", "tap-twitter-accounts, version 0.1.0"),
    ],
    ids=["tap", "target", "dataset", "accounts"],
)
def test_a_command_names_its_version(command: str, version: str) -> None:
    assert printed(command, "--version").startswith(version)


@pytest.mark.parametrize(
    ("command", "words", "completed"),
    [
        ("dataset", "dataset ex", ["export"]),
        ("dataset", "dataset sql --en", ["--engine"]),
        ("tap-twitter-accounts", "tap-twitter-accounts con", ["connect"]),
    ],
    ids=["subcommand", "option", "accounts"],
)
def test_a_shell_completes_the_words_of_a_command(
    command: str, words: str, completed: list[str]
) -> None:
    variable = f"_{command.upper().replace('-', '_')}_COMPLETE"
    count = str(len(words.split()) - 1)
    found = printed(
        command, **{variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": count}
    )
    assert [line.partition(",")[2] for line in found.splitlines()] == completed
