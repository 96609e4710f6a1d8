"""States that an orchestrator merges, and states of an earlier build: each stream resumes from them."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from meltano.core.utils import merge
from support.state_jobs import SANDBOX, STREAMS, kept, run_job

if TYPE_CHECKING:
    from pathlib import Path

    from support.harness import Messages

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return SANDBOX


class Run(NamedTuple):
    """What a run of a job wrote, and what it requested."""

    messages: Messages
    asked: list[Any]

    @property
    def states(self) -> list[dict[str, Any]]:
        return self.messages.states


class Runs:
    """Runs of the job of a stream, each in a world as good as new: equal ones are run once."""

    def __init__(self, sandbox: Sandbox, folder: Path, stream: str) -> None:
        self._sandbox, self._folder, self._stream = sandbox, folder, stream
        self._done: dict[str, Run] = {}

    def run(self, state: dict[str, Any] | None = None, requests: int | None = None) -> Run:
        key = json.dumps([state, requests])
        if key not in self._done:
            self._sandbox.reset()
            messages = run_job(self._sandbox, self._folder, self._stream, state, requests)
            asked = [(each.path, each.params) for each in self._sandbox.requests]
            self._done[key] = Run(messages, asked)
        return self._done[key]


@pytest.fixture(scope="module", params=STREAMS)
def stream(request: pytest.FixtureRequest) -> str:
    """Each stream; the tests of one follow each other, and share its runs."""
    return str(request.param)


@pytest.fixture(scope="module")
def runs(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, stream: str) -> Runs:
    return Runs(running_sandbox, tmp_path_factory.mktemp("runs"), stream)


def merged(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """A state over an older one, as Meltano stores it."""
    state: dict[str, Any] = merge(deepcopy(new), deepcopy(old))  # type: ignore[no-untyped-call]
    return state


def told(run: Run) -> list[dict[str, Any]]:
    """The rows without the columns that tell when they were read."""
    times = {"looked_up_at", "read_at"}
    return [
        {name: value for name, value in row.items() if name not in times}
        for row in run.messages.records
    ]


def test_a_state_merged_over_an_older_one_is_the_newer_one(runs: Runs, stream: str) -> None:
    stopped_after, old = kept(stream)["stopped"]["requests"], kept(stream)
    stopped = runs.run(requests=stopped_after)
    finished = runs.run(stopped.states[-1])
    sooner = runs.run(requests=max(1, stopped_after - 1))
    states = [*stopped.states, *finished.states, *sooner.states]
    older = [{}, old["finished"], old["stopped"]["state"], *states]
    for new, before in product(states, older):
        assert merged(new, before)["bookmarks"][stream] == new["bookmarks"][stream]


def test_a_state_of_an_earlier_build_resumes_where_it_stood(runs: Runs, stream: str) -> None:
    stopped = runs.run(requests=kept(stream)["stopped"]["requests"])
    own = runs.run(stopped.states[-1])
    resumed = runs.run(kept(stream)["stopped"]["state"])
    assert told(resumed) == told(own)
    assert resumed.asked == own.asked


def test_a_finished_state_of_an_earlier_build_buys_no_more_than_ones_own(
    runs: Runs, stream: str
) -> None:
    own = runs.run(runs.run().states[-1])
    again = runs.run(kept(stream)["finished"])
    assert told(again) == told(own)
    assert again.asked == own.asked


def test_every_stream_has_states_of_an_earlier_build() -> None:
    for stream in STREAMS:
        assert json.dumps(kept(stream)["finished"]).count(stream) >= 1
