"""Small syncs that are disturbed: real tap and real target in this process, without waits."""

from __future__ import annotations

import fnmatch
import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dataset_store import open_store
from support.harness import USER_AUTH, Messages, make_dataset, rows, selecting, tap_config
from tap_twitter.errors import RunError, TapError
from tap_twitter.tap import TapTwitter
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox import Sandbox

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Job:
    """A sync that is disturbed.

    Attributes:
        streams: What it reads, in words.
        auth: How X is asked.
        settings: More of the tap's.
        people: How many users are looked up.
        moving: Columns that depend on when a row was read, with `*` for anything.
        ads: How the sandbox's Ads API behaves.
    """

    streams: str
    auth: Mapping[str, str] = field(default_factory=lambda: USER_AUTH)
    settings: Mapping[str, Any] = field(default_factory=dict)
    people: int = 1
    moving: tuple[str, ...] = ()
    ads: Mapping[str, Any] = field(default_factory=dict)


class StandingClock:
    """Skips waits: they pass for the tap and for X's windows, while the world stands still.

    Args:
        sandbox: With a clock that stands still.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._skipped = timedelta()

    def now(self) -> datetime:
        return self._sandbox.clock.now() + self._skipped

    def sleep(self, seconds: float) -> None:
        self._skipped += timedelta(seconds=seconds)
        self._sandbox.limits.reset()
        self._sandbox.engagement.reset()
        self._sandbox.ads.limits.reset()


class Sync:
    """A job with a store and a state of its own.

    Args:
        job: What it does.
        sandbox: Whom it asks.
        store: Takes its datasets.
    """

    def __init__(self, job: Job, sandbox: Sandbox, store: Path) -> None:
        self._job, self._sandbox, self._store = job, sandbox, store
        ids = sandbox.world.sample_ids(job.people)
        make_dataset(store, "people", {"user_id": ids})
        self.config = tap_config(sandbox, store, auth=job.auth)
        for name, value in job.settings.items():
            group = self.config.get(name)
            self.config[name] = {**group, **value} if group else value
        self.state: dict[str, Any] | None = None

    def run(self) -> bool:
        """Tap and target in this process; gives whether the tap succeeded."""
        messages, target_output = Messages(), io.StringIO()
        catalog = selecting(self.config, self._job.streams.split())
        tap = TapTwitter(
            config=self.config, state=self.state, catalog=catalog, message_writer=messages
        )
        tap.run_context.clock = StandingClock(self._sandbox)
        try:
            tap.run()
            succeeded = True
        except (RunError, TapError):
            succeeded = False
        written = "".join(f"{json.dumps(each, default=str)}\n" for each in messages.all)
        with redirect_stdout(target_output):
            TargetDataset(config={"store": str(self._store)}).listen(io.StringIO(written))
        if states := target_output.getvalue().splitlines():
            self.state = json.loads(states[-1])
        return succeeded

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What the datasets hold, without what depends on when it was read."""
        named = {info.name: info.id for info in open_store(str(self._store)).list()}
        return {name: rows(self._store, named[name], self._moving(named[name])) for name in named}

    def _moving(self, dataset_id: str) -> list[str]:
        names = open_store(str(self._store)).open(dataset_id).schema.names
        return [name for pattern in self._job.moving for name in fnmatch.filter(names, pattern)]


@dataclass(frozen=True)
class Outcome:
    """How a job has ended.

    Attributes:
        rows: By dataset.
        requests: To X.
        objects: That X has counted.
    """

    rows: dict[str, list[dict[str, Any]]]
    requests: int
    objects: int


def undisturbed(job: Job, sandbox: Sandbox, store: Path, moment: datetime = START) -> Outcome:
    """Run a job at a moment."""
    sandbox.reset()
    sandbox.ads.set(**job.ads)
    sandbox.clock.set(moment)
    sync = Sync(job, sandbox, store)
    assert sync.run()
    return _outcome(sync, sandbox)


def disturbed(job: Job, sandbox: Sandbox, store: Path, **fault: Any) -> Outcome:
    """Run a job with a fault, and once more where that makes it fail, with new credentials."""
    sandbox.reset()
    sandbox.ads.set(**job.ads)
    sync = Sync(job, sandbox, store)
    sandbox.faults.add(**fault)
    if not sync.run():
        hint(sandbox)
        assert sync.run(), f"The run after {fault} fails, too"
    return _outcome(sync, sandbox)


def hint(sandbox: Sandbox) -> None:
    """What a user does about faults that stay, and about credentials that X refuses."""
    sandbox.faults.clear()
    sandbox.tokens.reset()
    sandbox.grants.reset()


def _outcome(sync: Sync, sandbox: Sandbox) -> Outcome:
    return Outcome(sync.rows(), len(sandbox.requests), sandbox.bill.total.gross_objects)
