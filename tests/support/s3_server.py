"""A real S3 server: SeaweedFS."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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


def is_available() -> bool:
    """Whether there is a server to run, or one that S3_TEST_ENDPOINT names."""
    return WEED.exists() or "S3_TEST_ENDPOINT" in os.environ


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS on loopback; or the server that S3_TEST_ENDPOINT names, with the AWS variables."""
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        names = ("S3_TEST_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        yield S3Server(endpoint, *(os.environ[name] for name in names))
        return
    if not is_available():
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
    """The first of some adjacent free ports; each has another one for gRPC, 10,000 above.

    All are below those that systems give to outgoing connections, from 32,768 on.
    """
    places = range(10_000, 22_000, count)
    first = os.getpid() % len(places)
    for start in chain(places[first:], places[:first]):
        if all(
            _is_free(port) for each in range(start, start + count) for port in (each, each + 10_000)
        ):
            return start
    pytest.fail("there are no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


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
