"""Streams with a partition for each list of X that the settings name."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.errors import MissingSettingError
from tap_twitter.streams.partitioned import PartitionedStream

if TYPE_CHECKING:
    from collections.abc import Iterable

LIST: Final = re.compile(
    r"(?:https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/i/lists/)?([0-9]{1,19})/?"
)
"""A list as people give it: its id, or its address on X."""


def list_ids(given: Iterable[str | int]) -> list[str]:
    """The ids of lists as the setting `lists` gives them, each once."""
    found = (LIST.fullmatch(str(each)) for each in given)
    return list(dict.fromkeys(each[1] for each in found if each))


class ListStream(PartitionedStream[DefaultPartition]):
    """A stream with a partition for each list of this run's shard, by the list's id.

    The group of settings with the stream's name has `lists`. Requests are made with the default
    credentials.
    """

    PARTITION_KEY = "list_id"

    @cached_property
    def subjects(self) -> list[DefaultPartition]:
        """The lists of this run's shard.

        Raises:
            MissingSettingError: The settings name no list.
        """
        ids = list_ids(self.config[self.name].get("lists") or ())
        if not ids:
            msg = f"Setting '{self.name}.lists' is empty: list the ids or addresses of lists."
            raise MissingSettingError(msg)
        asker, taken = self.run.accounts.default, filter(self.run.shard.takes, ids)
        return [DefaultPartition("list", each, asker, each) for each in taken]
