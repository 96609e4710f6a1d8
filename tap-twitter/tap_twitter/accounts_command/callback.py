"""The callback address: a server on this machine that X sends the browser back to.

It listens only on the loopback interface, while somebody waits, and knows one path. It makes no
decisions: whoever waits gets each visit and answers it with a page.
"""

from __future__ import annotations

import errno
import os
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import parse_qs, urlsplit

from tap_twitter.accounts_command import html_pages
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from typing import Self

HOST: Final = "127.0.0.1"
PATH: Final = "/callback"
TIMEOUT_SECONDS: Final = 10.0
"""How long a browser may take to send a request, or to receive a page."""


def callback_address(port: int) -> str:
    """The address to register for the app in X's developer console."""
    return f"http://{HOST}:{port}{PATH}"


class _Answer(NamedTuple):
    page: str
    status: HTTPStatus


class Visit:
    """A browser that came to the callback address and waits for a page.

    Args:
        query: Its parameters; those given more than once are left out.
    """

    def __init__(self, query: dict[str, str]) -> None:
        self.query = query
        self._answer: Future[_Answer] = Future()
        self._is_sent = Event()

    def answer(self, page: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Show a page; returns when the browser has it, or has disconnected."""
        self._answer.set_result(_Answer(page, status))
        self._is_sent.wait(TIMEOUT_SECONDS)


class CallbackServer:
    """Listens within its `with` block.

    Args:
        port: The port to listen on.

    Raises:
        SettingError: By `with`: the port cannot be used.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    @property
    def address(self) -> str:
        """The callback address."""
        return callback_address(self._port)

    def __enter__(self) -> Self:
        try:
            self._server = _Server(self._port)
        except OSError as error:
            raise _unavailable(self._port, error) from None
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_visit(self, timeout_seconds: float) -> Visit | None:
        """The next visit; None if none comes in time."""
        try:
            return self._server.visits.get(timeout=max(timeout_seconds, 0))
        except Empty:
            return None


def _unavailable(port: int, error: OSError) -> SettingError:
    if error.errno == errno.EADDRINUSE:
        reason = "another program listens there; end it"
    else:
        reason = f"{error.strerror or error}; fix that"
    return SettingError(
        f"Port {port} cannot be used: {reason}, or give another one with --port and register "
        f"http://{HOST}:PORT{PATH} as a callback address in the developer console."
    )


class _Server(ThreadingHTTPServer):
    """A thread for each connection: browsers open some on which they send nothing."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would let two programs have the port

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.visits: SimpleQueue[Visit] = SimpleQueue()

    def handle_error(self, *_: Any) -> None:
        """Ignore browsers that hang up; nobody needs a traceback about that."""


class _Handler(BaseHTTPRequestHandler):
    timeout = TIMEOUT_SECONDS

    def do_GET(self) -> None:
        """Answer a request."""
        parts = urlsplit(self.path)
        if parts.path != PATH:
            self._send(_Answer(html_pages.nothing_here(), HTTPStatus.NOT_FOUND))
            return
        given = parse_qs(parts.query, keep_blank_values=True)
        visit = Visit({name: values[0] for name, values in given.items() if len(values) == 1})
        cast("_Server", self.server).visits.put(visit)
        try:
            self._send(visit._answer.result())
        finally:
            visit._is_sent.set()

    def _send(self, answer: _Answer) -> None:
        content = answer.page.encode()
        self.send_response_only(answer.status)
        for name, value in html_pages.HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Log nothing: requests contain tokens and codes of X."""
