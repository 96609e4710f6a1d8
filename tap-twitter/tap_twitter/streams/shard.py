"""Shards: several workers share one configuration, and each does its part of the work."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Shard:
    """This run's part of the work: number `index`, from 0, of `count`."""

    index: int = 0
    count: int = 1

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Shard:
        """Read the group `shard`.

        Raises:
            SettingError: The index is not below the count.
        """
        shard = cls(**config["shard"])
        if shard.index >= shard.count:
            msg = (
                f"Setting 'shard.index' is {shard.index}, but 'shard.count' is {shard.count}: "
                f"indexes run from 0 to {shard.count - 1}."
            )
            raise SettingError(msg)
        return shard

    def takes(self, key: str) -> bool:
        """Whether a key belongs to this run; every key has exactly one index of a count."""
        return self.count == 1 or zlib.crc32(key.encode()) % self.count == self.index
