"""Runs a sandbox: in a thread of the process that wants it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn

from sandbox.application import ABORT, build
from sandbox.eavesdropping import audible
from sandbox.options import Options
from sandbox.state import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import MethodType

    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

_START_SECONDS: Final = 10.0
_KEEP_ALIVE_SECONDS: Final = 60
_FINISH_SECONDS: Final = 1
"""How long requests under way may take at the end."""


class _Server(uvicorn.Server):
    """Uvicorn that stops at once: its own loops look every 0.1 s whether there is something to do.

    Args:
        config: As Uvicorn takes it.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Serve until `stop` is called."""
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what listens and what is idle; let requests under way finish, for a moment."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := self.server_state.tasks:
            await asyncio.wait(tasks, timeout=_FINISH_SECONDS)

    def stop(self) -> None:
        """Let the server end, from any thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)


@contextmanager
def running(options: Options | None = None, **settings: Any) -> Iterator[Sandbox]:
    """Run a sandbox as long as the block lasts.

    Args:
        options: All settings; or give single ones by name.
        settings: Fields of `Options`.

    Yields:
        The sandbox, listening at its `url`.

    Raises:
        ValueError: If the host is not a loopback address.
        TimeoutError: If the server does not start.
    """
    sandbox = Sandbox(options or Options(**settings))
    with _listener(sandbox.options) as listener:
        host, port = listener.getsockname()[:2]
        sandbox.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        server = _server(sandbox)
        thread = threading.Thread(target=server.run, args=([listener],), name="sandbox")
        thread.start()
        try:
            _await_start(server, thread)
            yield sandbox
        finally:
            server.stop()
            thread.join()


def _listener(options: Options) -> socket.socket:
    address = ipaddress.ip_address(options.host)
    if not address.is_loopback:
        msg = f"The sandbox listens on loopback only, not on {options.host}: use 127.0.0.1 or ::1"
        raise ValueError(msg)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family)
    # asyncio sets it only on sockets that name their protocol; without it, an answer on a connection
    # that is kept waits 40 ms for the client's acknowledgment between head and body
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _abortable(app: ASGIApp) -> ASGIApp:
    """The application, with a way to cut the connection of a request: ASGI itself has none."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        cycle = cast("RequestResponseCycle", cast("MethodType", send).__self__)
        scope[ABORT] = cycle.transport.abort
        await app(scope, receive, audible(send))

    return serve


def _server(sandbox: Sandbox) -> _Server:
    config = uvicorn.Config(
        _abortable(build(sandbox)),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        forwarded_allow_ips="*",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    return _Server(config)


def _await_start(server: _Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            msg = f"The sandbox did not start within {_START_SECONDS:.0f} seconds"
            raise TimeoutError(msg)
        time.sleep(0.002)
