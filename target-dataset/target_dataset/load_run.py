"""What the sinks of a run share: datasets, commits, worker processes."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.helpers.capabilities import TargetLoadMethods

from dataset_store import open_store
from target_dataset.commits import Commits
from target_dataset.destinations import Datasets
from target_dataset.loads import Loads
from target_dataset.long_texts import LongTexts
from target_dataset.paced_loads import PacedLoads
from target_dataset.plugin import TargetPlugin
from target_dataset.staging import Staging
from target_dataset.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_dataset.mapping import Mapper

_SILENCE_AFTER_STATE_SECONDS: Final = 0.05


class LoadRun:
    """One run of the target.

    Args:
        config: The target's settings.
        maps: The stream maps.

    Attributes:
        maps: The stream maps.
        commits: Commits in the background.
        workers: Worker processes.
        staging: Rows that replace all others at the end.
        loads: What was written into each dataset.
    """

    def __init__(self, config: Mapping[str, Any], maps: Mapper) -> None:
        self._config = config
        self.maps = maps
        self.commits = Commits()
        self.workers = Workers(config["workers"])
        self.loads = Loads()
        self.staging = Staging(
            config["type_conflicts"],
            allow_empty=config["overwrite_empty"],
            on_commit=self.loads.add,
        )

    @cached_property
    def datasets(self) -> Datasets:
        """The datasets that receive the rows."""
        return Datasets(
            open_store(self._config["store"], self._config["store_options"]),
            schema=self._config.get("schema"),
            settings=self._config["datasets"],
            evolve=self._config.get("load_method") != TargetLoadMethods.OVERWRITE,
            conflicts=self._config["type_conflicts"],
        )

    @cached_property
    def paced(self) -> PacedLoads:
        """Rows that wait until the store allows the next commit."""
        wanted = self._config.get("commit_interval")
        wants = self.datasets.store.capabilities.commit_interval_seconds
        interval = float(wants if wanted is None else wanted)
        return PacedLoads(interval, self._config["type_conflicts"], self.loads.add)

    @cached_property
    def texts(self) -> LongTexts:
        """The policy for text that is too long for the store."""
        limit = self._config.get("max_string_length")
        most = self.datasets.store.capabilities.max_text_length
        return LongTexts(limit or most, self._config["long_strings"])

    def is_direct(self, stream: str) -> bool:
        """Whether a stream's records go unchanged to its sink, which also validates them."""
        return self.maps.is_identity(stream) and not self._config["add_record_metadata"]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Check the store before reading; wait for workers and the commit afterwards.

        So a run with an unusable store fails before the tap requests rows from its source. The
        workers are started first: opening a store starts threads.
        """
        with self.workers.running():
            self.datasets.store.check_writable()
            try:
                with self.workers.in_order():
                    yield
            finally:
                self.commits.wait()

    def idle_seconds(self, *, has_news: bool) -> float:
        """How long the input must be silent before the rows held back are committed.

        A tap that falls silent after a STATE has reached a safe point, and is probably waiting for
        its source: the sooner the STATE is emitted, the less is read again, and paid again, after a
        stop.

        Args:
            has_news: Whether there is a STATE that has not been emitted.
        """
        seconds = float(self._config["idle_flush_seconds"])
        if self.paced.is_waiting:
            return max(seconds, self.paced.seconds_left)
        is_soon = has_news and not self.staging.is_waiting
        return min(seconds, _SILENCE_AFTER_STATE_SECONDS) if is_soon else seconds


class LoadTarget(TargetPlugin):
    """A target whose sinks share a run.

    Attributes:
        run: The run.
    """

    run: LoadRun
