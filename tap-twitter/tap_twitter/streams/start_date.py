"""The setting `start_date`: the oldest posts that streams read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.dates import start_of
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from logging import Logger


def start_date(config: Mapping[str, Any], now: datetime, logger: Logger) -> datetime | None:
    """The moment of the setting; None if it is not set. One in the future is warned of.

    Args:
        config: The settings of the tap.
        now: What an age such as `30 days ago` counts back from.
        logger: Takes the warning.

    Raises:
        SettingError: There is no such day or time.
    """
    given = config.get("start_date")
    start = start_of(given, now) if given else None
    if given and start is None:
        msg = f"Setting 'start_date' is {given}, which is not a calendar date or time."
        raise SettingError(msg)
    if start and start > now:
        logger.warning(
            "Setting 'start_date' is %s, which is in the future: no posts are read.", given
        )
    return start
