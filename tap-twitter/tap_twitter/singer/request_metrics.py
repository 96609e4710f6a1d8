"""Counts and durations of a stream's requests for the SDK's metrics, as in its REST streams."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from singer_sdk import metrics

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import requests


class RequestMetrics:
    """The requests of one stream; a context, at the end of which the counters are reported.

    Args:
        stream: Its name.
        tell: Receives a point of the SDK's metrics.
    """

    def __init__(self, stream: str, tell: Callable[[metrics.Point[Any]], None]) -> None:
        self._stream = stream
        self._tell = tell
        self._stack = ExitStack()
        self._counters: dict[str, metrics.Counter] = {}

    def __enter__(self) -> Self:
        """Start counting."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Report the counters; the next request starts again at one."""
        self._counters = {}
        self._stack.__exit__(kind, error, traceback)

    def measure(self, endpoint: str, response: requests.Response) -> None:
        """Count and time an answered request."""
        if endpoint not in self._counters:
            counter = metrics.http_request_counter(self._stream, endpoint=endpoint)
            self._counters[endpoint] = self._stack.enter_context(counter)
        self._counters[endpoint].increment()
        status = metrics.Status.SUCCEEDED if response.ok else metrics.Status.FAILED
        tags: dict[str, Any] = {
            metrics.Tag.STREAM: self._stream,
            metrics.Tag.ENDPOINT: endpoint,
            metrics.Tag.HTTP_STATUS_CODE: response.status_code,
            metrics.Tag.STATUS: status,
        }
        seconds = response.elapsed.total_seconds()
        self._tell(metrics.Point("timer", metrics.Metric.HTTP_REQUEST_DURATION, seconds, tags))
