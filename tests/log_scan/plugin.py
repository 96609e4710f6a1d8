"""The pytest plugin: listens during each test, and judges when it is over.

It hears what this process logs at any level, what a test prints, what the tap and the target log in
processes of their own, what `commands` passes on of other processes, and what sandboxes of this
process answer. A test that has to show secrets says so with the marker `tells_secrets` and a reason.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from log_scan.leaks import leaks
from sandbox.eavesdropping import listening

if TYPE_CHECKING:
    from collections.abc import Generator

MARKER: Final = "tells_secrets"
TOOLS: Final = ("selenium", "hypothesis", "asyncio")
"""Loggers of what tests are made with."""

LIBRARIES: Final = ("oauthlib", "requests_oauthlib", "urllib3")
"""Loggers that tell secrets at the level DEBUG, unless a program silences them."""

WORDY: Final = ("singer_sdk.singerlib.catalog",)
"""Loggers that name each column of each catalog at the level DEBUG: nine lines of ten, and nothing else."""

BODIES_KEPT: Final = 100
LOG_CONFIG: Final = "SINGER_SDK_LOG_CONFIG"
"""Names a file with the logging of every program made with the SDK."""


class Ears(logging.Handler):
    """Keeps what is logged in this process."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        if record.name.partition(".")[0] not in TOOLS:
            self.lines.append(self.format(record))


class LogScan:
    """Scans the logs of each test.

    Args:
        folder: Where processes that tests start leave their logs.
    """

    def __init__(self, folder: Path) -> None:
        self._children = folder / "children.log"
        self._children.touch()
        self._ears = Ears()
        self._bodies: deque[bytes] = deque(maxlen=BODIES_KEPT)
        self._environment = pytest.MonkeyPatch()
        self._environment.setenv(LOG_CONFIG, str(_logging_config(folder, self._children)))

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Take no exemption without a reason."""
        for marker in item.iter_markers(MARKER):
            if [type(each) for each in marker.args] != [str]:
                msg = f"{item.nodeid}: the marker {MARKER} takes the reason, a text."
                raise pytest.UsageError(msg)

    def pytest_unconfigure(self) -> None:
        """Let the SDK log as before."""
        self._environment.undo()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Listen to a test from before its fixtures are made until they are gone."""
        self._ears.lines.clear()
        self._bodies.clear()
        os.truncate(self._children, 0)
        for name in LIBRARIES:  # a test before may have silenced them for good
            logging.getLogger(name).setLevel(logging.NOTSET)
        for name in WORDY:
            logging.getLogger(name).setLevel(logging.INFO)
        root = logging.getLogger()
        level = root.level
        root.addHandler(self._ears)
        root.setLevel(logging.DEBUG)
        try:
            with listening(self._bodies.append):
                return (yield)
        finally:
            root.setLevel(level)
            root.removeHandler(self._ears)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let a test fail in whose course something was told that must not be."""
        report = yield
        may_tell = item.get_closest_marker(MARKER) is not None
        if call.when == "teardown" and report.passed and not may_tell:
            printed = "\n".join(text for _, text in report.sections)
            logged = "\n".join([*self._ears.lines, self._children.read_text(), printed])
            if found := leaks(logged, self._bodies):
                report.outcome = "failed"
                report.longrepr = "\n".join(["The logs of this test hold:", *found])
        return report


def _logging_config(folder: Path, log: Path) -> Path:
    """What makes the SDK log into a file as well, besides the console as ever."""
    console: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": "console"}
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"console": {"()": "singer_sdk.logging.ConsoleFormatter"}},
        "handlers": {
            "console": console,
            "file": {**console, "class": "logging.FileHandler", "filename": str(log)},
        },
        "root": {"handlers": ["console", "file"]},
    }
    path = folder / "logging.json"
    path.write_text(json.dumps(config))
    return path


_folders: Final = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to scan."""
    config.addinivalue_line("markers", f"{MARKER}(reason): its logs may hold secrets, and why")
    config.stash[_folders] = tempfile.TemporaryDirectory(prefix="log-scan-")
    config.pluginmanager.register(LogScan(Path(config.stash[_folders].name)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    config.stash[_folders].cleanup()
