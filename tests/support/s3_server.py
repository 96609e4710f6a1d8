"""A real S3 server (SeaweedFS), and a proxy before it that fails on demand."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

if TYPE_CHECKING:
    from collections.abc import Iterator

WEED: Final = Path(__file__).parents[2] / ".venv-engines" / "bin" / "weed"
KEY, SECRET, BUCKET = "testing-key", "testing-secret", "datasets"


@dataclass(frozen=True)
class S3Server:
    """A server with a bucket."""

    endpoint: str
    bucket: str = BUCKET
    key: str = KEY
    secret: str = SECRET

    def options(self, **others: Any) -> dict[str, Any]:
        """The setting `store_options` for it."""
        return {
            "endpoint": self.endpoint,
            "access_key_id": self.key,
            "secret_access_key": self.secret,
            "timeout_seconds": 10,
            "retry_seconds": 10,
            **others,
        }


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS on loopback; or the server that S3_TEST_ENDPOINT names, with the AWS variables."""
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        names = ("S3_TEST_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        yield S3Server(endpoint, *(os.environ[name] for name in names))
        return
    if not WEED.exists():
        pytest.skip("there is no S3 server; `make engines` installs one, or set S3_TEST_ENDPOINT")
    port = _free_ports()
    ports = {
        f"-{name}.port": port + place
        for place, name in enumerate(("s3", "master", "volume", "filer", "admin"))
    }
    # other listeners have fixed ports, and one reports to the vendor
    off = ("-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0")
    command = [
        *(str(WEED), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *(f"{name}={number}" for name, number in ports.items()),
        *(*off, "-master.telemetry=false", f"-bucket={BUCKET}"),
    ]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found = S3Server(f"http://127.0.0.1:{port}")
        _await_bucket(found, server)
        yield found
    finally:
        server.send_signal(signal.SIGKILL)  # it takes long to obey SIGTERM
        server.wait()


def _free_ports(count: int = 5) -> int:
    """The first of some adjacent free ports; each has another one for gRPC, 10,000 above."""
    for start in range(20_000 + os.getpid() % 10_000, 45_000, count):
        if all(
            _is_free(port) for each in range(start, start + count) for port in (each, each + 10_000)
        ):
            return start
    pytest.fail("there are no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _await_bucket(server: S3Server, process: subprocess.Popen[bytes]) -> None:
    bucket = S3Store(
        server.bucket,
        endpoint=server.endpoint,
        access_key_id=server.key,
        secret_access_key=server.secret,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    for _ in range(300):
        assert process.poll() is None, "the S3 server has ended"
        with suppress(BaseError):
            obstore.list_with_delimiter(bucket)
            return
        time.sleep(0.1)
    pytest.fail("the S3 server does not start")


def _connected(port: int | None) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


FaultKind = Literal["500 before", "500 after", "reset after", "half a body", "slow", "503 storm"]


@dataclass
class Proxy:
    """Passes requests on to a server, and fails on those that are chosen by their number."""

    server: S3Server
    endpoint: str = ""
    requests: list[str] = field(default_factory=list)
    kind: FaultKind | None = None
    first: int = 0
    count: int = 1
    ignores_conditions: bool = False

    def fail(self, kind: FaultKind, first: int, count: int = 1) -> None:
        """Count requests anew, and fail on some of them."""
        self.requests.clear()
        self.kind, self.first, self.count = kind, first, count

    def fault_of(self, request: str) -> FaultKind | None:
        """The fault of the next request."""
        self.requests.append(request)
        number = len(self.requests) - 1
        return self.kind if self.first <= number < self.first + self.count else None


class ProxyServer(ThreadingHTTPServer):
    """The listener of a proxy."""

    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.proxy = proxy
        self.lock = threading.Lock()


class ProxyHandler(BaseHTTPRequestHandler):
    """One connection to a proxy."""

    protocol_version = "HTTP/1.1"
    server: ProxyServer

    def do_GET(self) -> None:
        """Pass a request on, whatever its method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            fault = self.server.proxy.fault_of(f"{self.command} {self.path}")
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
        with closing(_connected(urlsplit(self.server.proxy.server.endpoint).port)) as connection:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            found = answer.status, dict(answer.getheaders()), answer.read()
        if found[0] == 412 and self.server.proxy.ignores_conditions:
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


@contextmanager
def running_proxy(server: S3Server) -> Iterator[Proxy]:
    """A proxy on loopback."""
    proxy = Proxy(server)
    listener = ProxyServer(proxy)
    proxy.endpoint = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
