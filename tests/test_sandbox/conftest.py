"""Sandboxes, and askers of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import requests
from test_sandbox.asking import Ask, Asking, Start

from sandbox import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let these tests log secrets: it is X's part that is tested, with clients of others."""
    item.add_marker(pytest.mark.tells_secrets("OAuth libraries and tweepy log what they sign"))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(stack: ExitStack) -> Start:
    def begin(**settings: Any) -> Sandbox:
        return stack.enter_context(running(**settings))

    return begin


@pytest.fixture
def browser(stack: ExitStack) -> requests.Session:
    return stack.enter_context(requests.Session())


@pytest.fixture
def asking(stack: ExitStack) -> Asking:
    return Asking(stack)


@pytest.fixture
def app(sandbox: Sandbox, asking: Asking) -> Ask:
    return asking.app(sandbox)


@pytest.fixture
def owner(sandbox: Sandbox, asking: Asking) -> Ask:
    return asking.user(sandbox)
