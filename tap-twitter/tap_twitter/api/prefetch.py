"""Requests that are sent before their answers are asked for, so that their latencies overlap.

Only the way to X and back is left to threads: signing, limits, the bill and all judging stay with
the thread that reads the answers, in its order.
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

    from tap_twitter.api.client import Call
    from tap_twitter.api.rate_limits import Pool


class TimedResponse(NamedTuple):
    """An answer, and when it came: what its headers say may be read later."""

    response: requests.Response
    at: datetime


@dataclass(slots=True)
class _Begun:
    pool: Pool
    answer: Future[TimedResponse]
    is_settled: bool = False


class Prefetcher:
    """The requests that are under way ahead of the one that is waited for.

    Args:
        most: How many there may be.
        send: Sends a request, in any thread.
        settle: Is told what became of each, in the thread that asks: its pool, and the answer or
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
        self._begun: dict[tuple[Pool, str, str], _Begun] = {}

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._most, "ahead")

    def has_room(self, call: Call) -> bool:
        """Whether the request is not under way, and may be."""
        return len(self._begun) < self._most and _key(call) not in self._begun

    def under_way(self, pool: Pool) -> int:
        """How many requests of a pool were sent of which X has not told what is left."""
        return sum(each.pool == pool and not each.is_settled for each in self._begun.values())

    def begin(self, call: Call, request: requests.PreparedRequest) -> None:
        """Send a request; what its credentials do about a refusal is left for another try."""
        request.hooks = default_hooks()
        self._begun[_key(call)] = _Begun(call.pool, self._threads.submit(self._send, request))

    def settle(self) -> None:
        """Wait for all answers, and tell of them."""
        for each in self._begun.values():
            self._tell(each)

    def take(self, call: Call) -> requests.Response | None:
        """The answer to a request that was begun; None where it was not.

        Raises:
            requests.RequestException: There was none.
        """
        begun = self._begun.get(_key(call))
        if begun is None:
            return None
        self._tell(begun)  # a signal may end the waiting; the answer is kept
        del self._begun[_key(call)]
        return begun.answer.result().response

    def forget(self) -> None:
        """Pass over what was begun and is not asked for any more."""
        self.settle()
        self._begun.clear()

    def _tell(self, begun: _Begun) -> None:
        if not begun.is_settled:
            failed = begun.answer.exception() is not None
            begun.is_settled = True
            self._settle(begun.pool, None if failed else begun.answer.result())


def _key(call: Call) -> tuple[Pool, str, str]:
    return call.pool, call.url, call.query
