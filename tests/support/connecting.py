"""`tap-twitter-accounts` as a process, with a sandbox in the place of X and a store of its own."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from log_scan.leaks import leaks

from sandbox.credentials import APP, CLIENT, PUBLIC_CLIENT
from support.commands import BIN, run
from support.forking import Popen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox import Sandbox
    from tap_twitter.auth.token_store import Login, TokenStore

COMMAND = BIN / "tap-twitter-accounts"
KEYS = {
    "oauth1": {
        "TAP_TWITTER_AUTH_CONSUMER_KEY": APP.consumer_key,
        "TAP_TWITTER_AUTH_CONSUMER_SECRET": APP.consumer_secret,
    },
    "oauth2": {
        "TAP_TWITTER_AUTH_CLIENT_ID": CLIENT.client_id,
        "TAP_TWITTER_AUTH_CLIENT_SECRET": str(CLIENT.client_secret),
    },
    "public": {"TAP_TWITTER_AUTH_CLIENT_ID": PUBLIC_CLIENT.client_id},
}
"""The keys that are at hand for each way to connect."""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Waiting:
    """`tap-twitter-accounts connect` that waits for a user.

    Attributes:
        process: The process.
        errors: What it writes to the standard error.
        address: The page that it shows.
    """

    process: subprocess.Popen[str]
    errors: IO[str]
    address: str

    @property
    def told(self) -> str:
        """What it has written to the standard error so far."""
        self.errors.seek(0)
        return self.errors.read()

    def end(self, typed: str | None = None) -> tuple[int, str]:
        """Wait for its end; gives the exit code and what it told, in which there is no secret."""
        self.process.communicate(typed)
        assert leaks(self.told) == []
        return self.process.returncode, self.told


@dataclass
class Accounts:
    """The command, and what it works with.

    Attributes:
        sandbox: Its X.
        store: Its token store.
        port: Where it listens.
        settings: Its environment.
    """

    sandbox: Sandbox
    store: TokenStore
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback"

    @property
    def asked(self) -> list[str]:
        """The paths that the sandbox was asked for, in order."""
        return [entry.path for entry in self.sandbox.requests]

    def stored(self) -> dict[str, Login]:
        return {login.name: login for login in self.store.logins()}

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, with nobody at the terminal."""
        done = run(COMMAND, *words, cwd=None, **{**self.settings, **variables})
        assert leaks(done.stdout + done.stderr) == []
        return done

    def connect(self, *words: str, keys: str = "oauth1", **variables: str) -> tuple[int, str]:
        """Run `connect` where it ends before it waits for anybody; gives what it tells."""
        port = ("--port", str(self.port), "--no-browser")
        done = self.run("connect", *port, *words, **{**KEYS[keys], **variables})
        assert done.stdout == ""
        return done.returncode, done.stderr

    @contextmanager
    def connecting(self, *words: str, keys: str, **variables: str) -> Iterator[Waiting]:
        """Begin to connect, up to the address that the command shows."""
        options = ("--port", str(self.port), *(() if "BROWSER" in variables else ("--no-browser",)))
        with (
            tempfile.TemporaryFile("w+") as errors,
            Popen(
                [COMMAND, "connect", *options, *words],
                env={"PATH": "/usr/bin:/bin", **self.settings, **KEYS[keys], **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as process,
        ):
            try:
                assert process.stdout is not None
                waiting = Waiting(process, errors, process.stdout.readline().strip())
                assert waiting.address, waiting.told
                yield waiting
            finally:
                process.kill()
