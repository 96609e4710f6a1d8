"""`tap-twitter-init` in a terminal, with a sandbox in the place of X."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from log_scan.leaks import leaks

from sandbox.credentials import APP, CLIENT, OWNER
from support.commands import BIN
from support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox import Sandbox

COMMAND = BIN / "tap-twitter-init"
BROWSER_2, BROWSER_1, PIN, TOKEN, APP_ONLY = "1", "2", "3", "4", "5"
"""The ways to sign in, as they are numbered if all fit."""

ADDRESS: Final = re.compile(r"https?://\S+/authorize\?\S+")
"""A page of X; its request token is worth nothing without the app's keys."""

Answer = tuple[str, str]

CONSUMER: Sequence[Answer] = (
    ("API key (consumer key): ", APP.consumer_key),
    ("API key secret (consumer secret): ", APP.consumer_secret),
)
FOUR_KEYS: Sequence[Answer] = (
    *CONSUMER,
    ("Access token: ", OWNER.access_token),
    ("Access token secret: ", OWNER.access_token_secret),
)
CLIENT_KEYS: Sequence[Answer] = (
    ("Client ID: ", CLIENT.client_id),
    ("Client secret (none for a public client): ", str(CLIENT.client_secret)),
)
LOOKUP: Sequence[Answer] = (
    ("A folder, s3://", ""),
    ("A CSV or Excel file", "people.csv"),
    ("Name of the dataset", ""),
    ("Most that one run may cost", "5"),
)
"""What follows the sign-in, for a lookup of `people.csv`."""


def reports(numbers: str) -> Answer:
    return ("Reports, such as", numbers)


def way(number: str) -> Answer:
    return ("Access by", number)


BY_TOKEN: Sequence[Answer] = (reports("1"), way(TOKEN), *FOUR_KEYS, *LOOKUP)
"""A lookup in the name of the owner of the app, up to the last question."""


@dataclass
class SettingUp:
    """The command, in a folder with a file of ids to look up.

    Attributes:
        sandbox: Its X.
        folder: Where it runs.
        home: The user's home folder.
        port: The port of the callback address.
        options: Its options.
    """

    sandbox: Sandbox
    folder: Path
    home: Path
    port: int
    options: Sequence[str] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, tuple[int, bytes]]:
        """All files of the folder and of the home folder, with their modes and contents."""
        return {
            str(path): (path.stat().st_mode & 0o777, path.read_bytes())
            for root in (self.folder, self.home)
            for path in root.rglob("*")
            if path.is_file() and ".meltano" not in path.parts
        }

    def start(self, *options: str) -> Terminal:
        words: list[str | Path] = [
            COMMAND,
            "--port",
            str(self.port),
            "--no-browser",
            *self.options,
            *options,
        ]
        variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "TERM": "xterm",
            "TAP_TWITTER_API_BASE_URL": self.sandbox.url,
            **self.variables,
        }
        return Terminal(words, self.folder, variables)


def give(terminal: Terminal, answers: Sequence[Answer]) -> None:
    """Answer questions in their order."""
    for question, answer in answers:
        terminal.answer(question, answer)


def address(terminal: Terminal) -> str:
    """The page of X that the command shows."""
    terminal.until("signed in as the account to connect:\n")
    shown = terminal.until("\n")
    while not (found := ADDRESS.search(shown)):
        shown += terminal.until("\n")
    return found[0]


def told(terminal: Terminal) -> str:
    """All that the terminal has shown, in which there is no secret."""
    assert leaks(ADDRESS.sub("", terminal.shown)) == []
    return terminal.shown
