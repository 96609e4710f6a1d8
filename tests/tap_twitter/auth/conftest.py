"""Token stores, logins that the sandbox knows, and processes that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from support.granting import Grants
from support.processes import Popen

from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox

    Batch = list[dict[str, Any]]


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"limit_scale": 1000.0}


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "private" / "tokens.json")


@pytest.fixture(scope="module")
def processes() -> Iterator[Callable[[Batch], Batch]]:
    """Runs a batch of tasks, each in a process of its own; see `killable.py`."""
    command = [sys.executable, str(Path(__file__).with_name("killable.py"))]
    with Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        asks, answers = parent.stdin, parent.stdout

        def run(tasks: Batch) -> Batch:
            asks.write(json.dumps(tasks) + "\n")
            asks.flush()
            ends: Batch = json.loads(answers.readline())
            return ends

        yield run
        asks.close()


@pytest.fixture
def grants(sandbox: Sandbox, store: TokenStore) -> Iterator[Grants]:
    with requests.Session() as session:
        yield Grants(sandbox, store, session)
