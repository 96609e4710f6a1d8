"""Pages of a list of X's Ads API, by cursors.

Source: https://docs.x.com/x-ads-api/fundamentals/pagination.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.fields import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account


class AdsPage(NamedTuple):
    """A page of a list.

    Attributes:
        entries: The objects on it.
        cursor: What the next page is requested with; None on the last one.
        is_first: Whether the list begins with it.
    """

    entries: Sequence[dict[str, Any]]
    cursor: str | None
    is_first: bool


def read_pages(
    requester: Requester,
    endpoint: Endpoint,
    params: Mapping[str, str],
    account: Account,
    cursor: str | None = None,
) -> Iterator[AdsPage]:
    """Request page after page, each once the page before was taken.

    A cursor of an earlier run may be dead. Then the list is read from its beginning.

    Args:
        requester: Who asks.
        endpoint: The list.
        params: The same for all pages: a cursor holds for them alone.
        account: Whom it is about, or in whose name it is asked.
        cursor: Where an earlier run has stopped; None for the beginning.

    Raises:
        TapError: X does not give a page.
    """
    seen: set[str] = set()
    is_resumed = cursor is not None

    def read(body: Mapping[str, Any]) -> AdsPage:
        following = body.get("next_cursor") or None
        if following is not None and (not isinstance(following, str) or following in seen):
            msg = "X's answer leads back to a page that was read."
            raise TransientError(msg)
        return AdsPage(list(objects(body.get("data"))), following, is_first=cursor is None)

    while True:
        seen.update({cursor} if cursor else ())
        asked = {**params, "cursor": cursor} if cursor else params
        try:
            page = requester.fetch(endpoint, asked, read, account)
        except InvalidRequestError as error:
            if not (is_resumed and "cursor" in error.refusals):
                raise
            is_resumed, cursor = False, None
            continue
        is_resumed = False
        yield page
        if page.cursor is None:
            return
        cursor = page.cursor
