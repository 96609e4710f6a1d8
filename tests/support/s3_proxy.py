"""A proxy before an S3 server that fails on demand.

It is a process of its own: deltalake holds Python's lock while it waits for an answer, so that a
thread of the same process could not give one.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from support.processes import Popen

if TYPE_CHECKING:
    from collections.abc import Iterator

FaultKind = Literal["500 before", "500 after", "reset after", "half a body", "slow", "503 storm"]


class Plan(msgspec.Struct):
    """Which requests fail, and how."""

    kind: FaultKind | None = None
    first: int = 0
    count: int = 0
    ignores_conditions: bool = False


class Proxy:
    """The test's side of a proxy."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.endpoint = self._answer()

    def fail(self, kind: FaultKind | None = None, first: int = 0, count: int = 0) -> None:
        """Count requests anew, and fail on some of them."""
        self.plan(Plan(kind, first, count))

    def plan(self, plan: Plan) -> int:
        """Count requests anew, by another plan; the number of requests so far."""
        return self._ask(msgspec.json.encode(plan).decode())

    def requests(self) -> int:
        """The number of requests since the last plan."""
        return self._ask("")

    def _ask(self, line: str) -> int:
        assert self._process.stdin
        print(line, file=self._process.stdin, flush=True)
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def running_proxy(endpoint: str) -> Iterator[Proxy]:
    """A proxy on loopback, before a server."""
    process = Popen(
        [sys.executable, __file__, endpoint],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    with process:  # it ends with its input
        yield Proxy(process)
        assert process.stdin
        process.stdin.close()


class ProxyServer(ThreadingHTTPServer):
    """The listener of a proxy, in a process of its own.

    Args:
        endpoint: The server.
    """

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.endpoint = endpoint
        self.lock = threading.Lock()
        self.plan(Plan())

    def plan(self, plan: Plan) -> None:
        """Count requests anew, and fail on some of them."""
        self.requests = 0
        self.faults = plan

    def handle_error(self, *_: object) -> None:
        """Print nothing: clients that are killed break their connections."""

    def next_fault(self) -> FaultKind | None:
        """The fault of the next request."""
        number = self.requests
        self.requests += 1
        plan = self.faults
        return plan.kind if plan.first <= number < plan.first + plan.count else None


class ProxyHandler(BaseHTTPRequestHandler):
    """One connection to a proxy."""

    protocol_version = "HTTP/1.1"
    # an answer in two packets would wait for the client's delayed acknowledgment, 40 ms
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ProxyServer

    def do_GET(self) -> None:
        """Pass a request on, whatever its method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            fault = self.server.next_fault()
        if fault == "500 before":
            self.answer(500, {}, b"")
            return
        if fault == "503 storm":
            self.answer(503, {}, b"")
            return
        if fault == "slow":
            time.sleep(0.5)
        status, headers, found = self.passed_on(body)
        if fault == "500 after":
            self.answer(500, {}, b"")
        elif fault == "reset after":
            self.reset()
        elif fault == "half a body" and found:
            self.answer(status, headers, found, sent=len(found) // 2)
            self.reset()
        else:
            self.answer(status, headers, found)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the names of the library

    def passed_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The server's answer."""
        headers = dict(self.headers.items())  # the signature covers the host
        with closing(_connected(urlsplit(self.server.endpoint).port)) as connection:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            found = answer.status, dict(answer.getheaders()), answer.read()
        if found[0] == 412 and self.server.faults.ignores_conditions:
            return 200, {"ETag": '"0123456789abcdef0123456789abcdef"'}, b""
        return found

    def answer(
        self, status: int, headers: dict[str, str], body: bytes, sent: int | None = None
    ) -> None:
        """Send an answer, or only a part of its body."""
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        length = headers.get("Content-Length", "0") if is_head else str(len(body))
        if status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        if not is_head:
            self.wfile.write(body[:sent])

    def reset(self) -> None:
        """Break the connection."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _connected(port: int | None) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends; each line of it is a plan, or empty to count the requests."""
    listener = ProxyServer(sys.argv[1])
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    _say(f"http://127.0.0.1:{listener.server_port}")
    for line in sys.stdin:
        with listener.lock:
            _say(str(listener.requests))
            if line.strip():
                listener.plan(msgspec.json.decode(line, type=Plan))


if __name__ == "__main__":
    main()
