"""What ends a run, and where its summary goes."""

from __future__ import annotations

import inspect
import json
import logging
import signal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk import plugin_base, tap_base

from singer_plugin import UserError
from singer_plugin.command import EndedBySignalError
from singer_plugin.quiet_log import CHATTER, quiet
from singer_plugin.summary import Ending, Outcome, duration, publish, summarized

if TYPE_CHECKING:
    from pathlib import Path

LOGGER = logging.getLogger("some-plugin")


class Found:
    """A summary of two lines."""

    def as_text(self) -> str:
        return "Summary of a run\nsecond line"

    def as_json(self) -> dict[str, Any]:
        return {"outcome": "complete"}


@pytest.mark.parametrize(
    ("error", "outcome", "errors"),
    [
        (EndedBySignalError(signal.SIGTERM), Outcome.SIGNAL, []),
        (UserError("one\ntwo"), Outcome.FAILED, ["one", "two"]),
        (SystemExit(1), Outcome.FAILED, ["The run ended early; its log says why."]),
        (ValueError("a secret"), Outcome.FAILED, ["An unexpected error occurred (ValueError)."]),
    ],
    ids=["signal", "known", "exit", "unexpected"],
)
def test_a_summary_tells_what_ended_the_run(
    error: BaseException, outcome: Outcome, errors: list[str]
) -> None:
    seen: list[Ending] = []

    def summary(ending: Ending) -> Found:
        seen.append(ending)
        return Found()

    with pytest.raises(type(error)), summarized(summary, (UserError,), LOGGER, None):
        raise error
    (ending,) = seen
    assert (ending.outcome, ending.errors) == (outcome, errors)


def test_a_summary_is_one_record_with_its_figures(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    publish(Found(), LOGGER, None)
    (record,) = caplog.records
    assert record.message == "Summary of a run\nsecond line"
    assert record.__dict__["summary"] == {"outcome": "complete"}


def test_a_file_holds_the_summary_of_the_newest_run(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    for _ in range(2):
        publish(Found(), LOGGER, str(file))
    assert json.loads(file.read_text()) == {"outcome": "complete"}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["link.json", "link.jsonl", "folder"])
def test_a_place_that_is_no_file_is_left_alone(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "other").write_text("mine")
    for link in ("link.json", "link.jsonl"):
        (tmp_path / link).symlink_to(tmp_path / "other")
    publish(Found(), LOGGER, str(tmp_path / name))
    assert (tmp_path / "other").read_text() == "mine"
    (warning,) = (each for each in caplog.records if each.levelno == logging.WARNING)
    assert warning.message.startswith("Setting 'summary_file': the summary cannot be written to ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "0:01:00"), (90_000, "1 day, 1:00:00")],
    ids=["short", "seconds", "minute", "day"],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_chatter_is_what_the_sdk_logs() -> None:
    source = "".join(inspect.getsource(each) for each in (plugin_base, tap_base))
    joined = source.replace('"\n            "', "")
    assert [text for text in CHATTER if text not in joined] == []


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG], ids=["info", "debug"])
def test_chatter_is_logged_for_those_who_debug(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(f"chatty-{level}")
    quiet(logger)
    with caplog.at_level(level, logger.name):
        logger.info("Skipping deselected stream '%s'.", "x")
        logger.info("Something else.")
    shown = ["Skipping deselected stream 'x'."] if level == logging.DEBUG else []
    assert caplog.messages == [*shown, "Something else."]
