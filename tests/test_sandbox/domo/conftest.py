from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.domo.clients import CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox
    from sandbox.domo.clients import DomoClient

    Ask = Callable[..., requests.Response]

COLUMNS = [{"type": "STRING", "name": "id"}, {"type": "LONG", "name": "likes"}]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def ask(sandbox: Sandbox, session: requests.Session) -> Ask:
    """Ask Domo with a token that is got once: `ask("GET", "/v1/datasets")`."""
    tokens: dict[str, str] = {}

    def send(
        method: str, path: str, client: DomoClient = CLIENT, accept: str = "*/*", **arguments: Any
    ) -> requests.Response:
        if client.client_id not in tokens:
            form = {"grant_type": "client_credentials"}
            auth = (client.client_id, client.client_secret)
            answer = session.post(f"{sandbox.url}/oauth/token", form, auth=auth)
            tokens[client.client_id] = answer.json()["access_token"]
        headers = {
            "Authorization": f"bearer {tokens[client.client_id]}",
            "Accept": accept,
            **arguments.pop("headers", {}),
        }
        return session.request(method, f"{sandbox.url}{path}", headers=headers, **arguments)

    return send


@pytest.fixture
def upload(ask: Ask) -> Callable[..., requests.Response]:
    """Import CSV into a new dataset of these columns."""

    def send(csv: bytes, *types: str) -> requests.Response:
        columns = [{"type": kind, "name": f"c{place}"} for place, kind in enumerate(types)]
        body = {"name": "uploaded", "schema": {"columns": columns}}
        guid = ask("POST", "/v1/datasets", json=body).json()["id"]
        answer = ask(
            "PUT", f"/v1/datasets/{guid}/data", data=csv, headers={"Content-Type": "text/csv"}
        )
        return answer if not answer.ok else ask("GET", f"/v1/datasets/{guid}/data")

    return send


@pytest.fixture
def stream(ask: Ask) -> Callable[..., int]:
    """Make a stream with a dataset of posts and give its id."""

    def make(**fields: Any) -> int:
        body = {"dataSet": {"name": "posts", "schema": {"columns": COLUMNS}}, **fields}
        return int(ask("POST", "/v1/streams", json={"updateMethod": "APPEND", **body}).json()["id"])

    return make


@pytest.fixture
def load(ask: Ask) -> Callable[..., dict[str, Any]]:
    """Load CSV by a stream and give the execution as it was answered after the commit."""

    def run(stream: int, csv: bytes, **body: str) -> dict[str, Any]:
        base = f"/v1/streams/{stream}/executions"
        number = ask("POST", base, json=body).json()["id"]
        answers = [
            ask(
                "PUT",
                f"{base}/{number}/part/1",
                data=csv,
                headers={"Content-Type": "application/gzip"},
            ),
            ask("PUT", f"{base}/{number}/commit"),
        ]
        refused = [each.json() for each in answers if not each.ok]
        found: dict[str, Any] = refused[0] if refused else ask("GET", f"{base}/{number}").json()
        return found

    return run
