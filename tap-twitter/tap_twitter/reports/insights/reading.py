"""Reading an account's posts: which, in which parts, and how far the budget goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.v2 import TIMELINE
from tap_twitter.dates import stamp
from tap_twitter.errors import UnreachableError
from tap_twitter.objects.post_columns import is_repost
from tap_twitter.objects.post_requests import post_parameters
from tap_twitter.objects.posts_response import PostsResponse
from tap_twitter.objects.snowflakes import first_id, moment_of
from tap_twitter.streams.recent_posts import MAX_EMPTY_PAGES, MAX_REPEATED_PAGES, REPEATED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tap_twitter.api.requester import Requester
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.account import Account
    from tap_twitter.reports.insights.bookmark import ReadBookmark

DEPTH: Final = 3_200
DEPTH_WITHOUT_REPLIES: Final = 800
"""So many posts X goes back (https://docs.x.com/x-api/posts/timelines/introduction)."""

PRIVATE_AGE: Final = timedelta(days=30) - timedelta(hours=1)
"""X gives private metrics for 30 days, and whoever asks for them gets no older posts; the hour is
left for the reading to take (https://docs.x.com/x-api/fundamentals/metrics)."""

MAX_ID: Final = 2**63 - 1


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

    @property
    def starts_later(self) -> bool:
        """Whether nothing is to be read yet."""
        return self.start is not None and self.start > self.now

    def since(self, floor: int | None) -> int:
        """The id after which a run reads, given the newest one that finished reads have given."""
        start = _before(self.start) if self.start else 0
        return start if floor is None else max(start, min(floor, self.lookback_id))

    @property
    def lookback_id(self) -> int:
        """The id after which posts are read again."""
        return _before(self.now - self.lookback)


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


@dataclass
class Reading:
    """One run's reading of one account's posts, newest first.

    What a read that was broken off has left comes first, then what is new since that had begun. The
    bounds are ids, which X takes, so that it returns nothing that is not wanted, and from page to
    page the bound moves on: X's tokens may die, and are used where a page is empty alone.

    Attributes:
        requester: Who asks, and has it on the bill.
        account: Whose posts.
        settings: Which posts.
        progress: How far they have been read: as the parts so far have left it.
        page_size: Gives how many posts the next page may have; 0 where the budget is used up.
        save: Keeps the progress, and takes the number of posts that were given since.
        is_stopped: Whether the budget has ended the reading.
        newest: The ids of the posts from the newest on, without reposts, as far as the parts so far
            reach without a gap.
    """

    requester: Requester
    account: Account
    settings: ReadingSettings
    progress: ReadBookmark
    page_size: Callable[[], int]
    save: Callable[[ReadBookmark, int], None]
    is_stopped: bool = field(default=False, init=False)
    newest: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._is_from_top = self.progress.read is None
        self._is_first = self._is_from_top and self.progress.floor is None
        self._covered = self.progress.low

    def parts(self) -> Iterator[Part]:
        """Give the answers; the bookmark moves when the next one is asked for.

        Raises:
            TapError: X does not give the posts.
        """
        since = self.settings.since(self.progress.floor)
        yield from self._down_to(since)
        if not (self._is_from_top or self.is_stopped):
            self._finish()
            self._is_from_top, self._covered = True, None
            yield from self._down_to(self.progress.floor or 0)
        if not self.is_stopped:
            self._finish()

    def _down_to(self, since: int) -> Iterator[Part]:
        """Read young posts with their private metrics, then older ones without."""
        border = _before(self.settings.now - PRIVATE_AGE)
        low = self.progress.low
        if low is not None and low <= since + 1:
            return  # what was left has grown older than the lookback meanwhile
        if self._is_own and (low is None or low > border):
            yield from self._window(max(since, border), with_private=True)
            if since >= border or self.is_stopped:
                return
        yield from self._window(since, with_private=False)

    def _window(self, since: int, *, with_private: bool) -> Iterator[Part]:
        page, empty_pages, repeated_pages = None, 0, 0
        while size := self.page_size():
            low = self.progress.low
            answer = self._ask(since, size, page, with_private=with_private)
            is_repeated = answer.keep_below(low)
            if self._is_from_top:
                posts = answer.posts.items()
                self.newest += [each for each, post in posts if not is_repost(post)]
            yield self._part(answer, since)
            self.progress = self.progress.after(list(answer.posts))
            self.save(self.progress, len(answer.posts))
            page = answer.next_page
            if page is None:
                return
            if is_repeated and (repeated_pages := repeated_pages + 1) >= MAX_REPEATED_PAGES:
                raise UnreachableError(REPEATED)
            if self.progress.low != low:
                page, empty_pages, repeated_pages = None, 0, 0
            elif (empty_pages := empty_pages + 1) > MAX_EMPTY_PAGES:
                msg = "X leads from one empty page to the next; the next run resumes here."
                raise UnreachableError(msg)
        self.is_stopped = True

    def _ask(self, since: int, size: int, page: str | None, *, with_private: bool) -> PostsResponse:
        """Ask for a page.

        Raises:
            TapError: X does not give it.
        """
        given = {
            "max_results": str(size),
            "since_id": str(since) if since else None,
            "until_id": str(self.progress.low) if self.progress.low else None,
            "exclude": ",".join(self.settings.without) or None,
            "pagination_token": page,
        }

        def parameters(words: Vocabulary) -> dict[str, str]:
            return {
                **post_parameters(
                    words,
                    with_private=with_private,
                    with_originals=self.settings.with_originals,
                ),
                **{name: value for name, value in given.items() if value is not None},
            }

        read = partial(PostsResponse, with_originals=self.settings.with_originals)
        answer = self.requester.fetch_worded(TIMELINE, parameters, read, self.account)
        answer.check_is_open()
        return answer

    def _part(self, answer: PostsResponse, since: int) -> Part:
        """The answer with what it covers; the last page reaches down to the lower bound."""
        high, is_last = self._covered, answer.next_page is None
        if not (answer.posts or is_last):
            return Part(answer, MAX_ID, MAX_ID)
        low = since if is_last else min(answer.posts)
        self._covered = low + is_last
        return Part(answer, low, high)

    @property
    def is_whole(self) -> bool:
        """Whether `newest` has all posts that X gives of the account, but for reposts."""
        return self._is_first and not self.is_stopped and self.settings.start is None

    @property
    def _is_own(self) -> bool:
        """Whether X is asked in the name of the account itself."""
        return choose_credential(TIMELINE, self.account).user_id == self.account.user_id

    def _finish(self) -> None:
        """Move the bookmark past a read that has given all that X has, and tell what X has not."""
        count, low = self.progress.count, self.progress.low
        if low is not None and count >= self.settings.depth:
            self.requester.logger.warning(
                "X goes back %s posts: what account '%s' posted before %s is out of reach.",
                f"{self.settings.depth:,}",
                self.account.name,
                stamp(moment_of(low)),
            )
        self.progress = self.progress.finished()
        self.save(self.progress, 0)


def _before(moment: datetime) -> int:
    """The newest id that was there before a moment, should anything have happened.

    X takes ids of 19 digits, which end in the year 2080.
    """
    return min(max(0, first_id(moment) - 1), MAX_ID - 1)
