"""Faults that strike an answer on its way out: it was served, and billed, all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from sandbox.faults import Fault

_RATE_HEADERS: Final = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


class ConnectionDropped(Exception):  # noqa: N818 - what happens, rather than an error
    """Makes the server close the connection in the middle of a body."""


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
        raise ConnectionDropped


def breaks(response: Response, faults: Sequence[Fault]) -> Response:
    """The answer, after every fault that strikes it."""
    for fault in faults:
        response = _BREAKAGES.get(fault.kind, _whole)(response, fault)
    return response


def _whole(response: Response, fault: Fault) -> Response:
    return response


def _empty(response: Response, fault: Fault) -> Response:
    return _with_body(response, b"")


def _truncated(response: Response, fault: Fault) -> Response:
    return _with_body(response, bytes(response.body[: len(response.body) // 2]))


def _dropped(response: Response, fault: Fault) -> Response:
    return _Dropped(response.body, response.status_code, dict(response.headers))


def _without_rate_headers(response: Response, fault: Fault) -> Response:
    for name in _RATE_HEADERS:
        if name in response.headers:
            del response.headers[name]
    return response


def _with_reset(response: Response, fault: Fault) -> Response:
    response.headers["x-rate-limit-reset"] = str(fault.arguments["reset"])
    return response


def _with_body(response: Response, body: bytes) -> Response:
    headers = {k: v for k, v in response.headers.items() if k != "content-length"}
    return Response(body, response.status_code, headers)


_BREAKAGES: Final[Mapping[str, Callable[[Response, Fault], Response]]] = {
    "empty_body": _empty,
    "truncated_json": _truncated,
    "connection_reset": _dropped,
    "missing_headers": _without_rate_headers,
    "absurd_reset": _with_reset,
}
