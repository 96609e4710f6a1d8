"""Answers that take too long or are too large end the request at once, and are not repeated."""

from __future__ import annotations

import gzip
import logging
import threading
import time
import tracemalloc
import zlib
from itertools import repeat
from typing import TYPE_CHECKING

import pytest
import requests
from requests_oauthlib import OAuth1
from support.answering import writing
from support.harness import USER_AUTH, make_dataset, run_tap
from support.limited_x import FakeClock

from tap_twitter.accounts_command.x_client import XServer
from tap_twitter.api.bounded import Bounds
from tap_twitter.api.call import Call
from tap_twitter.api.client import Client
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.retries import MIN_TRIES
from tap_twitter.errors import (
    OversizedAnswerError,
    RunError,
    SlowAnswerError,
    UnboundedAnswerError,
    UnreachableError,
)
from tap_twitter.tap import CHATTY_LOGGERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[bytes], None]

STATUS = b"HTTP/1.1 200 OK\r\n"
HEAD = STATUS + b"content-type: application/json\r\n"
MEGABYTE = b" " * 1_000_000
BOMB = b'{"data":[],"x":"' + b"a" * 100_000_000 + b'"}'


def dripping(head: bytes, drop: bytes) -> Callable[[Write], None]:
    """Bytes that come one after the other, so that no read of them takes long."""

    def write(out: Write) -> None:
        out(head)
        for _ in repeat(None):
            out(drop)
            time.sleep(0.05)

    return write


def pouring(head: bytes, part: bytes) -> Callable[[Write], None]:
    """Bytes without end, as fast as they are read."""

    def write(out: Write) -> None:
        out(head)
        for _ in repeat(None):
            out(part)

    return write


def packed(encoding: bytes, body: bytes) -> Callable[[Write], None]:
    head = HEAD + b"content-encoding: %s\r\ncontent-length: %d\r\n\r\n" % (encoding, len(body))
    return lambda out: out(head + body)


SLOW = {
    "body": dripping(HEAD + b"\r\n", b" "),
    "body-of-known-size": dripping(HEAD + b"content-length: 10000\r\n\r\n", b" "),
    "chunks": dripping(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "size-of-a-chunk": dripping(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"0"),
    "headers": dripping(STATUS + b"x: ", b"a"),
    "many-headers": dripping(STATUS, b"x: a\r\n"),
    "status": dripping(b"HTTP/1.1 200 ", b"O"),
    "continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "silence": dripping(HEAD + b"content-length: 9\r\n\r\n{", b""),
    "empty-gzip": dripping(HEAD + b"content-encoding: gzip\r\n\r\n", gzip.compress(b"")),
}
LARGE = {
    "body": pouring(HEAD + b"\r\n", MEGABYTE),
    "chunks": pouring(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"f4240\r\n" + MEGABYTE + b"\r\n"),
    "refusal": pouring(b"HTTP/1.1 503 Service Unavailable\r\n\r\n", MEGABYTE),
    "gzip": packed(b"gzip", gzip.compress(BOMB, 1)),
    "deflate": packed(b"deflate", zlib.compress(BOMB, 1)),
    "headers": pouring(STATUS, b"x: " + b"a" * 60_000 + b"\r\n"),
    "header": pouring(STATUS + b"x: ", b"a" * 100_000),
    "continue": pouring(b"HTTP/1.1 100 Continue\r\n", b"x: a\r\n"),
}  # fmt: skip


def client(seconds: float = 20, megabytes: float = 64) -> Client:
    limits = RateLimits(FakeClock(), 3600, logging.getLogger("tests"))
    return Client(requests.Session(), limits, Bounds(seconds, megabytes), user_agent="tests")


def call(url: str) -> Call:
    return Call("GET", f"{url}/2/users", Pool("GET /2/users"), lambda request: request)


@pytest.mark.parametrize("write", SLOW.values(), ids=SLOW)
def test_an_answer_that_is_not_complete_in_time_is_not_tried_again(
    write: Callable[[Write], None],
) -> None:
    with writing(write) as (url, server):
        asks, begun_at = client(seconds=0.5), time.monotonic()
        for _ in range(2):
            with pytest.raises(
                SlowAnswerError, match=rf"from {url} .* after 0\.5 s \('api\.timeout_se"
            ):
                asks.send(call(url), dict)
        assert time.monotonic() - begun_at < 15
        assert server.asked == 1


@pytest.mark.parametrize("write", LARGE.values(), ids=LARGE)
def test_no_more_of_an_answer_is_kept_than_it_may_have(write: Callable[[Write], None]) -> None:
    with writing(write) as (url, server):
        asks = client(megabytes=2)
        tracemalloc.start()
        try:
            for _ in range(2):
                with pytest.raises(OversizedAnswerError, match=f"from {url} exceeds"):
                    asks.send(call(url), dict)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 20_000_000
        assert server.asked == 1


def test_where_no_byte_came_another_try_is_free(caplog: pytest.LogCaptureFixture) -> None:
    with writing(lambda _: time.sleep(3)) as (url, server):
        with pytest.raises(UnreachableError, match=f"last try at {url}"):
            client(seconds=0.1).send(call(url), dict)
        assert server.asked == MIN_TRIES
    assert "ReadTimeout" in caplog.text


def test_answers_within_the_bounds_are_whole_and_connections_are_kept() -> None:
    body = b'{"data":[{"id":"1","name":"' + b"a" * 900_000 + b'"}]}'
    answer = gzip.compress(body)
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(answer)
    with writing(lambda out: out(head + answer)) as (url, _):
        found = client(megabytes=1).send(call(url), dict)
    assert len(found["data"][0]["name"]) == 900_000
    assert not [
        each for each in threading.enumerate() if each.name == "deadlines" and not each.daemon
    ]


FILE = gzip.compress(b'{"data": ') + gzip.compress(b'[{"id": "1"}]}')
"""Of two members, as files may be that were joined."""


def file_answer(content: bytes) -> Callable[[Write], None]:
    """A file: its headers name no encoding, so no library unpacks it."""
    head = HEAD + b"content-type: application/gzip\r\ncontent-length: %d\r\n\r\n" % len(content)
    return lambda out: out(head + content)


def test_a_gzip_file_is_unpacked() -> None:
    with writing(file_answer(FILE)) as (url, _):
        assert client().send(call(url), dict) == {"data": [{"id": "1"}]}


@pytest.mark.parametrize(
    "content",
    [FILE[:-12], FILE[:20], b"\x1f\x8b rubbish"],
    ids=["second-member-cut", "first-member-cut", "no-member"],
)
def test_a_broken_file_is_tried_again(content: bytes) -> None:
    with writing(file_answer(content)) as (url, server):
        with pytest.raises(UnreachableError, match="last try"):
            client().send(call(url), dict)
        assert server.asked > 1


def test_no_more_of_a_file_is_unpacked_than_an_answer_may_have() -> None:
    with writing(file_answer(gzip.compress(b" " * 50_000_000))) as (url, server):
        asks = client(megabytes=2)
        tracemalloc.start()
        try:
            with pytest.raises(OversizedAnswerError):
                asks.send(call(url), dict)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 10_000_000
        assert server.asked == 1


def test_the_answer_to_a_form_is_bounded_too() -> None:
    with writing(SLOW["body"]) as (url, server):
        asks = client(seconds=0.3)
        for _ in range(2):
            with pytest.raises(UnboundedAnswerError):
                asks.post_form(f"{url}/oauth2/token", {"a": "b"}, lambda request: request)
        assert server.asked == 1


@pytest.mark.parametrize(
    "write",
    [SLOW["body"], SLOW["headers"], LARGE["gzip"]],
    ids=["body", "headers", "gzip"],
)
def test_the_accounts_command_waits_no_longer(
    write: Callable[[Write], None], caplog: pytest.LogCaptureFixture
) -> None:
    for name in CHATTY_LOGGERS:
        caplog.set_level(logging.INFO, name)
    with writing(write) as (url, server):
        config = {"api": {"base_url": url, "timeout_seconds": 0.5, "max_response_mb": 1}}
        x = XServer(config, url, FakeClock())
        with pytest.raises(UnboundedAnswerError):
            x.post_signed(f"{url}/oauth/request_token", OAuth1("key", "secret"))
        assert server.asked == 1


def test_a_stream_ends_in_one_line_and_its_cursor_stays(tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["12", "13"]})
    with writing(SLOW["body"]) as (url, server):
        config = {
            "auth": {"token_store": str(tmp_path / "tokens.json"), **USER_AUTH},
            "api": {"base_url": url, "timeout_seconds": 0.5},
            "store": str(tmp_path),
            "users_lookup": {"input_dataset_id": "people"},
            "budget": {"max_requests": 3},
        }
        with pytest.raises(
            RunError,
            match=r"^Stream 'users_lookup' failed: The response from .* resumes here\. \[docs/\S+lost\]$",
        ):
            run_tap(config)
        assert server.asked == 1
