"""The pytest plugin: makes the time limit of a test end whatever the test waits for.

pytest-timeout interrupts a test once, and never after it has failed. What waits then, in a `finally`
or in a fixture, for a process, a thread or a client would wait for ever. Here, an interruption kills
the processes that were started since the test began, comes again as long as the test lasts, and
comes to fixtures that are taken down after a failure as well.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest

from support import forking

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType

AGAIN_SECONDS: Final = 20.0
"""Until a test that goes on after an interruption is interrupted again."""

CLEANUP_SECONDS: Final = 60.0
"""The limit for what is taken down after a failure."""

_TICK_SECONDS: Final = 0.01
_BOOTED: Final[float] = psutil.boot_time()
_limits: Final = pytest.StashKey[tuple[float, Any]]()
_is_running: Final = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> Generator[None, object, object]:
    """Kill processes at the time limit, and interrupt again and again."""
    result = yield
    interrupt = signal.getsignal(signal.SIGALRM)
    if settings.method == "signal" and callable(interrupt):
        begun, _ = item.stash.setdefault(_limits, (_now(), settings))

        def handle(number: int, frame: FrameType | None) -> None:
            _kill_processes(begun)
            if item.stash.get(_is_running, False):  # pytest itself must not be interrupted
                interrupt(number, frame)

        signal.signal(signal.SIGALRM, handle)
        again = min(AGAIN_SECONDS, settings.timeout)
        signal.setitimer(signal.ITIMER_REAL, settings.timeout, again)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> Generator[None]:
    """Limit the time of what follows a failure, at which pytest-timeout ends the limit."""
    yield
    if limits := node.stash.get(_limits, None):
        _, settings = limits
        rest = settings._replace(timeout=min(CLEANUP_SECONDS, settings.timeout))
        node.config.hook.pytest_timeout_set_timer(item=node, settings=rest)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Let fixtures be interrupted."""
    with _interruptible(item):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Let the test be interrupted."""
    with _interruptible(item):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Let fixtures that are taken down be interrupted."""
    with _interruptible(item):
        yield


@contextmanager
def _interruptible(item: pytest.Item) -> Iterator[None]:
    item.stash[_is_running] = True
    try:
        yield
    finally:
        item.stash[_is_running] = False


def _kill_processes(begun: float) -> None:
    """Kill what this process and its children have started since a time on psutil's clock."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.create_time() >= begun and process.pid not in forking.forkers():
                process.kill()


def _now() -> float:
    """The time on the clock by which psutil says when a process was created."""
    if hasattr(time, "CLOCK_BOOTTIME"):  # as on Linux, where psutil rounds the time of the start
        return _BOOTED + time.clock_gettime(time.CLOCK_BOOTTIME) - _TICK_SECONDS
    return time.time()
