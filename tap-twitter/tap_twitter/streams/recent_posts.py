"""The newest posts of accounts: bought once in a run, whichever streams need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import TIMELINE
from tap_twitter.cost.ledger import objects_of
from tap_twitter.errors import AccountError, UnreachableError
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.account import Account

MIN_PAGE: Final = 5
"""X gives no fewer posts a page (https://docs.x.com/x-api/posts/timelines/introduction)."""

MAX_EMPTY_PAGES: Final = 20
"""X gives empty pages in between; after so many in a row it leads nowhere."""

MAX_REPEATED_PAGES: Final = 2
"""X was seen to lead from a page to itself, for ever; once may be a fault of the moment."""


REPEATED: Final = (
    "X returns the same page of posts repeatedly, and nothing below it. What was new is kept; the "
    "next run resumes here."
)


@dataclass(slots=True)
class _Newest:
    """What is known of an account's newest posts.

    Attributes:
        ids: Newest first.
        page: X's token of the page that follows; None where other streams have bought the ids, or
            nobody anything yet.
        is_whole: Whether the account has no others, or as many as X gives.
        empty_pages: How many pages in a row, the last ones, had no posts.
        repeated_pages: How many in a row, the last ones, had known posts alone.
    """

    ids: list[str] = field(default_factory=list)
    page: str | None = None
    is_whole: bool = False
    empty_pages: int = 0
    repeated_pages: int = 0


class RecentPosts:
    """The newest posts of each account, without reposts."""

    def __init__(self) -> None:
        self._newest: dict[str, _Newest] = {}

    def note(self, account_id: str, ids: Sequence[str], *, is_whole: bool) -> None:
        """Take over what a stream has bought for itself.

        Args:
            account_id: Whose posts.
            ids: Of all posts of the account from its newest on, newest first, without reposts.
            is_whole: Whether the account has no others.
        """
        known = self._newest.get(account_id)
        if known is None or len(known.ids) <= len(ids):
            self._newest[account_id] = _Newest(list(ids), is_whole=is_whole)

    def knows(self, account_id: str, count: int) -> bool:
        """Whether so many of an account's newest posts, or all, are bought already."""
        newest = self._newest.get(account_id)
        return newest is not None and (newest.is_whole or len(newest.ids) >= count)

    def recent(self, requester: Requester, account: Account, count: int) -> tuple[str, ...] | None:
        """The ids of an account's newest posts, newest first; fewer where there are no more.

        None where the budget of the run ends before the first of them is bought.

        Args:
            requester: Who asks, and has it on the bill.
            account: Whose posts; its id is known.
            count: How many, unless the budget ends before.

        Raises:
            TapError: X does not give them.
        """
        newest = self._newest.setdefault(str(account.user_id), _Newest())
        while len(newest.ids) < count and not newest.is_whole:
            missing = min(count - len(newest.ids), TIMELINE.per_request)
            wanted = requester.affordable(TIMELINE, max(missing, MIN_PAGE), account)
            if wanted < MIN_PAGE and not newest.ids:
                return None
            if wanted < MIN_PAGE:
                requester.logger.warning(
                    "The budget of the run is used up: '%s' reads %d of the %d recent posts of "
                    "account '%s'.",
                    requester.stream_name,
                    len(newest.ids),
                    count,
                    account.name,
                )
                break
            body = requester.fetch_worded(
                TIMELINE, partial(_parameters, wanted, newest), dict, account
            )
            _add(newest, body)
        return tuple(newest.ids[:count])


def _parameters(count: int, newest: _Newest, _: Vocabulary) -> dict[str, str]:
    """Ask for what lies below the posts that are known, whoever has bought them."""
    parameters = {"max_results": str(count), "exclude": "retweets"}
    if newest.page:
        return {**parameters, "pagination_token": newest.page}
    return {**parameters, "until_id": newest.ids[-1]} if newest.ids else parameters


def _add(newest: _Newest, body: dict[str, Any]) -> None:
    """Take over an answer.

    Raises:
        AccountError: X gives no posts of the account at all.
        UnreachableError: It leads from page to page without any.
    """
    posts, meta = list(objects_of(body)), body.get("meta")
    if not (posts or newest.ids) and body.get("errors"):
        msg = (
            "X gives no posts of the account, which is suspended, protected or missing: connect "
            "it, or remove it from 'accounts'."
        )
        raise AccountError(msg)
    numbers = (id_number(post.get("id")) for post in posts)
    others = [str(each) for each in numbers if each is not None and str(each) not in newest.ids]
    newest.ids.extend(others)
    newest.empty_pages = 0 if posts else newest.empty_pages + 1
    newest.repeated_pages = newest.repeated_pages + 1 if posts and not others else 0
    newest.page = text(meta.get("next_token")) if isinstance(meta, dict) else None
    newest.is_whole = newest.page is None
    if newest.is_whole:
        return
    if newest.repeated_pages >= MAX_REPEATED_PAGES:
        raise UnreachableError(REPEATED)
    if newest.empty_pages > MAX_EMPTY_PAGES:
        msg = (
            f"X returned {newest.empty_pages} pages in a row without any other posts of the "
            "account. The next run asks again."
        )
        raise UnreachableError(msg)
