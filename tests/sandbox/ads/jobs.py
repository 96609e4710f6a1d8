"""Asynchronous stats jobs: queued, processed while one waits, then a file for some time.

https://developer.x.com/en/docs/x-ads-api/analytics/api-reference/asynchronous
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from sandbox import moments
from sandbox.ads.zones import written

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.ads.switches import Switches
    from sandbox.clock import Clock

Status = Literal["QUEUED", "PROCESSING", "SUCCESS", "FAILED", "CANCELLED"]
UNFINISHED: Final = frozenset({"QUEUED", "PROCESSING"})
FILES: Final = "/advertiser-api-async-analytics/"


@dataclass
class Job:
    """A job.

    Attributes:
        id: Its id.
        account_id: The ads account.
        echo: What was asked for, as the answers write it.
        created_at: When it was made.
        looks: How often it was looked at.
        status: What has become of it.
        updated_at: When that last changed.
        body: What its file holds, once it has succeeded.
    """

    id: int
    account_id: str
    echo: dict[str, Any]
    created_at: datetime
    looks: int = 0
    status: Status = "QUEUED"
    updated_at: datetime = field(init=False)
    body: bytes = b""

    def __post_init__(self) -> None:
        self.updated_at = self.created_at

    @property
    def file(self) -> str:
        """The path of its file."""
        digest = hashlib.blake2b(f"{self.account_id}:{self.id}".encode(), digest_size=18)
        return f"{FILES}{digest.hexdigest()}.json.gz"

    def as_json(self, base: str, switches: Switches) -> dict[str, Any]:
        """The job as the API shows it, with a file below `base`."""
        is_done = self.status == "SUCCESS"
        ends = self.updated_at + timedelta(seconds=switches.file_seconds)
        ids: dict[str, Any] = {"id": self.id if switches.job_ids == "number" else str(self.id)}
        if switches.job_ids == "with_id_str":
            ids["id_str"] = str(self.id)
        return {
            **ids,
            **self.echo,
            "account_id": self.account_id,
            "status": self.status,
            "url": f"{base}{self.file}" if is_done else None,
            "expires_at": written(ends) if is_done else None,
            "created_at": written(self.created_at),
            "updated_at": written(self.updated_at),
        }


class Jobs:
    """The jobs of all ads accounts.

    Args:
        clock: Tells how long they have taken.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget all jobs."""
        self._jobs: dict[int, Job] = {}

    def of(self, account_id: str) -> list[Job]:
        """The jobs of an ads account, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.account_id == account_id]

    def unfinished(self, account_id: str) -> int:
        """How many jobs of an ads account are under way."""
        return sum(job.status in UNFINISHED for job in self.of(account_id))

    def add(self, account_id: str, echo: dict[str, Any]) -> Job:
        """Queue a job."""
        now = self._clock.now()
        made = Job(moments.snowflake(now, len(self._jobs) + 1), account_id, echo, now)
        self._jobs[made.id] = made
        return made

    def look(self, job: Job, switches: Switches) -> bool:
        """Look at a job, which may get on by that; gives whether it has succeeded just now."""
        job.looks += 1
        age = (self._clock.now() - job.created_at).total_seconds()
        if job.status not in UNFINISHED:
            return False
        is_ready = job.looks > switches.job_polls and age >= switches.job_seconds
        self._set(job, switches.job_outcome if is_ready else "PROCESSING")
        return job.status == "SUCCESS"

    def finish(self, job_id: str, status: Status) -> None:
        """End a job in a way of one's own.

        Raises:
            LookupError: If there is no such job.
            ValueError: If there is no such status.
        """
        if status not in get_args(Status):
            msg = f"There is no status {status}; there are {', '.join(get_args(Status))}"
            raise ValueError(msg)
        job = self._jobs.get(int(job_id))
        if job is None:
            msg = f"There is no job {job_id}"
            raise LookupError(msg)
        self._set(job, status)

    def file(self, path: str, switches: Switches) -> bytes | None:
        """The file at a path; None where there is none, or none any more."""
        found = next((job for job in self._jobs.values() if job.file == path), None)
        if found is None or found.status != "SUCCESS":
            return None
        age = (self._clock.now() - found.updated_at).total_seconds()
        return found.body if age < switches.file_seconds else None

    def _set(self, job: Job, status: Status) -> None:
        if status != job.status:
            job.status = status
            job.updated_at = self._clock.now()
