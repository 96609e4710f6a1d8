"""A real Spark Connect server: Sail."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.s3_server import S3Server

SAIL: Final = Path(__file__).parents[2] / ".venv-sail" / "bin" / "sail"


def s3_environment(server: S3Server) -> dict[str, str]:
    """The variables by which programs reach an S3 server; AWS_ENDPOINT is Sail's alone."""
    return {
        "AWS_ACCESS_KEY_ID": server.key,
        "AWS_SECRET_ACCESS_KEY": server.secret,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": server.endpoint,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ALLOW_HTTP": "true",
    }


@contextmanager
def running_sail(environment: dict[str, str]) -> Iterator[str]:
    """Sail on loopback; gives its address.

    Args:
        environment: What it gets beside this process's variables: keys for S3, `SAIL_MODE`.
    """
    if not SAIL.exists():
        pytest.skip("Sail is not installed; `make engines` installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(SAIL), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port, server)
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "Sail has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("Sail does not start")
