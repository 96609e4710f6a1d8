"""Commands that end in a line for each thing that went wrong."""

from __future__ import annotations

import logging

import pytest

from singer_plugin import UserError
from singer_plugin.command import PluginCommand


def test_an_error_of_several_lines_is_a_log_entry_for_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        msg = "one account failed\nanother account failed"
        raise UserError(msg)

    command = PluginCommand(
        name="tap",
        callback=fail,
        logger=logging.getLogger("tap.tests"),
        known_errors=(UserError,),
    )
    with pytest.raises(SystemExit) as ended:
        command.main([])
    assert ended.value.code == 1
    assert caplog.messages == ["one account failed", "another account failed"]
