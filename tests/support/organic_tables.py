"""What the organic streams leave in datasets, run after run."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from dataset_store import open_store
from support.organic import OrganicRuns
from support.singer_messages import Loaded, lines
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

DAY = 86_400


class Tables(OrganicRuns):
    """Runs of the tap into datasets, a day apart."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        super().__init__(sandbox, folder)
        self.target: dict[str, Any] = {"store": str(folder / "datasets")}

    def load(self, streams: str, *accounts: str, **settings: Any) -> Tables:
        """Run streams into the target, as far as the tap comes; the next day begins."""
        try:
            self.run(streams, *accounts, **settings)
        finally:
            sent = [json.dumps(each, default=str) for each in self.messages.all]
            TargetDataset(config=self.target).listen(io.StringIO(lines(sent)))
            self.sandbox.clock.advance(DAY)
        return self

    def held(self, stream: str, **values: Any) -> list[dict[str, Any]]:
        """The stored rows with these values."""
        rows = Loaded(open_store(self.target["store"]), []).rows(stream)
        return [row for row in rows if values.items() <= row.items()]

    def deleted(self, stream: str) -> set[str]:
        """The ids of the rows that are marked as deleted."""
        key = "id" if stream == "tweet" else "tweet_id"
        return {row[key] for row in self.held(stream) if row["_sdc_deleted_at"]}

    @property
    def activated(self) -> list[str]:
        """The streams whose rows the last run has declared complete."""
        return [each["stream"] for each in self.messages.all if each["type"] == "ACTIVATE_VERSION"]
