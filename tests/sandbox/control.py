"""`/sandbox/…`: looks into a sandbox and steers it from outside; free, unlimited, open.

Every answer is JSON. A request that makes no sense gets 400 with `error`: what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import credentials
from sandbox.ads import control as ads_control
from sandbox.domo.clients import CLIENT, CLIENTS
from sandbox.domo.columns import Column
from sandbox.domo.csv_dialect import parse
from sandbox.domo.refusals import Refusal
from sandbox.grants import Grant

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.publications import Kind
    from sandbox.state import Sandbox
    from sandbox.world import Status

_Action = Callable[[dict[str, Any]], object]


def routes(sandbox: Sandbox) -> list[Route]:
    """All control endpoints."""
    actions: dict[tuple[str, str], _Action] = {
        ("GET", "account"): lambda _: sandbox.account.as_json(),
        ("POST", "account"): lambda body: sandbox.account.set(**body),
        ("GET", "bill"): lambda _: sandbox.bill.as_json(),
        ("GET", "clock"): lambda _: _clock(sandbox),
        ("POST", "clock"): lambda body: _move_clock(sandbox, **body),
        ("GET", "credentials"): lambda _: {
            **credentials.as_json(),
            "bearer_token": sandbox.tokens.app_only(),
            "callbacks": sandbox.callbacks,
        },
        ("POST", "credentials/callbacks"): lambda body: sandbox.register_callbacks(*body["urls"]),
        ("POST", "credentials/oauth2"): lambda body: _grant(sandbox, **body),
        ("POST", "credentials/revoke"): lambda body: _revoke(sandbox, **body),
        ("GET", "domo"): lambda _: sandbox.domo.as_json(),
        ("POST", "domo"): lambda body: sandbox.domo.set(**body),
        ("POST", "domo/datasets"): lambda body: _connected(sandbox, **body),
        ("GET", "faults"): lambda _: sandbox.faults.as_json(),
        ("POST", "faults"): lambda body: _add_fault(sandbox, **body),
        ("DELETE", "faults"): lambda _: sandbox.faults.clear(),
        ("POST", "follows"): lambda body: _follow(sandbox, **body),
        ("POST", "limits"): lambda body: sandbox.limits.set(**body),
        ("POST", "lists/members"): lambda body: _enlist(sandbox, **body),
        ("POST", "messages"): lambda body: _send(sandbox, **body),
        ("POST", "page_tokens/kill"): lambda _: sandbox.pages.kill(),
        ("POST", "posts"): lambda body: _publish(sandbox, **body),
        ("POST", "posts/delete"): lambda body: sandbox.world.timelines.delete(int(body["id"])),
        ("POST", "posts/edit"): lambda body: _edit(sandbox, **body),
        ("GET", "requests"): lambda _: sandbox.requests.as_json(),
        ("POST", "reset"): lambda _: sandbox.reset(),
        ("POST", "users/status"): lambda body: _set_status(sandbox, **body),
        **ads_control.actions(sandbox),
    }
    return [
        Route(f"/sandbox/{path}", _endpoint(action), methods=[method])
        for (method, path), action in actions.items()
    ]


def _endpoint(action: _Action) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(action(json.loads(body) if body else {}))
        except (LookupError, TypeError, ValueError, OverflowError, Refusal) as error:
            return JSONResponse({"error": str(error)}, 400)

    return serve


def _clock(sandbox: Sandbox) -> dict[str, object]:
    return {"now": sandbox.clock.now().isoformat(), "epoch_seconds": sandbox.clock.timestamp()}


def _move_clock(
    sandbox: Sandbox,
    *,
    advance_seconds: float = 0,
    set: str | None = None,  # noqa: A002 - a JSON key
) -> dict[str, object]:
    if set is not None:
        sandbox.clock.set(datetime.fromisoformat(set))
    sandbox.clock.advance(advance_seconds)
    return _clock(sandbox)


def _add_fault(sandbox: Sandbox, **fault: Any) -> list[dict[str, Any]]:
    sandbox.faults.add(**fault)
    return sandbox.faults.as_json()


def _revoke(sandbox: Sandbox, *, access_token: str) -> dict[str, bool]:
    return {"worked_until_now": sandbox.revoke(access_token)}


def _grant(
    sandbox: Sandbox, *, client_id: str, user_id: str, scopes: Sequence[str]
) -> dict[str, str | None]:
    return asdict(sandbox.grants.issue(Grant(client_id, user_id, tuple(scopes))))


def _set_status(sandbox: Sandbox, *, id: str, status: Status) -> dict[str, str]:  # noqa: A002 - a JSON key
    sandbox.world.set_status(id, status)
    return {"id": id, "status": status}


def _follow(
    sandbox: Sandbox, *, follower_id: str, followed_id: str, follows: bool = True
) -> dict[str, bool]:
    graph = sandbox.world.follows
    (graph.add if follows else graph.remove)(follower_id, followed_id)
    return {"follows": follows}


def _enlist(
    sandbox: Sandbox, *, list_id: str, user_id: str, is_member: bool = True
) -> dict[str, bool]:
    lists = sandbox.world.lists
    (lists.add if is_member else lists.remove)(list_id, user_id)
    return {"is_member": is_member}


def _publish(
    sandbox: Sandbox,
    *,
    author_id: str,
    text: str,
    kind: Kind = "original",
    target_id: str | None = None,
    at: str | None = None,
) -> dict[str, str]:
    target = None if target_id is None else int(target_id)
    moment = None if at is None else datetime.fromisoformat(at)
    return {"id": str(sandbox.world.timelines.add(author_id, text, kind, target, moment))}


def _edit(sandbox: Sandbox, *, id: str, text: str) -> dict[str, str]:  # noqa: A002 - a JSON key
    return {"id": str(sandbox.world.timelines.edit(int(id), text))}


def _connected(
    sandbox: Sandbox, *, name: str, columns: dict[str, str], csv: str, owner_id: int | None = None
) -> dict[str, str]:
    """A dataset that a connector has made."""
    owner = next((each for each in CLIENTS if each.user_id == owner_id), CLIENT)
    found = [Column(kind, column) for column, kind in columns.items()]
    rows = parse(csv.encode(), len(found))
    made = sandbox.domo.add(name, found, owner, rows=rows, is_api_made=False)
    return {"id": made.id}


def _send(
    sandbox: Sandbox, *, sender_id: str, recipient_ids: Sequence[str], text: str
) -> dict[str, str]:
    return {"id": str(sandbox.world.messages.send(sender_id, recipient_ids, text))}
