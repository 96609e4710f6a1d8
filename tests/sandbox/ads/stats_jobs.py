"""The endpoints of asynchronous stats: queue a job, look at jobs, cancel one, fetch its file.

https://developer.x.com/en/docs/x-ads-api/analytics/api-reference/asynchronous
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.routing import Route

from sandbox.ads import stats
from sandbox.ads.admission import FILE_HOST, HOSTS
from sandbox.ads.endpoint import Call, Endpoint
from sandbox.ads.jobs import FILES, UNFINISHED, Job
from sandbox.ads.limits import Limit
from sandbox.ads.listing import page
from sandbox.ads.parameters import MAX_IDS, Parameter, items
from sandbox.ads.parameters import page as page_parameters
from sandbox.ads.refusals import refused
from sandbox.ads.zones import read
from sandbox.injection import canned, injected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from sandbox.faults import Fault
    from sandbox.state import Sandbox

_DAYS: Final = 90
_SEGMENTED_DAYS: Final = 45
_PATH: Final = "stats/jobs/accounts/{account_id}"
_WRITES: Final = Limit("stats_jobs_write", 450, seconds=60)
_GZIP: Final = "application/gzip"


def _queue(call: Call) -> dict[str, Any]:
    days = _SEGMENTED_DAYS if call.query["segmentation_type"] else _DAYS
    wanted = stats.asked(call, "async", days)
    call.echo.update(wanted.echo())
    if call.ads.jobs.unfinished(call.owned.id) >= call.ads.switches.concurrent_jobs:
        _tell_concurrency(call)
        raise refused(429)
    job = call.ads.jobs.add(call.owned.id, wanted.echo())
    _tell_concurrency(call)
    return {"data": _shown(call, job)}


def _look(call: Call) -> dict[str, Any]:
    wanted = call.query["job_ids"]
    jobs = call.ads.jobs.of(call.owned.id)
    chosen = [job for job in jobs if wanted is None or str(job.id) in wanted]
    shown, members = page(call, chosen, lambda job: job.id)
    for job in shown:
        if call.ads.jobs.look(job, call.ads.switches):
            job.body = _file(call, job)
    _tell_concurrency(call)
    return {**members, "data": [_shown(call, job) for job in shown]}


def _cancel(call: Call) -> dict[str, Any]:
    sought = call.request.path_params["id"]
    job = next((job for job in call.ads.jobs.of(call.owned.id) if str(job.id) == sought), None)
    if job is None or not call.ads.switches.job_delete:
        raise refused(404, "NOT_FOUND", f"{sought} was not found")
    if job.status in UNFINISHED:
        call.ads.jobs.finish(sought, "CANCELLED")
    return {"data": _shown(call, job)}


def _shown(call: Call, job: Job) -> dict[str, Any]:
    return job.as_json(call.file_base, call.ads.switches)


def _tell_concurrency(call: Call) -> None:
    most = call.ads.switches.concurrent_jobs
    call.headers["x-concurrent-job-limit"] = str(most)
    left = max(0, most - call.ads.jobs.unfinished(call.owned.id))
    call.headers["x-concurrent-job-limit-remaining"] = str(left)


def _file(call: Call, job: Job) -> bytes:
    """What the synchronous endpoint would answer, compressed."""
    calendar = call.ads.calendar(call.owned)
    start, end = (read(job.echo[name], calendar) for name in ("start_time", "end_time"))
    wanted = stats.Asked(job.echo, start, end, is_served=not call.is_for_tests)
    params = {"account_id": job.account_id, **job.echo}
    body = {**stats.counted(call, wanted), "request": {"params": params}}
    return gzip.compress(json.dumps(body).encode(), compresslevel=1, mtime=0)


ENDPOINTS: Final = (
    Endpoint(
        _PATH,
        _queue,
        _WRITES,
        (
            *stats.PARAMETERS,
            Parameter("segmentation_type"),
            Parameter("country"),
            Parameter("platform"),
        ),
        method="POST",
    ),
    Endpoint(
        _PATH,
        _look,
        Limit("stats_jobs"),
        (Parameter("job_ids", items(MAX_IDS)), *page_parameters(200, 1000)),
    ),
    Endpoint(f"{_PATH}/{{id}}", _cancel, _WRITES, method="DELETE"),
)


def files(sandbox: Sandbox) -> Route:
    """The files of jobs: unsigned, as they are stored, at a host of their own."""

    def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
        if (answer := canned(faults)) is not None:
            return answer
        is_elsewhere = request.headers.get("host") in HOSTS - {FILE_HOST}
        found = None if is_elsewhere else sandbox.ads.jobs.file(
            request.url.path, sandbox.ads.switches
        )  # fmt: skip
        if found is None:
            return Response(b"", 404)
        return Response(found, media_type=_GZIP)

    return Route(f"{FILES}{{name}}", injected(sandbox, handle))
