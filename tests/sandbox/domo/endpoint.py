"""What all of Domo's endpoints do first: token, scope, rate, and the form of the answer."""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.routing import Route

from sandbox.domo.refusals import Refusal
from sandbox.injection import canned, injected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from sandbox.domo.clients import DomoClient
    from sandbox.domo.warehouse import Warehouse
    from sandbox.faults import Fault
    from sandbox.state import Sandbox

_GZIP: Final = b"\x1f\x8b"
_CSV_TYPES: Final = frozenset({"text/csv", "application/gzip"})


@dataclass(frozen=True)
class Call:
    """One request that Domo has let in."""

    warehouse: Warehouse
    client: DomoClient
    request: Request
    body: bytes
    now: Any

    def json(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            Refusal: If it is none.
        """
        kind = self.request.headers.get("content-type", "").partition(";")[0]
        try:
            found = json.loads(self.body) if self.body else {}
        except ValueError:
            found = None
        if not isinstance(found, dict) or (self.body and kind != "application/json"):
            raise Refusal(400, "The request body has to be a JSON object.")
        return found

    def csv(self) -> bytes:
        """The body as CSV, in any of the four ways in which Domo's own clients send it.

        Raises:
            Refusal: If it is none of them.
        """
        kind = self.request.headers.get("content-type", "").partition(";")[0]
        if kind not in _CSV_TYPES:
            raise Refusal(415, f"Content type '{kind}' not supported")
        if not self.body.startswith(_GZIP):
            return self.body
        try:
            return zlib.decompress(self.body, zlib.MAX_WBITS | 16)
        except zlib.error:
            raise Refusal(400, "The compressed body is damaged.") from None

    def whole(self, name: str, default: int, most: int) -> int:
        """A query parameter that is a whole number.

        Raises:
            Refusal: If it is none, or out of bounds.
        """
        text = self.request.query_params.get(name, str(default))
        if not text.isdecimal() or int(text) > most:
            raise Refusal(400, f"Invalid value for parameter {name}; the maximum is {most}.")
        return int(text)


Act = Callable[[Call], Response]


class Door:
    """Lets requests in.

    Args:
        sandbox: Whose Domo.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._recent: dict[str, deque[float]] = {}

    def route(self, method: str, path: str, act: Act, produces: str = "application/json") -> Route:
        """An endpoint that needs a token with the scope `data`."""

        def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
            if (answer := canned(faults)) is not None:
                return answer
            try:
                self._accepts(request, produces)
                return act(self._admitted(request, body))
            except Refusal as refusal:
                return refusal.response(request)

        return Route(path, injected(self._sandbox, handle), methods=[method])

    def _admitted(self, request: Request, body: bytes) -> Call:
        sandbox = self._sandbox
        now = sandbox.clock.timestamp()
        client, scopes = sandbox.domo_tokens.owner(request.headers.get("authorization", ""), now)
        if "data" not in scopes:
            raise Refusal(403)
        self._count(client, now)
        return Call(sandbox.domo, client, request, body, sandbox.clock.now())

    def _count(self, client: DomoClient, now: float) -> None:
        limit = self._sandbox.domo.switches.requests_per_minute
        if limit is None:
            return
        recent = self._recent.setdefault(client.client_id, deque())
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) >= limit:
            raise self._sandbox.domo.limited(recent[0] + 60 - now)
        recent.append(now)

    def _accepts(self, request: Request, produces: str) -> None:
        wanted = request.headers.get("accept", "*/*")
        family = produces.partition("/")[0]
        if not any(each in wanted for each in (produces, f"{family}/*", "*/*")):
            raise Refusal(406, f"The answer is {produces}, which the request does not accept.")
