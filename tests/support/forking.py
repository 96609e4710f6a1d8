"""Commands as processes that begin with their modules loaded, which is most of a short run's time.

The first use starts a process that loads the modules of a command and then waits. Each start of the
command is a fork of that process, which runs the console script to its end: with an id, arguments, an
environment, a folder and streams of its own, a child of the process that asked. What it has not got
is an interpreter of its own start: what is about starting uses `subprocess.Popen`.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import json
import os
import random
import runpy
import socket
import subprocess
import sys
import termios
import time
from functools import cache
from pathlib import Path
from typing import Any, Final

BIN: Final = Path(sys.executable).parent
LOADED: Final = {
    "tap-twitter": "tap_twitter.__main__",
    "tap-twitter-accounts": "tap_twitter.accounts_command.cli",
    "tap-twitter-init": "tap_twitter.setup_command.cli",
    "target-dataset": "target_dataset.command",
    "meltano": "meltano.cli",
}
"""What is loaded beforehand; nothing that starts a thread, since forks have none of them."""

_BECOME_PARENT_OF_ORPHANS: Final = 36
_HERE: Final = str(Path(__file__))


class Popen(subprocess.Popen[Any]):
    """`subprocess.Popen` that forks the commands in `LOADED`, and starts anything else as ever.

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
                args, executable, _take_terminal if self._terminal else preexec_fn, close_fds, pass_fds, cwd, env, startupinfo,
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
            os.environ.get(name) == value
            for name, value in variables.items()
            if name.startswith("PYTHON")  # an interpreter reads them when it starts
        )
    )


class _Forker:
    """A process that has loaded a module, and forks.

    Args:
        module: The module.
    """

    def __init__(self, module: str) -> None:
        ctypes.CDLL(None).prctl(_BECOME_PARENT_OF_ORPHANS, 1, 0, 0, 0)
        self._asked, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", _HERE, str(theirs.fileno()), module],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
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
            socket.send_fds(self._asked, [b"j"], [*streams, file.fileno()])
            return int.from_bytes(self._asked.recv(8, socket.MSG_WAITALL), "big")

    def _end(self) -> None:
        self._asked.close()
        self._process.wait()


@cache
def _forker(command: str) -> _Forker:
    return _Forker(LOADED[command])


def _serve(asked: socket.socket) -> dict[str, Any]:
    """Fork as often as somebody asks; gives the job in the forked process, and else ends."""
    while True:
        _, fds, _, _ = socket.recv_fds(asked, 1, 4)
        if not fds:
            raise SystemExit
        reading, writing = os.pipe()
        if between := os.fork():
            os.close(writing)
            pid = os.read(reading, 8)
            os.waitpid(between, 0)  # from now on, the process that asked is the parent
            asked.sendall(pid)
            for fd in (*fds, reading):
                os.close(fd)
            continue
        if os.fork():
            os._exit(0)
        os.write(writing, os.getpid().to_bytes(8, "big"))
        asked.close()
        os.close(reading)
        os.close(writing)
        return _become(fds)


def _become(fds: list[int]) -> dict[str, Any]:
    """Take streams, folder and environment of a job."""
    *streams, file = fds
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(file) as text:
        job: dict[str, Any] = json.load(text)
    for own, fd in enumerate(streams):
        os.dup2(fd, own)
        os.close(fd)
    if job["terminal"]:
        os.setsid()
        _take_terminal()
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    time.tzset()
    random.seed()
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        old = getattr(sys, name)
        stream = open(  # noqa: SIM115 - a descriptor, for as long as the process lives
            fd, mode, encoding=old.encoding, errors=old.errors, closefd=False,
            buffering=1 if name == "stderr" else -1,
        )  # fmt: skip
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    return job


def _take_terminal() -> None:
    """Make the standard input the controlling terminal of the session, so that Ctrl-C arrives."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _main() -> None:
    __import__(sys.argv[2])
    asked = socket.socket(fileno=int(sys.argv[1]))
    threads = list(Path("/proc/self/task").iterdir())
    assert len(threads) == 1, f"{sys.argv[2]} starts threads: {threads}"
    gc.freeze()  # so that forks need not copy what is loaded to look for garbage
    job = _serve(asked)
    sys.argv = job["words"]
    sys.path.insert(0, str(BIN))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    _main()
