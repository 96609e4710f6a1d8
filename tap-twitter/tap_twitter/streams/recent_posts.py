"""The newest posts of accounts: bought once in a run, whichever streams need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tap_twitter.api.endpoints.v2 import TIMELINE
from tap_twitter.cost.ledger import objects_of
from tap_twitter.errors import AccountError
from tap_twitter.streams.pages import TOKEN, PagedRead, Source
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account


@dataclass(slots=True)
class _Newest:
    """What is known of an account's newest posts.

    Attributes:
        ids: Newest first.
        token: X's token of the page that follows; None where other streams have bought the ids, or
            nobody anything yet.
        is_whole: Whether the account has no others, or as many as X gives.
    """

    ids: list[str] = field(default_factory=list)
    token: str | None = None
    is_whole: bool = False


class _IdsPage(NamedTuple):
    """The ids of the posts on a page, and X's token of the page that follows."""

    ids: Sequence[int]
    next_token: str | None


class _TimelineRead(PagedRead[_IdsPage]):
    """Reads what lies below the posts that are known, whoever has bought them.

    Args:
        source: What is read; `most` is the number of posts wanted.
        newest: What is known; it grows page by page.
    """

    def __init__(self, source: Source, newest: _Newest) -> None:
        super().__init__(source)
        self.token = newest.token
        self._newest = newest

    @property
    def wanted(self) -> int:
        """The number of posts that the next page should have."""
        return min(self._missing, self.source.endpoint.per_request)

    @property
    def position(self) -> int:
        """The number of posts that are missing."""
        return self._missing

    @property
    def is_done(self) -> bool:
        """Whether enough posts are known, or all."""
        return self._newest.is_whole or self._missing <= 0

    def request(self, size: int) -> _IdsPage:
        """Request the next page.

        Raises:
            AccountError: X gives no posts of the account at all.
        """
        source, ids = self.source, self._newest.ids
        params = {"max_results": str(size), "exclude": "retweets"}
        if self.token:
            params[TOKEN] = self.token
        elif ids:
            params["until_id"] = ids[-1]
        body = source.requester.fetch_worded(source.endpoint, lambda _: params, dict, source.part)
        posts, meta = list(objects_of(body)), body.get("meta")
        if not (posts or ids) and body.get("errors"):
            msg = (
                "X gives no posts of the account, which is suspended, protected or missing: "
                "connect it, or remove it from 'accounts'."
            )
            raise AccountError(msg)
        numbers = [each for post in posts if (each := id_number(post.get("id"))) is not None]
        return _IdsPage(numbers, text(meta.get("next_token")) if isinstance(meta, dict) else None)

    def read(self) -> None:
        """Take over page after page.

        Raises:
            TapError: X does not give them.
        """
        for page in self.pages():
            known = set(self._newest.ids)
            self._newest.ids += [str(each) for each in page.ids if str(each) not in known]
            self.token = self._newest.token = page.next_token
            self._newest.is_whole = page.next_token is None

    @property
    def _missing(self) -> int:
        assert self.source.most is not None
        return self.source.most - len(self._newest.ids)


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
        read = _TimelineRead(Source(requester, TIMELINE, account, most=count), newest)
        read.read()
        if read.is_stopped and not newest.ids:
            return None
        if read.is_stopped:
            requester.warn_of_budget(
                f"'{requester.stream_name}' reads {len(newest.ids)} of the {count} recent posts "
                f"of account '{account.name}'."
            )
        return tuple(newest.ids[:count])
