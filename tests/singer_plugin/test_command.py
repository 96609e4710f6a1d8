"""Commands that end in a line for each thing that went wrong."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from singer_plugin import UserError
from singer_plugin.command import PluginCommand

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "sesame-5309"


def ended(fail: Callable[[], None]) -> int | str | None:
    """The exit code of a command that fails."""
    command = PluginCommand(
        name="tap-x",
        callback=fail,
        logger=logging.getLogger("tap.tests"),
        known_errors=(UserError,),
    )
    with pytest.raises(SystemExit) as exit_:
        command.main([])
    return exit_.value.code


def test_an_error_of_several_lines_is_a_log_entry_for_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        msg = "one account failed\nanother account failed"
        raise UserError(msg)

    assert ended(fail) == 1
    assert caplog.messages == ["one account failed", "another account failed"]


class Panic(BaseException):
    """As extensions in Rust raise: no `Exception`."""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (ValueError, "Unexpected error (ValueError at "),
        (KeyError, "Unexpected error (KeyError at "),
        (RecursionError, "Unexpected error (RecursionError at "),
        (Panic, "Unexpected error (Panic at "),
        (MemoryError, "Memory ran out (MemoryError at "),
    ],
)
def test_what_nobody_foresaw_is_one_line_without_the_text_of_the_error(
    kind: type[BaseException], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        try:
            int(SECRET)
        except ValueError as cause:
            raise kind(SECRET) from cause

    caplog.set_level(logging.DEBUG)
    assert ended(fail) == 1
    traceback, line = caplog.records
    assert line.levelno == logging.ERROR
    assert line.getMessage().startswith(told)
    assert "\n" not in line.getMessage()
    assert traceback.levelno == logging.DEBUG
    assert __file__ in traceback.getMessage()
    assert "ValueError" in traceback.getMessage()
    assert SECRET not in caplog.text


def test_the_line_says_how_to_see_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError

    ended(fail)
    [line] = caplog.messages
    assert line.endswith(
        "; please report it with the log of TAP_X_LOGLEVEL=debug [docs/errors.md#unexpected-errors]"
    )
