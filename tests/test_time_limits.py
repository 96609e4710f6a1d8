"""A test that hangs ends at its time limit, whatever it waits for, and leaves no process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
from support.commands import ROOT

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]

HANGING = """
import subprocess
import threading

import pytest

from support.processes import Popen

limited = pytest.mark.timeout(0.5)
SLEEP = ["sleep", "987654"]


@limited
def test_a_block_of_a_process():
    with subprocess.Popen(SLEEP):
        pytest.fail("now the block waits")


@limited
def test_a_block_that_kills():
    with Popen(SLEEP) as process:
        pytest.fail("now the block kills")


@limited
def test_a_thread_that_waits_for_a_process():
    thread = threading.Thread(target=subprocess.Popen(SLEEP).wait)
    thread.start()
    try:
        threading.Event().wait()
    finally:
        thread.join()


@limited
def test_one_wait_after_the_other():
    try:
        threading.Event().wait()
    finally:
        threading.Event().wait()


@pytest.fixture
def hanging():
    yield
    threading.Event().wait()


@limited
def test_a_fixture_that_is_taken_down(hanging):
    pass


@limited
def test_a_fixture_that_is_taken_down_after_a_failure(hanging):
    pytest.fail("now the fixture waits")


def test_the_next():
    pass
"""


def test_whatever_hangs_ends(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    pytester.makepyfile(HANGING)
    done = pytester.runpytest_subprocess("-p", "support.time_limits", timeout=60)
    done.assert_outcomes(passed=2, failed=5, errors=2)
    running = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    assert [words for words in running if "987654" in words] == []
