"""Singer plugins that others wrote, each in an environment of its own, and a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.commands import BIN, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def install(package: str, folder: Path, *options: str) -> Path:
    """Install a plugin with what its lock file names; gives the folder of its programs.

    Args:
        package: The plugin, by the name of its lock file.
        folder: Takes the environment.
        options: More options of `uv pip install`.
    """
    environment = folder / package
    if environment.exists():  # another test of the module has it
        return environment / "bin"
    lock = ROOT / "requirements" / "peers" / f"{package}.txt"
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, environment)
    run(BIN / "uv", "pip", "install", "--quiet", *options, "--python", environment / "bin" / "python",
        "--require-hashes", "-r", lock)  # fmt: skip
    return environment / "bin"


def run(*command: str | Path) -> str:
    """Run a command that has to succeed; gives what it wrote."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class PostgreSQL:
    """A server of the tests' own on loopback."""

    port: int
    programs: Path

    @property
    def settings(self) -> dict[str, Any]:
        """How clients reach it; `trust` lets them in without a password."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "postgres",
            "password": "unused",
            "database": "postgres",
        }

    def sql(self, query: str) -> list[str]:
        """The rows that a query gives, as text."""
        options = (
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-v",
            "ON_ERROR_STOP=1",
        )
        return run(self.programs / "psql", *options, "-Atc", query).splitlines()


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server with a folder of its own; as root it runs under the account `postgres`."""
    programs = SERVER_PROGRAMS[-1].parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        account: tuple[str, ...] = ()
        if os.geteuid() == 0:
            account = ("runuser", "-u", "postgres", "--")
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        run(*account, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        )
        control: tuple[str | Path, ...] = (
            *account,
            programs / "pg_ctl",
            "-D",
            data,
            "-l",
            f"{folder}/log",
            "-w",
        )
        # pg_ctl hands its output on to the server, which would keep a pipe open
        start = [str(word) for word in (*control, "-o", options, "start")]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield PostgreSQL(port, programs)
        finally:
            run(*control, "-m", "fast", "stop")
