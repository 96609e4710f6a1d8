"""The server at the callback address, by itself."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import requests
from support.connecting import free_port

from tap_twitter.accounts_command.callback import CallbackServer, Visit
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(port: int) -> Iterator[CallbackServer]:
    with CallbackServer(port) as server:
        yield server


def visited(
    server: CallbackServer, query: str, page: str = "<p>é</p>"
) -> tuple[Visit, requests.Response]:
    """A visit, and the answer that the visitor gets to it."""
    with ThreadPoolExecutor(1) as visitor:
        answer = visitor.submit(requests.get, f"{server.address}?{query}", timeout=10)
        visit = server.next_visit(10)
        assert visit is not None
        visit.answer(page, HTTPStatus.BAD_REQUEST)
        return visit, answer.result()


def test_a_visit_gets_the_page_that_it_is_answered_with(server: CallbackServer) -> None:
    visit, answer = visited(server, "a=1&b=%C3%A9&twice=1&twice=2&none=")
    assert visit.query == {"a": "1", "b": "é", "none": ""}
    assert (answer.status_code, answer.content) == (400, "<p>é</p>".encode())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/callback/", 404), ("GET", "/favicon.ico", 404), ("POST", "/callback", 501)],
)  # fmt: skip
def test_other_requests_end_no_wait(
    server: CallbackServer, method: str, path: str, status: int
) -> None:
    url = server.address.replace("/callback", path)
    assert requests.request(method, url, timeout=10).status_code == status
    assert server.next_visit(0) is None


def test_a_connection_on_which_nothing_comes_holds_nobody_up(
    server: CallbackServer, port: int
) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        visited(server, "a=1")


def test_a_visitor_who_hangs_up_is_told_nothing(
    server: CallbackServer, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.sendall(b"GET /callback?a=1 HTTP/1.1\r\n\r\n")
        visit = server.next_visit(10)
    assert visit is not None
    visit.answer("x" * 10_000_000)
    visited(server, "a=2")
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_this_machine_alone(server: CallbackServer, port: int) -> None:
    assert server.address == f"http://127.0.0.1:{port}/callback"
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.2", port), 5)


def test_a_port_that_is_taken_and_one_that_is_free_again(port: int) -> None:
    with CallbackServer(port) as first:
        visited(first, "a=1")
        with pytest.raises(SettingError, match="another program listens there"):
            CallbackServer(port).__enter__()
    with CallbackServer(port) as second:
        visited(second, "a=1")
