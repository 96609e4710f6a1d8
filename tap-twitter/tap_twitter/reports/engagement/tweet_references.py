"""References to posts in the setting `engagement.tweets`: ids, or the addresses of posts."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from tap_twitter.accounts.entries import LOST, check_rounded
from tap_twitter.errors import SettingError
from tap_twitter.objects.pasted_text import RoundedIds, cleaned, is_float

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger("tap-twitter.engagement")

SETTING: Final = "engagement.tweets"
MAX_TWEETS: Final = 100

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:(?:www|m|mobile)\.)?(?:x|twitter)\.com/(?:#!/)?(?:i/web|i|@?\w{1,15})/status(?:es)?/"
    r"(?P<id>\d+)(?:[/?#]\S*)?",
    re.ASCII | re.IGNORECASE,
)
MAX_ID: Final = 2**63 - 1
SEPARATORS: Final = re.compile(r"[\s,;]+")


def tweet_ids(value: str | Sequence[str | int] | None) -> tuple[str, ...]:
    """Read the setting: a list, or one text separated by blanks, commas or semicolons.

    Returns:
        The ids, each once, in the order in which they were given.

    Raises:
        SettingError: There are none, more than 100, or one that is neither an id nor an address.
    """
    given = filter(None, SEPARATORS.split(value)) if isinstance(value, str) else value
    values = [cleaned(str(each)) for each in given or []]
    found = dict.fromkeys(_tweet_id(each, at) for at, each in enumerate(values))
    if not found:
        msg = (
            f"Setting '{SETTING}' names no posts: list their ids or addresses, or set "
            "'engagement.tweet_selection' to 'recent'."
        )
        raise SettingError(msg)
    if len(found) > MAX_TWEETS:
        msg = f"Setting '{SETTING}' takes at most {MAX_TWEETS} posts; it has {len(found)}."
        raise SettingError(msg)
    rounded = RoundedIds()
    for each in values:
        rounded.add(each)
    check_rounded(rounded, SETTING, "https://x.com/i/status/20", logger)
    return tuple(found)


def _tweet_id(text: str, at: int) -> str:
    if is_float(text):
        msg = f"Setting '{SETTING}[{at}]' is not a post: {LOST}"
        raise SettingError(msg)
    match = ADDRESS.fullmatch(text)
    digits = match["id"] if match else text
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits) <= MAX_ID):
        msg = (
            f"Setting '{SETTING}[{at}]' is neither the id of a post (1 to 19 digits) nor its "
            "address, such as https://x.com/user/status/20."
        )
        raise SettingError(msg)
    return str(int(digits))
