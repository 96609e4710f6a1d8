"""A server on loopback that answers as a test wants it, instead of the sandbox's world."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from support.harness import USER_AUTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Reply = tuple[int, Mapping[str, str], Any]
    """Status, headers, and a body: bytes, text, or what becomes JSON."""


@dataclass
class Asked:
    """A request: its number from 1, and what it said."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    body: bytes = b""


@dataclass
class AnsweringX:
    """A running server."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def config(self, store: Path, **groups: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of the tap for this server; groups of settings are added to those."""
        base: dict[str, Any] = {
            "auth": {"token_store": str(store / "tokens.json"), **USER_AUTH},
            "api": {"base_url": self.url, "engagement_url": self.url, "max_wait_seconds": 30},
            "store": str(store),
            "users_lookup": {"input_dataset_id": "people"},
        }
        for name, settings in groups.items():
            base[name] = {**base.get(name, {}), **settings}
        return base


def as_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


@contextmanager
def answering(handle: Callable[[Asked], Reply]) -> Iterator[AnsweringX]:
    """A server that answers by a function."""
    x = AnsweringX()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with lock:
                query = dict(parse_qsl(parts.query))
                asked = Asked(len(x.asked) + 1, self.command, parts.path, query, body)
                x.asked.append(asked)
                status, headers, answer = handle(asked)
            content = as_bytes(answer)
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815 - the names are the library's

        def log_message(self, *_: Any) -> None:
            pass

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as x.url:
        yield x


class RawServer(socketserver.ThreadingTCPServer):
    """Reads a request, and leaves what it writes to a function."""

    daemon_threads = True

    def __init__(self, write: Callable[[Callable[[bytes], None]], None]) -> None:
        super().__init__(("127.0.0.1", 0), RawHandler)
        self.write = write
        self.asked = 0
        self.written = 0


class RawHandler(socketserver.StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.server.asked += 1
        with suppress(OSError):  # the client has had enough
            self.server.write(self._write)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.server.written += len(data)


@contextmanager
def writing(write: Callable[[Callable[[bytes], None]], None]) -> Iterator[tuple[str, RawServer]]:
    """A server whose every byte is the test's: its address, and itself."""
    server = RawServer(write)
    with _served(server) as url:
        yield url, server


@contextmanager
def _served(server: socketserver.ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[str]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    with server:
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
