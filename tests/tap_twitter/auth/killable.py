"""Processes to kill: forks a process for each task that it reads from stdin, a line for each batch.

A task says what to do, and when the process is to be killed: before the nth line that it runs of the
modules under test, or after some seconds. The answer is a line with how each of them ended.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from tap_twitter.api.bounded import Bounds
from tap_twitter.api.client import Client
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.responses import body_of
from tap_twitter.auth import logins, oauth2, refresh, token_store
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.token_store import Login, TokenStore
from tap_twitter.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

UNDER_TEST = {module.__file__ for module in (logins, oauth2, refresh, token_store)}


class FastClock:
    """The machine's clock, so many seconds ahead, whose waits are short."""

    def __init__(self, ahead_seconds: float) -> None:
        self._prefetcher = timedelta(seconds=ahead_seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._prefetcher

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 100)


def ask(path: str, name: str, url: str, ahead_seconds: float = 0) -> str:
    """Ask X who the user of a login is."""
    clock = FastClock(ahead_seconds)
    limits = RateLimits(clock, 900, logging.getLogger("killable"))
    client = Client(requests.Session(), limits, Bounds(10), "tests")
    store = TokenStore(Path(path))
    login = store.get(name)
    assert login is not None
    credential = oauth2.oauth2_credential(login, store, url, client.post_form, clock=clock)
    try:
        answer = requests.get(f"{url}/2/users/me", auth=credential.auth, timeout=10)
        return str(body_of(answer, credential.hint)["data"]["id"])
    except TapError as error:
        return str(error)


def put(path: str, name: str, access_token: str) -> str:
    """Store a login."""
    TokenStore(Path(path)).put(Login(name=name, kind=AuthKind.OAUTH2, access_token=access_token))
    return "stored"


TASKS: dict[str, Callable[..., str]] = {"ask": ask, "put": put}


def die_at(line: int) -> None:
    """Kill this process before the nth line that it runs of the modules under test."""
    left = line

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(lambda frame, _, __: count if frame.f_code.co_filename in UNDER_TEST else None)


def started(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Start the process of a task.

    Returns:
        Waits for its end, and tells about it.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        if "die_at" in task:
            die_at(task["die_at"])
        os.write(writer, TASKS[task["do"]](**task["with"]).encode())
        os._exit(0)
    os.close(writer)
    return partial(ended, pid, reader, task.get("die_after"))


def ended(pid: int, reader: int, die_after: float | None) -> dict[str, Any]:
    if die_after is not None:
        time.sleep(die_after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"was_killed": status == -signal.SIGKILL, "status": status, "said": said}


if __name__ == "__main__":
    for line in sys.stdin:
        waits = [started(task) for task in json.loads(line)]
        print(json.dumps([wait() for wait in waits]), flush=True)  # noqa: T201 - the answer
