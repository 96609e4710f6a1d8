"""Commands as processes that begin with their modules loaded, which is most of a short run's time.

The first use starts a process that loads the modules of a command and then waits. Each start of the
command is a fork of that process, which runs the console script to its end: with an id, arguments, an
environment, a folder and streams of its own, a child of the process that asked. What it has not got
is an interpreter of its own start: what is about starting uses `subprocess.Popen`.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from support import processes
from support.forker import take_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

BIN: Final = Path(sys.executable).parent
_TAP: Final = ("tap_twitter.__main__", "tap_twitter.tap", "dataset_store.delta")
_ACCOUNTS: Final = tuple(
    f"tap_twitter.accounts_command.{name}" for name in ("cli", "session", "connect", "manage")
)
_SETUP: Final = tuple(
    f"tap_twitter.setup_command.{name}"
    for name in ("cli", "config_files", "guide", "meltano_project", "steps", "trial", "writing")
)
LOADED: Final = {
    "tap-twitter": _TAP,
    "tap-twitter-accounts": (*_ACCOUNTS, "tap_twitter.tap", "requests_oauthlib", "rich.table"),
    "tap-twitter-init": (*_SETUP, *_ACCOUNTS, "tap_twitter.tap", "requests_oauthlib"),
    "target-dataset": ("target_dataset.command", "target_dataset.target", "dataset_store.delta"),
    "dataset": ("dataset_store.cli", "dataset_store.commands", "dataset_store.delta"),
    "meltano": (
        "meltano.cli",
        "alembic.command",
        "sqlalchemy.dialects.sqlite",
        "mako.template",
        "anyio._backends._asyncio",
    ),
}
"""What is loaded beforehand; nothing that starts a thread, since forks have none of them."""

_BECOME_PARENT_OF_ORPHANS: Final = 36
_NEW_SESSION: Final = 11
"""Where `subprocess` hands over, after the pipes, whether a session begins."""

_ENVIRONMENT: Final = {**os.environ}
"""What the interpreters that fork read when they start."""

_PROGRAM: Final = str(Path(__file__).with_name("forker.py"))


class Popen(processes.Popen):
    """`processes.Popen` that forks the commands in `LOADED`, and starts anything else as ever.

    Args:
        terminal: Whether the standard input is a terminal that becomes the controlling one.
    """

    def __init__(self, *args: Any, terminal: bool = False, **kwargs: Any) -> None:
        self._terminal = terminal
        if terminal:
            kwargs["start_new_session"] = True
        super().__init__(*args, **kwargs)

    def _execute_child(
        self,
        args: Any,
        executable: Any,
        preexec_fn: Any,
        close_fds: bool,
        pass_fds: Any,
        cwd: Any,
        env: Any,
        startupinfo: Any,
        creationflags: Any,
        shell: bool,
        *rest: Any,
    ) -> None:
        words = [os.fspath(word) for word in args]
        variables = {**os.environ} if env is None else {**env}
        if not _is_forkable(words[0], variables) or preexec_fn or shell or pass_fds:
            super()._execute_child(  # type: ignore[misc]
                args, executable, take_terminal if self._terminal else preexec_fn, close_fds, pass_fds, cwd, env, startupinfo,
                creationflags, shell, *rest,
            )  # fmt: skip
            return
        pipes = rest[:6]  # as pairs to read and to write: for input, output and errors
        own = (pipes[0], pipes[3], pipes[5])
        streams = [number if fd == -1 else fd for number, fd in enumerate(own)]
        try:
            job = {
                "words": words,
                "cwd": os.fspath(cwd or "."),
                "env": variables,
                "session": rest[_NEW_SESSION],
                "terminal": self._terminal,
            }
            self.pid = _forker(Path(words[0]).name).fork(job, streams)
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


def _is_forkable(program: str, variables: dict[str, str]) -> bool:
    path = Path(program)
    return (
        sys.platform == "linux"
        and path.parent == BIN
        and path.name in LOADED
        and all(
            _ENVIRONMENT.get(name) == value
            for name, value in variables.items()
            if name.startswith("PYTHON")
        )
    )


class _Forker:
    """A process that has loaded modules, and forks.

    Args:
        modules: Their names.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        ctypes.CDLL(None).prctl(_BECOME_PARENT_OF_ORPHANS, 1, 0, 0, 0)
        self._lock = threading.Lock()
        self._asked, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", _PROGRAM, str(theirs.fileno()), *modules],
                env={**_ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end)

    def fork(self, job: dict[str, Any], streams: list[int]) -> int:
        """Start a process; gives its id."""
        with os.fdopen(os.memfd_create("job"), "w") as file:
            json.dump(job, file)
            file.flush()
            with self._lock:  # so that each thread gets the answer to its own job
                socket.send_fds(self._asked, [b"j"], [*streams, file.fileno()])
                answer = self._asked.recv(8, socket.MSG_WAITALL)
        if not answer:
            msg = "The process that forks commands has ended."
            raise ChildProcessError(msg)
        return int.from_bytes(answer, "big")

    @property
    def pid(self) -> int:
        """The id of the process that forks."""
        return self._process.pid

    def _end(self) -> None:
        self._asked.close()
        self._process.wait()


_forkers: Final[dict[str, _Forker]] = {}
_starting: Final = threading.Lock()


def _forker(command: str) -> _Forker:
    with _starting:
        if command not in _forkers:
            _forkers[command] = _Forker(LOADED[command])
        return _forkers[command]


def forkers() -> set[int]:
    """The ids of the processes that fork, which outlive the tests that use them."""
    return {each.pid for each in _forkers.values()}
