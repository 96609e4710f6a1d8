"""Stats by asynchronous jobs: queued, looked at until they are done, and fetched as files.

Source: https://developer.x.com/en/docs/x-ads-api/analytics/api-reference/asynchronous.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.ads import ORGANIC_STATS, QUEUE_STATS, STATS_FILE, STATS_JOBS
from tap_twitter.dates import moment_of
from tap_twitter.errors import (
    LostAnswerError,
    MissingFileError,
    RateLimitError,
    TapError,
    TransientError,
)
from tap_twitter.objects.fields import objects
from tap_twitter.reports.organic.stats import (
    Answer,
    Numbers,
    StatsRequest,
    missing_from,
)
from tap_twitter.streams.ads_pages import read_pages
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock
    from tap_twitter.reports.organic.account_days import AccountDays

MAX_JOBS: Final = 100
"""How many jobs of an ads account X processes at a time."""

MAX_TRIES: Final = 3
"""How often a request is queued if its jobs end without a file, or its answers get lost."""

PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 60.0
MAX_WAIT_SECONDS: Final = 3600.0
"""How long no job may become ready."""

UNFINISHED: Final = frozenset({"QUEUED", "PROCESSING"})
SUCCESS: Final = "SUCCESS"
GONE: Final = "EXPIRED"
"""The status of a job that X no longer lists, or whose file is gone; X has no word for it."""

STATUS: Final = re.compile(r"[A-Z_]{1,20}", re.ASCII)
HALF_A_DAY: Final = timedelta(hours=12)


@dataclass
class Job:
    """A job, as X last showed it.

    Attributes:
        id: Its id.
        status: What has become of it.
        url: The address of its file, once it has succeeded.
        covers: What it is about, as far as the answer says so.
        tries: How often its request was queued.
    """

    id: str
    status: str
    url: str | None
    covers: Mapping[str, Any]
    tries: int = 1

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Job:
        """The job in an answer.

        Raises:
            TransientError: The answer has no id.
        """
        job_id = text(entry.get("id_str")) or text(entry.get("id"))
        if id_number(job_id) is None:
            msg = "X's answer has a stats job without an id."
            raise TransientError(msg)
        status, url = str(entry.get("status")), entry.get("url")
        known = status if STATUS.fullmatch(status) else "UNKNOWN"
        return cls(str(job_id), known, url if isinstance(url, str) else None, entry)

    @property
    def is_unfinished(self) -> bool:
        """Whether X is still at it."""
        return self.status in UNFINISHED

    @property
    def is_ready(self) -> bool:
        """Whether it has a file."""
        return self.status == SUCCESS and self.url is not None

    def serves(self, request: StatsRequest, days: AccountDays) -> bool:
        """Whether it is about a request; posts that were deleted since do no harm."""
        found = self.covers
        groups = found.get("metric_groups")
        named = {**found, "metric_groups": ",".join(map(str, groups)) if groups else ""}
        ids = {id_number(each) for each in found.get("entity_ids") or ()}
        return (
            all(named.get(name) == value for name, value in ORGANIC_STATS.items())
            and set(request.ids) <= ids
            and _day(found.get("start_time"), days) == request.first
            and _day(found.get("end_time"), days) == request.end
        )


class Pauses:
    """The waits for jobs, each longer than the one before."""

    def __init__(self) -> None:
        self._seconds = PAUSE_SECONDS
        self._total = 0.0

    def next(self) -> float:
        """The next wait, in seconds.

        Raises:
            TapError: No job has become ready for too long.
        """
        if self._total > MAX_WAIT_SECONDS:
            msg = "X has not finished a stats job in an hour. The next run looks for it again."
            raise TapError(msg)
        self._total += self._seconds
        self._seconds, waited = min(self._seconds * 2, MAX_PAUSE_SECONDS), self._seconds
        return waited


class StatsJobs:
    """The stats jobs of an ads account.

    Args:
        requester: Requests X.
        account: The ads account.
        days: Its days.
        clock: Tells the time and sleeps.
        is_resumed: Whether an earlier run may have left jobs: X lists them, so that none is
            queued twice.
    """

    def __init__(
        self,
        requester: Requester,
        account: Account,
        days: AccountDays,
        clock: Clock,
        *,
        is_resumed: bool,
    ) -> None:
        self._requester = requester
        self._account = account
        self._days = days
        self._clock = clock
        self._left: list[Job] | None = None if is_resumed else []

    def answers(self, requests: Iterable[StatsRequest]) -> Iterator[Answer]:
        """The answers to requests, in their order, until the budget is used up.

        Raises:
            TapError: X refuses them, or its jobs end without files.
        """
        ahead, waiting = deque(requests), deque[tuple[StatsRequest, Job]]()
        if ahead and self._left is None and self._may_ask:
            self._left = list(self._listed())
        room, pauses = MAX_JOBS, Pauses()
        while (ahead or waiting) and self._may_ask:
            if waiting and not waiting[0][1].is_unfinished:
                request, job = waiting[0]
                numbers = self._fetched(request, job)
                if numbers is None:
                    waiting[0] = request, self._replaced(request, job, pauses)
                    continue
                waiting.popleft()
                pauses = Pauses()
                yield request, self._completed(request, numbers)
            elif ahead and len(waiting) < room:
                try:
                    job = self._left_over(ahead[0]) or self._queued(ahead[0])
                except RateLimitError:  # other programs may have jobs of the account
                    room = len(waiting)
                else:
                    waiting.append((ahead.popleft(), job))
            else:
                self._sleep(pauses.next())
                room = min(room + 1, MAX_JOBS)
                self._look([job for _, job in waiting if job.is_unfinished])

    @property
    def _may_ask(self) -> bool:
        return self._requester.affordable(STATS_JOBS, 1, self._account) > 0

    def _completed(self, request: StatsRequest, numbers: dict[int, Numbers]) -> dict[int, Numbers]:
        """The numbers of a file, and of the posts that it lacks, if another one has them."""
        missing = missing_from(request, numbers)
        if missing is None or request.is_repeated:
            return numbers
        _, others = next(self.answers([missing]), (missing, {}))
        return numbers | others

    def _listed(self) -> Iterator[Job]:
        """The jobs of the account, whoever has queued them."""
        params = {"count": str(STATS_JOBS.per_request)}
        for page in read_pages(self._requester, STATS_JOBS, params, self._account):
            yield from map(Job.from_entry, page.entries)
            if page.cursor and not self._may_ask:
                return

    def _left_over(self, request: StatsRequest) -> Job | None:
        """A job that an earlier run has queued for a request."""
        if request.is_repeated:
            return None  # it would be the one that lacks these posts
        found = (job for job in self._left or () if job.is_ready or job.is_unfinished)
        return next((job for job in found if job.serves(request, self._days)), None)

    def _queued(self, request: StatsRequest) -> Job:
        """A new job. If the answer gets lost, X may have made it: then X lists it."""
        for number in range(MAX_TRIES):
            try:
                return self._requester.fetch(QUEUE_STATS, request.params, _made, self._account)
            except LostAnswerError as error:
                lost = error
            self._sleep(PAUSE_SECONDS * 2**number)
            self._left = list(self._listed())
            if job := self._left_over(request):
                return job
        raise lost

    def _replaced(self, request: StatsRequest, job: Job, pauses: Pauses) -> Job:
        """Another job in the place of one without a file; the same if there is no room yet."""
        if job.tries >= MAX_TRIES:
            msg = (
                f"X has ended {MAX_TRIES} stats jobs for the same posts without a result (status "
                f"'{job.status}'). The next run queues them again."
            )
            raise TapError(msg)
        try:
            another = self._queued(request)
        except RateLimitError:
            self._sleep(pauses.next())
            return job
        another.tries = job.tries + 1
        return another

    def _look(self, jobs: Sequence[Job]) -> None:
        """Bring jobs up to date."""
        if not jobs:
            return
        params = {"job_ids": ",".join(job.id for job in jobs), "count": str(MAX_JOBS)}
        shown = self._requester.fetch(STATS_JOBS, params, _jobs, self._account)
        for job in jobs:
            found = shown.get(job.id)
            job.status, job.url = (found.status, found.url) if found else (GONE, None)

    def _fetched(self, request: StatsRequest, job: Job) -> dict[int, Numbers] | None:
        """The numbers in the file of a job; None without a file."""
        if not job.is_ready:
            return None
        try:
            file = replace(STATS_FILE, address=job.url)
            return self._requester.fetch(file, {}, request.numbers, self._account)
        except MissingFileError:
            job.status = GONE
            return None

    def _sleep(self, seconds: float) -> None:
        self._requester.run.before_wait()
        self._clock.sleep(seconds)


def _made(body: Mapping[str, Any]) -> Job:
    """The job in the answer to a request for it."""
    entry = next(objects(body.get("data")), {})
    return Job.from_entry(entry)


def _jobs(body: Mapping[str, Any]) -> dict[str, Job]:
    """The jobs in an answer, by id."""
    return {job.id: job for job in map(Job.from_entry, objects(body.get("data")))}


def _day(value: Any, days: AccountDays) -> Any:
    """The day that begins at a moment, give or take an hour: X may use today's offset for all."""
    moment = moment_of(value)
    return None if moment is None else days.day(moment + HALF_A_DAY)
