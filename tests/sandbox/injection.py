"""Fault injection: wraps the handling of a request in whatever the faults ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.faults import Fault
from sandbox.x import authentication

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.state import Sandbox

Handler = Callable[[Request, bytes, Sequence[Fault]], Response]
_RATE_HEADERS: Final = tuple(
    f"{family}-{name}"
    for family in ("x-rate-limit", "x-account-rate-limit")
    for name in ("limit", "remaining", "reset")
)


class ConnectionDropped(Exception):  # noqa: N818 - what happens, rather than an error
    """Makes the server close the connection, wherever the answer is.

    Args:
        status: The status that the answer has, or would have had.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Dropped(Response):
    """An answer that promises its whole body and breaks off after half of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        half = bytes(self.body[: len(self.body) // 2])
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionDropped(self.status_code)


class _Lost(Response):
    """An answer of which nothing arrives."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise ConnectionDropped(self.status_code)


def injected(sandbox: Sandbox, handle: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An asynchronous endpoint around a handler, with latency and faults.

    Args:
        sandbox: Whose faults.
        handle: Makes the answer from the request, its body and the faults that are due; those of
            the stages `instead` and `inside` are its own to heed.
    """

    async def serve(request: Request) -> Response:
        body = await request.body()
        faults = sandbox.faults.due(request.url.path)
        request.state.faults = tuple(fault.kind for fault in faults)
        await _before(sandbox, request, faults)
        response = handle(request, body, faults)
        for fault in faults:
            response = _AFTER.get(fault.kind, _unchanged)(response, fault)
        return response

    return serve


def canned(faults: Sequence[Fault]) -> Response | None:
    """The answer that a fault gives in place of the real one."""
    answer = next((fault.canned for fault in faults if fault.canned), None)
    if answer is None:
        return None
    return Response(answer.body, answer.status, media_type=answer.content_type)


async def _before(sandbox: Sandbox, request: Request, faults: Sequence[Fault]) -> None:
    delays = [fault.arguments["seconds"] for fault in faults if fault.kind == "delay"]
    await asyncio.sleep(sandbox.options.latency_ms / 1000 + sum(delays))
    for fault in faults:
        if fault.kind == "time_passes":
            sandbox.clock.advance(fault.arguments["seconds"])
        elif fault.kind == "kill_page_tokens":
            sandbox.pages.kill()
    if any(fault.kind == "revoke_token" for fault in faults):
        sandbox.revoke(authentication.claimed_token(request))


def _unchanged(response: Response, fault: Fault) -> Response:
    return response


def _empty(response: Response, fault: Fault) -> Response:
    return _with_body(response, b"")


def _truncated(response: Response, fault: Fault) -> Response:
    return _with_body(response, bytes(response.body[: len(response.body) // 2]))


def _dropped(response: Response, fault: Fault) -> Response:
    return _Dropped(response.body, response.status_code, dict(response.headers))


def _lost(response: Response, fault: Fault) -> Response:
    return _Lost(response.body, response.status_code)


def _without_rate_headers(response: Response, fault: Fault) -> Response:
    for name in _RATE_HEADERS:
        if name in response.headers:
            del response.headers[name]
    return response


def _with_reset(response: Response, fault: Fault) -> Response:
    response.headers["x-rate-limit-reset"] = str(fault.arguments["reset"])
    if "x-account-rate-limit-reset" in response.headers:
        response.headers["x-account-rate-limit-reset"] = str(fault.arguments["reset"])
    return response


def _with_body(response: Response, body: bytes) -> Response:
    headers = {k: v for k, v in response.headers.items() if k != "content-length"}
    return Response(body, response.status_code, headers)


_AFTER: Final[Mapping[str, Callable[[Response, Fault], Response]]] = {
    "empty_body": _empty,
    "truncated_json": _truncated,
    "connection_reset": _dropped,
    "answer_lost": _lost,
    "missing_headers": _without_rate_headers,
    "absurd_reset": _with_reset,
}
