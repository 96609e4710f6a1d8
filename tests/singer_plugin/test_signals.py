"""Signals that strike at any place of a run."""

from __future__ import annotations

import io
import logging
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator


class Struck(io.RawIOBase):
    """A file that a signal strikes while it is written for the first time."""

    signum: signal.Signals | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        signum, self.signum = self.signum, None
        if signum:
            signal.raise_signal(signum)
        return len(bytes(data))  # type: ignore[call-overload]


@pytest.fixture
def struck() -> Iterator[Struck]:
    file = Struck()
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield file
    for each, handler in handlers.items():
        signal.signal(each, handler)


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
def test_a_signal_that_strikes_while_a_line_is_logged_ends_the_run(
    signum: signal.Signals, code: int, struck: Struck, monkeypatch: pytest.MonkeyPatch
) -> None:
    TapTwitter(config={"auth": {"bearer_token": "unused"}}, setup_mapper=False)
    stream = io.TextIOWrapper(io.BufferedWriter(struck), write_through=True)
    logger = logging.getLogger("tap-twitter")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    monkeypatch.setattr(sys, "stderr", stream)
    struck.signum = signum
    try:
        with pytest.raises(SystemExit) as ended:
            logger.warning("waiting")
    finally:
        logger.removeHandler(handler)
    assert ended.value.code == code
