"""The posts of ads accounts that a run has read the list of, by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.streams.ads_pages import AdsPage


class AdsPosts:
    """What the lists of posts hold that streams have read to their ends in this run."""

    def __init__(self) -> None:
        self._begun: dict[str, set[int]] = {}
        self._complete: dict[str, Sequence[int]] = {}

    def note(self, account_id: str, page: AdsPage) -> None:
        """Take the posts of a page; those of a read that began in the middle do not count.

        Args:
            account_id: The ads account.
            page: The next page of its list, or the first one again.
        """
        if page.is_first:
            self._begun[account_id] = set()
        if (ids := self._begun.get(account_id)) is None:
            return
        ids.update(found for each in page.entries if (found := _id_of(each)) is not None)
        if page.cursor is None:
            self._complete[account_id] = sorted(self._begun.pop(account_id), reverse=True)

    def of(self, account_id: str) -> Sequence[int] | None:
        """The ids of all posts of an ads account, newest first; None if its list was not read."""
        return self._complete.get(account_id)


def _id_of(post: Mapping[str, Any]) -> int | None:
    """The id of a post, which X has sent in three forms."""
    found = (id_number(post.get(name)) for name in ("tweet_id", "id_str", "id"))
    return next((each for each in found if each is not None), None)
