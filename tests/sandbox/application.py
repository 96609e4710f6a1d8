"""The ASGI application: X's and Domo's endpoints and the sandbox's own, with what holds for all of them."""

from __future__ import annotations

import asyncio
import itertools
import logging
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import control
from sandbox.ads import account_reads, admission, creative_reads, post_reads, stats, stats_jobs
from sandbox.ads import endpoint as ads_endpoint
from sandbox.domo import datasets, oauth, streams
from sandbox.domo.endpoint import Door
from sandbox.injection import ConnectionDropped
from sandbox.request_log import Entry
from sandbox.x import (
    analytics,
    counts,
    dm_events,
    engagement,
    follows,
    oauth1_flow,
    oauth2,
    oauth2_authorize,
    oauth2_token,
    posts,
    search,
    timelines,
    usage,
    users,
)
from sandbox.x.limits import ALLOWANCES
from sandbox.x.problems import PROBLEM_JSON, blank

if TYPE_CHECKING:
    from starlette.routing import Route
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.state import Sandbox

ENDPOINTS: Final = (
    *users.ENDPOINTS,
    *timelines.ENDPOINTS,
    *posts.ENDPOINTS,
    *search.ENDPOINTS,
    *analytics.ENDPOINTS,
    *counts.ENDPOINTS,
    *follows.ENDPOINTS,
    *dm_events.ENDPOINTS,
    *usage.ENDPOINTS,
)
ADS_ENDPOINTS: Final = (
    *account_reads.ENDPOINTS,
    *post_reads.ENDPOINTS,
    *creative_reads.ENDPOINTS,
    *stats.ENDPOINTS,
    *stats_jobs.ENDPOINTS,
)
PUBLIC_HOSTS: Final = (
    frozenset({"api.x.com", "api.twitter.com", "api.domo.com"}) | engagement.HOSTS | admission.HOSTS
)
_PAGE_HOSTS: Final = frozenset({"x.com", "twitter.com"})
_PAGES: Final = "/i/"
OAUTH: Final = (oauth1_flow, oauth2, oauth2_authorize, oauth2_token)
ABORT: Final = "sandbox.abort"
_CONTROL: Final = "/sandbox/"
_log = logging.getLogger("sandbox")


def build(sandbox: Sandbox) -> Starlette:
    """The application of one sandbox.

    Raises:
        ValueError: If the options limit an endpoint that does not exist.
    """
    pools = {f"{endpoint.path}:{name}" for endpoint in ENDPOINTS for name in ALLOWANCES}
    if unknown := set(sandbox.options.limits) - pools:
        msg = f"There are no limits {sorted(unknown)}; there are {sorted(pools)}"
        raise ValueError(msg)
    x_oauth = [route for module in OAUTH for route in module.routes(sandbox)]
    endpoints = [endpoint.route(sandbox) for endpoint in ENDPOINTS]
    return Starlette(
        routes=[
            *endpoints,
            *engagement.routes(sandbox),
            *x_oauth,
            *_domo(sandbox),
            *_ads(sandbox),
            *control.routes(sandbox),
        ],
        middleware=[Middleware(_Gateway, sandbox=sandbox)],
        exception_handlers={HTTPException: _refuse, Exception: _report},
    )


def _domo(sandbox: Sandbox) -> list[Route]:
    door = Door(sandbox)
    return [*oauth.routes(sandbox), *datasets.routes(door), *streams.routes(door)]


def _ads(sandbox: Sandbox) -> list[Route]:
    endpoints = [route for each in ADS_ENDPOINTS for route in each.routes(sandbox)]
    return [*endpoints, *ads_endpoint.not_found(sandbox), stats_jobs.files(sandbox)]


class _Gateway:
    """Admits the hosts that are served, stamps every answer, keeps the log of requests.

    Args:
        app: The application behind it.
        sandbox: Whose gateway.
    """

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox
        self._transactions = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["date"] = format_datetime(self._sandbox.clock.now(), usegmt=True)
                headers["x-transaction-id"] = f"{next(self._transactions):016x}"
                self._note(request, message["status"])
            await send(message)

        if not self._serves(request):
            await _problem(421, _misdirected(request))(scope, receive, stamped)
            return
        try:
            await self._app(scope, receive, stamped)
        except ConnectionDropped as dropped:
            await self._drop(request, dropped.status)

    async def _drop(self, request: Request, status: int) -> None:
        """Cut the connection; an answer that has begun is cut by the server, as it stays unfinished."""
        if getattr(request.state, "noted", False):
            return
        self._note(request, status)
        request.scope[ABORT]()
        # the server learns of it in the next turn, and then sends nothing in place of the answer
        await asyncio.sleep(0.01)

    def _serves(self, request: Request) -> bool:
        own = urlsplit(self._sandbox.url)
        local = {own.netloc, f"localhost:{own.port}"}
        host = request.headers.get("host", "")
        if host in _PAGE_HOSTS:
            return request.url.path.startswith(_PAGES)
        return host in PUBLIC_HOSTS | local

    def _note(self, request: Request, status: int) -> None:
        if request.url.path.startswith(_CONTROL):
            return
        request.state.noted = True
        credential = getattr(request.state, "credential", None)
        entry = Entry(
            at=self._sandbox.clock.now().isoformat(),
            method=request.method,
            path=request.url.path,
            params=_shown(request),
            credential=credential.kind if credential else "none",
            user_id=credential.user_id if credential else None,
            status=status,
            faults=getattr(request.state, "faults", ()),
        )
        self._sandbox.requests.add(entry)


def _shown(request: Request) -> dict[str, str]:
    """The query parameters that hold nothing secret."""
    if "/oauth" in request.url.path:
        return {}
    return {k: v for k, v in request.query_params.items() if not k.startswith("oauth_")}


def _misdirected(request: Request) -> str:
    hosts = ", ".join(sorted(PUBLIC_HOSTS))
    return (
        f"The sandbox is not {request.headers.get('host')}: send its own host and port, or {hosts}"
    )


def _problem(status: int, detail: str | None = None) -> Response:
    problem = blank(status, detail)
    return JSONResponse(problem.body, problem.status, media_type=PROBLEM_JSON)


async def _refuse(request: Request, error: Exception) -> Response:
    return _problem(error.status_code if isinstance(error, HTTPException) else 500)


async def _report(request: Request, error: Exception) -> Response:
    _log.error("The sandbox itself failed at %s", request.url.path, exc_info=error)
    return _problem(500)
