from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from sandbox import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome
    from support.s3_server import S3Server

pytest_plugins = ["log_scan.plugin", "support.time_limits"]

# machines that are busy with other tests are slow for no fault of ours
settings.register_profile("same", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")


# what a shell runs in the background ignores Ctrl-C, and so would the commands that tests start
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(50_000, 20, 100)
gc.disable()  # until thousands of tests are collected, which are no garbage


def pytest_collection_finish() -> None:
    """Exempt what was imported and collected from garbage collection: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_xdist_auto_num_workers() -> int | None:
    """As many workers as the machine runs at a time: with more, targets that are killed are late."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return len(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """The options of the sandbox; files and folders of tests that need others override this."""
    return {}


@pytest.fixture(scope="module")
def running_sandbox(sandbox_options: dict[str, Any]) -> Iterator[Sandbox]:
    """A local X server that the tests of a file share, since starting one takes a while."""
    with running(**sandbox_options) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """A headless Chromium that the tests of a file share; without one they are skipped."""
    from support.browsers import NoBrowserError, chromium

    try:
        with chromium() as chrome:
            yield chrome
    except NoBrowserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server with an empty bucket; each test takes a prefix of its own."""
    from support.s3_server import running_s3

    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def sail_server(s3_server: S3Server) -> Iterator[str]:
    """A real Spark Connect server that reads local tables and those of the S3 server."""
    from support.sail_server import running_sail, s3_environment

    with running_sail(s3_environment(s3_server)) as address:
        yield address


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A local X server, as good as new; a test that leaves requests under way takes its own."""
    running_sandbox.reset()
    return running_sandbox
