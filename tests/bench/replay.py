"""A server that plays recorded pages back: as cheap as it gets, and the same for whoever asks."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from sandbox import Options, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IDS_PER_PAGE: Final = 100
_FIRST_ID: Final = re.compile(rb"[?&]ids=([0-9]+)")


def record(count: int) -> tuple[list[str], Mapping[bytes, bytes]]:
    """The sandbox's answers to lookups of so many users, all found.

    Args:
        count: How many users.

    Returns:
        Their ids, in the order of their numbers, and the body of each page by its first id.
    """
    world = Sandbox(Options()).world
    ids = sorted(world.sample_ids(count, "found"), key=int)
    pages = {}
    for start in range(0, count, IDS_PER_PAGE):
        users = [world.user(user_id) for user_id in ids[start : start + IDS_PER_PAGE]]
        pages[ids[start].encode()] = msgspec.json.encode({"data": users})
    return ids, pages


class Replay(socketserver.ThreadingTCPServer):
    """Answers each request with the page that begins with the first id it asks for.

    Attributes:
        begun: When the first request came, on the monotonic clock.
        requests: How many have come.
    """

    daemon_threads = True

    def __init__(self, pages: Mapping[bytes, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.pages = pages
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.forget()

    def forget(self) -> None:
        """Count from the next request on."""
        self.begun: float | None = None
        self.requests = 0


class _Connection(socketserver.StreamRequestHandler):
    """One connection, kept alive until the client closes it."""

    server: Replay
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while request := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            self.server.begun = self.server.begun or time.monotonic()
            self.server.requests += 1
            found = _FIRST_ID.search(request)
            page = self.server.pages.get(found[1] if found else b"")
            status = b"404 Not Found" if page is None else b"200 OK"
            self.wfile.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(page or b""), page or b"")
            )


@contextmanager
def replaying(pages: Mapping[bytes, bytes]) -> Iterator[Replay]:
    """Run a server as long as the block lasts."""
    with Replay(pages) as server:
        thread = threading.Thread(target=server.serve_forever, name="replay")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
