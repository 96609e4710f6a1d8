"""A transport for `requests` that limits how long a response may take, and how large it may be.

The timeouts of `requests` apply to single reads of the socket, so a byte now and then keeps a
request alive forever, and nothing limits the size of a body.
"""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tap_twitter.errors import OversizedAnswerError, SlowAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE: Final = 1_000_000
DEFAULT_MEGABYTES: Final = 64
"""X's largest documented responses, a thousand users, have two."""

CHUNK_BYTES: Final = 64 * 1024
GZIP: Final = b"\x1f\x8b"
"""How a gzip file begins, and no JSON. X's Ads API gives files, whose headers name no encoding."""

GZIP_ONLY: Final = 31
"""What `zlib` takes for gzip files with the largest window."""


class Bounds(NamedTuple):
    """The limits of a response.

    Attributes:
        seconds: From connecting to the last byte.
        megabytes: Of its body, decompressed.
    """

    seconds: float
    megabytes: float = DEFAULT_MEGABYTES


class _Deadline:
    """The deadline of one response; when it expires, the connection is shut down."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds
        self.has_expired = False
        self.has_begun = False
        """Whether a byte of the response has arrived."""

        self.has_endless_headers = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has expired; the socket may notice that first."""
        return self.has_expired or time.monotonic() >= self.at

    def watch(self, connected: socket.socket) -> None:
        """Watch the connection that the response arrives on.

        A descriptor of our own stays valid while the connection is wrapped in TLS, and after the
        response has taken it over.
        """
        with self._lock:
            self._close()
            self._socket = socket.socket(fileno=os.dup(connected.fileno()))
            if self.has_expired:
                self._shut_down()

    def expire(self) -> None:
        """End the response: its reader meets the end of the stream."""
        with self._lock:
            self.has_expired = True
            self._shut_down()

    def close(self) -> None:
        """Release the connection."""
        with self._lock:
            self._close()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Watchdog:
    """Ends responses at their deadlines, in a thread that lives while there are any.

    All deadlines are equally long, so a later one never needs an earlier wake-up: a response
    costs no switch of threads.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._watched: set[_Deadline] = set()
        self._is_awake = False

    @contextmanager
    def deadline(self) -> Iterator[_Deadline]:
        """Set a deadline for the response that is read inside."""
        deadline = _Deadline(self._seconds)
        with self._lock:
            self._watched.add(deadline)
            if not self._is_awake:
                self._is_awake = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
        try:
            yield deadline
        finally:
            with self._lock:
                self._watched.discard(deadline)
            deadline.close()

    def _run(self) -> None:
        while (wake_at := self._next()) is not None:
            time.sleep(max(wake_at - time.monotonic(), 0.0))

    def _next(self) -> float | None:
        """Expire what is due, and return the next deadline; None if there is none."""
        now = time.monotonic()
        with self._lock:
            due = [each for each in self._watched if each.at <= now]
            self._watched.difference_update(due)
            next_at = min((each.at for each in self._watched), default=None)
            self._is_awake = next_at is not None
        for each in due:
            each.expire()
        return next_at


_current: Final = threading.local()
"""The deadline of the response that a thread is waiting for."""


def _deadline() -> _Deadline | None:
    return getattr(_current, "deadline", None)


class _Answer(http.client.HTTPResponse):
    """Records that a response has begun, and that its headers do not end."""

    def begin(self) -> None:
        deadline = _deadline()
        if deadline is not None:
            deadline.has_begun = bool(self.fp.peek(1))
        try:
            super().begin()
        except http.client.HTTPException as error:
            # the library allows 100 headers of 64 KiB; a plain HTTPException says there are more
            if deadline is not None:
                kinds = (http.client.HTTPException, http.client.LineTooLong)
                deadline.has_endless_headers = type(error) in kinds
            raise


def _watch(connected: Any) -> None:
    deadline = _deadline()
    if deadline is not None and connected is not None:
        deadline.watch(connected)


class _Connection(HTTPConnection):
    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _watch(connected)
        return connected

    def request(self, *args: Any, **options: Any) -> None:
        _watch(self.sock)
        super().request(*args, **options)


class _SecureConnection(_Connection, HTTPSConnection):
    """The same, encrypted."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS: Final = {"http": _Pool, "https": _SecurePool}


class BoundedAdapter(HTTPAdapter):
    """Reads complete responses, within limits.

    Args:
        bounds: For each response, including that to a renewed request.
        pool_maxsize: How many connections to a host are kept.
    """

    def __init__(self, bounds: Bounds, pool_maxsize: int) -> None:
        self._bounds = bounds
        self._watchdog = _Watchdog(bounds.seconds)
        super().__init__(pool_maxsize=pool_maxsize)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the connections to servers."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Make the connections to a proxy."""
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Send a request and read its response.

        Raises:
            SlowAnswerError: The response has begun, but is not complete in time.
            OversizedAnswerError: It is too large.
            requests.RequestException: There is none.
        """
        options |= {"stream": True, "timeout": self._bounds.seconds}
        with self._watchdog.deadline() as deadline:
            _current.deadline = deadline
            try:
                return self._answer(request, deadline, options)
            except requests.RequestException:
                self._check(request, deadline)
                raise
            finally:
                _current.deadline = None

    def _answer(
        self, request: requests.PreparedRequest, deadline: _Deadline, options: dict[str, Any]
    ) -> requests.Response:
        response = super().send(request, **options)
        body, most = BytesIO(), self._bounds.megabytes * MEGABYTE
        for chunk in response.iter_content(CHUNK_BYTES):
            body.write(chunk)
            if body.tell() > most:
                response.close()
                raise OversizedAnswerError(origin_of(request.url), self._bounds.megabytes)
        self._check(request, deadline)  # a connection that is shut down may look like the end
        content = body.getvalue()
        if content.startswith(GZIP):
            content = _unpacked(content, int(most), request)
            if len(content) > most:
                raise OversizedAnswerError(origin_of(request.url), self._bounds.megabytes)
        response._content = content  # what `requests` itself reads it into
        return response

    def _check(self, request: requests.PreparedRequest, deadline: _Deadline) -> None:
        """Raise the error for a response that was ended by its limits."""
        if deadline.has_endless_headers:
            raise OversizedAnswerError(origin_of(request.url)) from None
        if not deadline.is_over:
            return
        if deadline.has_begun:
            raise SlowAnswerError(origin_of(request.url), self._bounds.seconds) from None
        raise requests.ReadTimeout(request=request) from None


def _unpacked(content: bytes, most: int, request: requests.PreparedRequest) -> bytes:
    """A gzip file without its compression; a byte more than allowed if there is more in it.

    Raises:
        requests.exceptions.ContentDecodingError: It is broken.
    """
    unpacked, is_whole = BytesIO(), True
    while content and is_whole:
        member = zlib.decompressobj(wbits=GZIP_ONLY)
        try:
            unpacked.write(member.decompress(content, most + 1 - unpacked.tell()))
        except zlib.error as error:
            raise requests.exceptions.ContentDecodingError(error, request=request) from None
        content, is_whole = member.unused_data, member.eof
    if not is_whole and unpacked.tell() <= most:
        msg = "the file is cut off"
        raise requests.exceptions.ContentDecodingError(msg, request=request)
    return unpacked.getvalue()


def origin_of(url: str | None) -> str:
    """The server's address: paths and queries hold ids, so they stay out of messages."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}"
