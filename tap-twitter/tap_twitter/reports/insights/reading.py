"""Reading an account's posts: which, in which parts, and how far the budget goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.objects.post_columns import is_repost
from tap_twitter.objects.post_requests import post_parameters
from tap_twitter.objects.posts_response import PostsResponse
from tap_twitter.streams.newest_first import MAX_ID, NewestFirstRead, id_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.streams.bookmarks import NewestFirstBookmark
    from tap_twitter.streams.pages import Source

DEPTH: Final = 3_200
DEPTH_WITHOUT_REPLIES: Final = 800
"""So many posts X goes back (https://docs.x.com/x-api/posts/timelines/introduction)."""

PRIVATE_AGE: Final = timedelta(days=30) - timedelta(hours=1)
"""X gives private metrics for 30 days, and whoever asks for them gets no older posts; the hour is
left for the reading to take (https://docs.x.com/x-api/fundamentals/metrics)."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """What is read of each account.

    Attributes:
        now: The moment from which the run counts days back: the same for all accounts.
        without: The kinds of posts that are left out, as X calls them.
        lookback: Posts that are younger are read again.
        start: When the oldest post may have been made; None goes back as far as X does.
        with_originals: Whether the posts that others refer to are bought along.
    """

    now: datetime
    without: tuple[str, ...]
    lookback: timedelta
    start: datetime | None
    with_originals: bool

    @property
    def depth(self) -> int:
        """How many posts X goes back."""
        return DEPTH_WITHOUT_REPLIES if "replies" in self.without else DEPTH

    def since(self, floor: int | None) -> int:
        """The id after which a run reads, given the newest one that finished reads have given."""
        start = id_before(self.start) if self.start else 0
        return start if floor is None else max(start, min(floor, self.lookback_id))

    @property
    def lookback_id(self) -> int:
        """The id after which posts are read again."""
        return id_before(self.now - self.lookback)


@dataclass(frozen=True, slots=True)
class Part:
    """An answer with what it covers.

    Attributes:
        answer: With posts.
        low: The posts up to this id are not covered.
        high: Nor are those from this id on; None is the top.
    """

    answer: PostsResponse
    low: int
    high: int | None


class Reading(NewestFirstRead[PostsResponse]):
    """One run's reading of one account's posts.

    Args:
        source: What is read.
        bookmark: How far the account was read.
        settings: Which posts.
        save: Keeps the bookmark, and takes the number of posts that were given since.

    Attributes:
        newest: The ids of the posts from the newest on, without reposts, as far as the parts so far
            reach without a gap.
    """

    def __init__(
        self,
        source: Source,
        bookmark: NewestFirstBookmark,
        settings: ReadingSettings,
        save: Callable[[NewestFirstBookmark, int], None],
    ) -> None:
        super().__init__(source, bookmark, self._ask, save)
        self.newest: list[int] = []
        self._settings = settings
        self._is_first = self.is_from_top and bookmark.floor is None
        self._covered = bookmark.low
        self._with_private = False

    @property
    def since(self) -> int:
        """The id after which this run reads: the lookback is read again."""
        return self._settings.since(self.bookmark.floor)

    @property
    def is_whole(self) -> bool:
        """Whether `newest` has all posts that X gives of the account, but for reposts."""
        return self._is_first and not self.is_stopped and self._settings.start is None

    def parts(self) -> Iterator[Part]:
        """Give the answers; the bookmark moves when the next one is requested.

        Raises:
            TapError: X does not give the posts.
        """
        for answer in self.read():
            if self.is_from_top:
                posts = answer.posts.items()
                self.newest += [each for each, post in posts if not is_repost(post)]
            yield self._part(answer)

    def down_to(self, since: int) -> Iterator[PostsResponse]:
        """Read young posts with their private metrics, then older ones without."""
        border = id_before(self._settings.now - PRIVATE_AGE)
        low = self.bookmark.low
        if low is not None and low <= since + 1:
            return  # what was left has grown older than the lookback meanwhile
        if self._is_own and (low is None or low > border):
            self._with_private = True
            yield from self.window(max(since, border))
            if since >= border or self.is_stopped:
                return
        self._with_private = False
        yield from self.window(since)

    def _ask(self, bounds: Mapping[str, str]) -> PostsResponse:
        """Request a page.

        Raises:
            TapError: X does not give it.
        """
        with_originals = self._settings.with_originals
        excluded = ",".join(self._settings.without)

        def parameters(words: Vocabulary) -> dict[str, str]:
            return {
                **post_parameters(
                    words, with_private=self._with_private, with_originals=with_originals
                ),
                **bounds,
                **({"exclude": excluded} if excluded else {}),
            }

        read = partial(PostsResponse, with_originals=with_originals)
        source = self.source
        answer = source.requester.fetch_worded(source.endpoint, parameters, read, source.account)
        answer.check_is_open()
        return answer

    def _part(self, answer: PostsResponse) -> Part:
        """The answer with what it covers; the last page reaches down to the lower bound."""
        high, is_last = self._covered, answer.next_token is None
        if not (answer.posts or is_last):
            return Part(answer, MAX_ID, MAX_ID)
        low = self.bound if is_last else min(answer.posts)
        self._covered = low + is_last
        return Part(answer, low, high)

    def _finish(self) -> None:
        super()._finish()
        self._covered = None

    @property
    def _is_own(self) -> bool:
        """Whether X is asked in the name of the account itself."""
        account = self.source.account
        return choose_credential(self.source.endpoint, account).user_id == account.user_id
