"""The process behind `forking`: it loads modules, and forks for each job that it is sent.

A fork takes the streams, the folder and the environment of its job, and runs its console script.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import random
import runpy
import socket
import sys
import termios
import time
from pathlib import Path
from typing import Any

_FORKING_THREADS = {"jemalloc_bg_thd"}
"""Threads of libraries that start them anew in forks."""


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
    if job["session"]:
        os.setsid()
    if job["terminal"]:
        take_terminal()
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


def take_terminal() -> None:
    """Make the standard input the controlling terminal of the session, so that Ctrl-C arrives."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class _NoPandas:
    """Hides pandas, which users need not have: pyarrow would load it in every run, for half its time."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def _main() -> None:
    sys.meta_path.insert(0, _NoPandas)
    _, asked_by, *modules = sys.argv
    for module in modules:
        importlib.import_module(module)
    asked = socket.socket(fileno=int(asked_by))
    others = [path for path in Path("/proc/self/task").iterdir() if path.name != str(os.getpid())]
    threads = {(path / "comm").read_text().strip() for path in others} - _FORKING_THREADS
    assert not threads, f"{modules} start threads: {threads}"
    gc.freeze()  # so that forks need not copy what is loaded to look for garbage
    job = _serve(asked)
    sys.argv = job["words"]
    sys.path.insert(0, str(Path(sys.executable).parent))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    _main()
