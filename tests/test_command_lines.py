"""What holds for all commands: they name their version, and shells complete their words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

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
        ("tap-twitter-init", "tap-twitter-init --env", ["--environment"]),
    ],
    ids=["subcommand", "option", "accounts", "set-up"],
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


README = Path(__file__).parents[1] / "target-dataset/README.md"
COMMANDS = ("dataset", "tap-twitter-accounts", "tap-twitter-init")


def in_shell(shell: str, home: Path, *lines: str) -> str:
    """What a shell prints for the block of the README in its language, followed by lines."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    (block,) = re.findall(rf"^```{shell}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    variables = {"HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "dumb"}
    script = "\n".join([block, *lines])
    flags = ["-f"] if shell == "zsh" else []
    done = subprocess.run(
        [program, *flags, "-c", script], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.torture
def test_the_lines_for_zsh_complete_each_command(tmp_path: Path) -> None:
    printed = in_shell("zsh", tmp_path, *(f"print $_comps[{each}]" for each in COMMANDS))
    assert printed.split() == [f"_{each.replace('-', '_')}_completion" for each in COMMANDS]


@pytest.mark.torture
def test_the_files_for_fish_complete_each_command(tmp_path: Path) -> None:
    lines = ("dataset ex", "tap-twitter-accounts con", "tap-twitter-init --env")
    found = in_shell("fish", tmp_path, *(f"fish -c 'complete -C \"{each}\"'" for each in lines))
    words = [line.partition("\t")[0] for line in found.splitlines() if "\t" in line]
    assert words == ["export", "connect", "--environment"]
