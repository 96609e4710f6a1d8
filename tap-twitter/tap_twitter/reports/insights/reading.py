"""The read of an account's posts: its selection, its parts, and its end by the budget."""

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
"""The number of posts that X goes back (https://docs.x.com/x-api/posts/timelines/introduction)."""

PRIVATE_AGE: Final = timedelta(days=30) - timedelta(hours=1)
"""X returns private metrics for 30 days, and a request for them gets no older posts; the hour
leaves time for the read (https://docs.x.com/x-api/fundamentals/metrics)."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """The settings for the read of each account.

    Attributes:
        now: The moment from which the run counts days back: the same for all accounts.
        without: The kinds of posts to leave out, by X's names.
        lookback: Posts younger than this are read again.
        start: The earliest creation time of a post; None goes back as far as X does.
        with_originals: Whether the posts that others refer to are bought too.
    """

    now: datetime
    without: tuple[str, ...]
    lookback: timedelta
    start: datetime | None
    with_originals: bool

    @property
    def depth(self) -> int:
        """The number of posts that X goes back."""
        return DEPTH_WITHOUT_REPLIES if "replies" in self.without else DEPTH

    def since(self, floor: int | None) -> int:
        """The id after which a run reads; `floor` is the newest id that finished reads gave."""
        start = id_before(self.start) if self.start else 0
        return start if floor is None else max(start, min(floor, self.lookback_id))

    @property
    def lookback_id(self) -> int:
        """The id after which posts are read again."""
        return id_before(self.now - self.lookback)


@dataclass(frozen=True, slots=True)
class Part:
    """A response and the range of ids that it covers.

    Attributes:
        answer: The response with posts.
        low: Posts up to this id are not covered.
        high: Posts from this id on are not covered; None is the top.
    """

    answer: PostsResponse
    low: int
    high: int | None


class Reading(NewestFirstRead[PostsResponse]):
    """One run's read of one account's posts.

    Args:
        source: The source that is read.
        bookmark: How far the account was read.
        settings: The selection of posts.
        save: Saves the bookmark, and takes the number of posts given since the last save.

    Attributes:
        newest: The ids of the newest posts, without reposts, as far down as the parts so far reach
            without a gap.
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
        """The id after which this run reads; it reads the lookback again."""
        return self._settings.since(self.bookmark.floor)

    @property
    def is_whole(self) -> bool:
        """Whether `newest` holds all posts that X returns for the account, except reposts."""
        return self._is_first and not self.is_stopped and self._settings.start is None

    def parts(self) -> Iterator[Part]:
        """Yield the responses as parts; the bookmark moves when the next one is requested.

        Raises:
            TapError: X does not return the posts.
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
            return  # the remaining posts are older than the lookback by now
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
            TapError: X does not return it.
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
        answer = source.requester.fetch_worded(source.endpoint, parameters, read, source.part)
        answer.check_is_open()
        return answer

    def _part(self, answer: PostsResponse) -> Part:
        """The response with the range it covers; the last page reaches down to the lower bound."""
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
        """Whether the requests are made in the name of the account itself."""
        account = self.source.part
        return choose_credential(self.source.endpoint, account).user_id == account.path_id
