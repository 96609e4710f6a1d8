"""Shards: the partitions of all assets."""

from __future__ import annotations

import os
from dataclasses import dataclass

import dagster as dg

COUNT = int(os.environ.get("SHARDS", "4"))
"""How many shards a job has. Another number means other partitions, and a state anew for each."""


@dataclass(frozen=True)
class Shard:
    """Number `index`, from 0, of `count`."""

    index: int
    count: int

    @property
    def key(self) -> str:
        """The partition, such as `0-of-4`."""
        return f"{self.index}-of-{self.count}"

    @property
    def suffix(self) -> str:
        """The suffix of its state in Meltano."""
        return f"shard-{self.key}"

    @classmethod
    def from_key(cls, key: str) -> Shard:
        """The shard of a partition."""
        index, count = key.split("-of-")
        return cls(int(index), int(count))


SHARDS = dg.StaticPartitionsDefinition([Shard(index, COUNT).key for index in range(COUNT)])
