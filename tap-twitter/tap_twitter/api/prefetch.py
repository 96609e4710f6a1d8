"""Prefetching: requests sent before their responses are needed, so that latencies overlap.

Threads only send requests and receive responses: signing, limits, the bill and all decisions stay
in the thread that reads the responses, in its order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from requests.hooks import default_hooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    import requests

    from tap_twitter.api.call import Call
    from tap_twitter.api.limit_table import Pool


class TimedResponse(NamedTuple):
    """A response and its time of arrival: its headers may be read later."""

    response: requests.Response
    at: datetime


@dataclass(slots=True)
class _Submitted:
    pool: Pool
    answer: Future[TimedResponse]
    is_settled: bool = False


class Prefetcher:
    """The requests that are under way ahead of the current one.

    Args:
        most: How many there may be.
        send: Sends a request, in any thread.
        settle: Receives the outcome of each, in the reading thread: its pool, and the response or
            None.
    """

    def __init__(
        self,
        most: int,
        send: Callable[[requests.PreparedRequest], TimedResponse],
        settle: Callable[[Pool, TimedResponse | None], None],
    ) -> None:
        self._most = most
        self._send = send
        self._settle = settle
        self._submitted: dict[tuple[Pool, str, str], _Submitted] = {}

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._most, "ahead")

    def has_room(self, call: Call) -> bool:
        """Whether the request is not yet under way, and may be sent."""
        return len(self._submitted) < self._most and _key(call) not in self._submitted

    def under_way(self, pool: Pool) -> int:
        """How many requests of a pool are under way without a report from X of what is left."""
        return sum(each.pool == pool and not each.is_settled for each in self._submitted.values())

    def submit(self, call: Call, request: requests.PreparedRequest) -> None:
        """Send a request; handling of refused credentials is left for another try."""
        request.hooks = default_hooks()
        answer = self._threads.submit(self._send, request)
        self._submitted[_key(call)] = _Submitted(call.pool, answer)

    def settle(self) -> None:
        """Wait for all responses, and report them."""
        for each in self._submitted.values():
            self._tell(each)

    def take(self, call: Call) -> requests.Response | None:
        """The response to a submitted request; None if it was not submitted.

        Raises:
            requests.RequestException: There was none.
        """
        submitted = self._submitted.get(_key(call))
        if submitted is None:
            return None
        self._tell(submitted)  # a signal may interrupt the wait; the response is kept
        del self._submitted[_key(call)]
        return submitted.answer.result().response

    def discard(self) -> None:
        """Drop what was submitted but is no longer needed."""
        self.settle()
        self._submitted.clear()

    def _tell(self, submitted: _Submitted) -> None:
        if not submitted.is_settled:
            failed = submitted.answer.exception() is not None
            submitted.is_settled = True
            self._settle(submitted.pool, None if failed else submitted.answer.result())


def _key(call: Call) -> tuple[Pool, str, str]:
    return call.pool, call.url, call.query
