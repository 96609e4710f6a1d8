"""Each kind of limit that the sandbox knows, as a whole run meets it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages, make_dataset, selecting, tap_config
from support.sandbox_clock import SandboxClock

from sandbox import running
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
USERS = 450
DAY = 86_400.0


def run(
    sandbox: Sandbox, store: Path, state: dict[str, Any] | None = None, **api: Any
) -> tuple[Messages, SandboxClock, str]:
    """A run: its messages, its clock, and what it failed with."""
    config = tap_config(sandbox, store)
    config["api"] |= api
    messages, clock = Messages(), SandboxClock(sandbox)
    catalog = selecting(config, ["users_lookup"])
    tap = TapTwitter(config=config, state=deepcopy(state), catalog=catalog, message_writer=messages)
    tap.run_context.clock = clock
    try:
        tap.run()
    except RunError as error:
        return messages, clock, str(error)
    return messages, clock, ""


@pytest.mark.parametrize(
    ("limits", "most_seconds", "refused"),
    [
        ({"/2/users:user:second": 1}, 10, 5),
        ({"/2/users:user": 2}, 2 * 901, 0),
        ({"/2/users:user:day": 3}, DAY + 1, 0),
        ({"/2/users:app:day": 3}, DAY + 1, 0),
        ({"/2/users:user:second": 1, "/2/users:user": 4}, 901 + 10, 6),
        ({"/2/users:user:day": 4, "/2/users:user": 2}, DAY + 902, 0),
    ],
    ids=["second", "window", "users-day", "apps-day", "second-and-window", "day-and-window"],
)
def test_limits_that_pass_are_waited_for_no_longer_than_they_last(
    tmp_path: Path, limits: dict[str, int], most_seconds: float, refused: int
) -> None:
    with running(clock_start=START, clock_ticking=False, limits=limits) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(USERS, "found")})
        messages, clock, failure = run(sandbox, tmp_path, max_wait_seconds=90_000)
        assert (failure, len(messages.records)) == ("", USERS)
        assert sum(entry.status == 429 for entry in sandbox.requests) <= refused
        assert sum(clock.slept) <= most_seconds
        assert sandbox.bill.total.gross_objects == USERS


def a_day_later(sandbox: Sandbox) -> None:
    sandbox.clock.advance(DAY)


def more_credits(sandbox: Sandbox) -> None:
    sandbox.account.set(balance_usd=100)


def a_higher_cap(sandbox: Sandbox) -> None:
    sandbox.account.set(spend_cap_usd=100)


@pytest.mark.parametrize(
    ("options", "failure", "hint"),
    [
        ({"limits": {"/2/users:user:day": 2}}, "24-hour limit of the user", a_day_later),
        ({"limits": {"/2/users:app:day": 2}}, "24-hour limit of the app", a_day_later),
        ({"credits_usd": 2.0}, "buy credits in the developer console", more_credits),
        ({"spend_cap_usd": 2.0}, "spending limit of this X account", a_higher_cap),
    ],
    ids=["users-day", "apps-day", "credits", "spending-limit"],
)
def test_limits_that_do_not_pass_end_the_run_with_its_state(
    tmp_path: Path, options: dict[str, Any], failure: str, hint: Any
) -> None:
    with running(clock_start=START, clock_ticking=False, **options) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(USERS, "found")})
        first, clock, said = run(sandbox, tmp_path)
        assert failure in said
        assert "\n" not in said
        assert (len(first.records), clock.slept) == (200, [])
        hint(sandbox)
        second, _, said = run(sandbox, tmp_path, first.states[-1], max_wait_seconds=90_000)
        assert said == ""
        asked = [row["requested_id"] for row in [*first.records, *second.records]]
        assert len(asked) == len(set(asked)) == USERS
        assert sandbox.bill.total.gross_objects == USERS
