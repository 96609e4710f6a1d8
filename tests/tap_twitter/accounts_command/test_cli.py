"""How the command ends where something fails that nobody foresaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tap_twitter.accounts_command import session
from tap_twitter.accounts_command.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "sesame-5309"


@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize("kind", [ValueError, RecursionError, KeyError])
def test_what_nobody_foresaw_is_one_line(
    kind: type[Exception], level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind(SECRET)

    monkeypatch.setattr(session, "Session", fail)
    result = CliRunner().invoke(main, ["list"], env={"TAP_TWITTER_LOGLEVEL": level})

    assert (result.exit_code, result.stdout) == (1, "")
    *traceback, line = result.stderr.splitlines()
    assert line.startswith(f"Error: Unexpected error ({kind.__name__} at tap_twitter.")
    assert "; please report it with the log of TAP_TWITTER_LOGLEVEL=debug [docs/errors.md#" in line
    assert (traceback != []) == (level == "debug")
    assert SECRET not in result.stderr


def test_a_token_store_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["list", "--token-store", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert str(tmp_path) in result.stderr
    assert result.stderr.count("\n") == 1
