"""Answers that no API should give: each is tried again, or ends the request with what to do."""

from __future__ import annotations

import gzip
import logging
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests
from support.harness import USER_AUTH, make_dataset, run_tap
from support.limited_x import FakeClock

from tap_twitter.api.bounded import Bounds
from tap_twitter.api.call import Call
from tap_twitter.api.client import Client
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.errors import RedirectedError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = b'{"data":[]}'


ZIPPED = "Content-Encoding: gzip"


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = f"Content-Length: {len(body) if length is None else length}"
    lines = [f"HTTP/1.1 {status}", size, *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


class Server(socketserver.ThreadingTCPServer):
    """Gives raw answers, each once but for the last."""

    daemon_threads = True

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.asked.append(self.request.recv(65_536))
        answers = self.server.answers
        self.wfile.write(answers.pop(0) if len(answers) > 1 else answers[0])


@contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    with Server(list(answers)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def client() -> Client:
    limits = RateLimits(FakeClock(), 3600, logging.getLogger("tests"))
    return Client(requests.Session(), limits, Bounds(5), user_agent="tests")


def call(server: Server) -> Call:
    return Call("GET", f"{server.url}/2/users", Pool("GET /2/users"), lambda request: request)


@pytest.mark.parametrize(
    "broken",
    [
        answer(b"no gzip", ZIPPED),
        answer(gzip.compress(GOOD * 100)[:-20], ZIPPED),
        answer(GOOD[:5], length=100),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"",
        answer(b"", status="204 No Content"),
        answer(b'["a list"]'),
        answer(b'{"data":' + b"[" * 100_000),
    ],
    ids=["no-gzip", "cut-gzip", "cut-body", "no-chunk", "no-http", "nothing", "no-content",
         "no-object", "depths"],
)  # fmt: skip
def test_an_answer_that_is_broken_is_asked_for_again(broken: bytes) -> None:
    with serving(broken, answer(GOOD)) as server:
        assert client().send(call(server), dict) == {"data": []}
        assert len(server.asked) == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_no_request_is_led_elsewhere_with_its_secrets(status: str) -> None:
    with serving(answer(GOOD)) as elsewhere:
        moved = answer(b"", f"Location: {elsewhere.url}/login?who=ann", status=status)
        with serving(moved) as server:
            with pytest.raises(RedirectedError, match="settings of 'api'") as raised:
                client().post_form(f"{server.url}/2/oauth2/token", {"a": "secret"}, lambda it: it)
            assert len(server.asked) == 1
        assert not elsewhere.asked
    assert "ann" not in str(raised.value)


def test_what_x_has_charged_for_is_not_asked_again(tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["12", "13"]})
    with serving(answer(b'{"data":[{"id":"7","username":"other"}]}')) as server:
        config = {
            "auth": {"token_store": str(tmp_path / "tokens.json"), **USER_AUTH},
            "api": {"base_url": server.url, "vocabulary": "tweet"},
            "store": str(tmp_path),
            "users_lookup": {"input_dataset_id": "people"},
        }
        with pytest.raises(
            RunError, match=r"names none of the 2 requested users .* X has charged for it"
        ):
            run_tap(config)
        assert len(server.asked) == 1
