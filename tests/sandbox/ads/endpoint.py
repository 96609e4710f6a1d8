"""How every endpoint of the Ads API takes a request.

Order of things: host, encoding of the query, authentication, the app's access, the ads account, rate
limit, parameters, answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.ads import admission
from sandbox.ads.admission import FILE_HOST, HOSTS, TEST_HOSTS
from sandbox.ads.parameters import Parameter, check
from sandbox.ads.refusals import CODES, Fault, Refusal, refused
from sandbox.injection import canned, injected
from sandbox.x.problems import JSON

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox import faults as sandbox_faults
    from sandbox.ads.accounts import AdsAccount
    from sandbox.ads.advertising import Advertising
    from sandbox.ads.limits import Limit
    from sandbox.state import Sandbox
    from sandbox.tokens import Credential

VERSIONS: Final = ("11", "12")


@dataclass(frozen=True)
class Call:
    """A request that was let in.

    Attributes:
        sandbox: Where it came in.
        request: The request.
        credential: Who asks.
        account: The ads account that the path names; one nobody owns where it names none.
        query: Values by parameter.
        echo: The parameters that the answer names.
        faults: Faults that strike inside.
        headers: Headers of the answer, to be added to.
    """

    sandbox: Sandbox
    request: Request
    credential: Credential
    account: AdsAccount | None
    query: dict[str, Any]
    echo: dict[str, Any]
    faults: Sequence[sandbox_faults.Fault]
    headers: dict[str, str]

    @property
    def ads(self) -> Advertising:
        """The ads accounts of the sandbox."""
        return self.sandbox.ads

    @property
    def owned(self) -> AdsAccount:
        """The ads account that the path names."""
        assert self.account is not None
        return self.account

    @property
    def is_for_tests(self) -> bool:
        """Whether it came to X's own sandbox, where nothing is ever served."""
        return self.request.headers.get("host") in TEST_HOSTS

    @property
    def file_base(self) -> str:
        """What the addresses of files begin with: X's for who asks X's address, else the sandbox's."""
        return f"https://{FILE_HOST}" if admission.host(self.request) in HOSTS else self.sandbox.url

    def struck(self, kind: str) -> bool:
        """Whether a fault of a kind strikes inside."""
        return any(fault.kind == kind for fault in self.faults)


@dataclass(frozen=True)
class Endpoint:
    """One endpoint.

    Attributes:
        path: Its path below the version.
        answer: Gives the members of the answer beside `request`.
        limit: Its rate limit.
        parameters: What it takes.
        method: Its HTTP method.
        is_creative: Whether apps that are for analytics alone are kept out.
    """

    path: str
    answer: Callable[[Call], dict[str, Any]]
    limit: Limit
    parameters: Sequence[Parameter] = field(default=())
    method: str = "GET"
    is_creative: bool = False

    def routes(self, sandbox: Sandbox) -> list[Route]:
        """The endpoint in all versions."""
        handle = handler(sandbox, lambda request, faults, headers, echo: _respond(
            self, sandbox, request, faults, headers, echo
        ))  # fmt: skip
        return [
            Route(f"/{version}/{self.path}", injected(sandbox, handle), methods=[self.method])
            for version in VERSIONS
        ]


Respond = Callable[
    ["Request", "Sequence[sandbox_faults.Fault]", dict[str, str], dict[str, Any]], Response
]


def handler(
    sandbox: Sandbox, respond: Respond
) -> Callable[[Request, bytes, Sequence[sandbox_faults.Fault]], Response]:
    """A handler that writes refusals as the Ads API does."""

    def handle(request: Request, body: bytes, faults: Sequence[sandbox_faults.Fault]) -> Response:
        echo: dict[str, Any] = {
            name: text for name, text in request.path_params.items() if name == "account_id"
        }
        headers = {"x-current-api-version": VERSIONS[-1]}
        try:
            response = respond(request, faults, headers, echo)
        except Refusal as refusal:
            response = JSONResponse(refusal.body(echo), refusal.status, media_type=JSON)
            headers |= refusal.headers
        response.headers.update(headers)
        return response

    return handle


def not_found(sandbox: Sandbox) -> list[Route]:
    """Every other path of these versions, and of those that are retired."""

    def respond(*_: Any) -> Response:
        raise refused(404, "ROUTE_NOT_FOUND")

    handle = injected(sandbox, handler(sandbox, respond))
    methods = ["GET", "POST", "PUT", "DELETE"]
    return [
        Route(f"/{version}/{{rest:path}}", handle, methods=methods)
        for version in (*VERSIONS, "10", "9", "8")
    ]


def _respond(
    endpoint: Endpoint,
    sandbox: Sandbox,
    request: Request,
    faults: Sequence[sandbox_faults.Fault],
    headers: dict[str, str],
    echo: dict[str, Any],
) -> Response:
    credential, account = admission.admit(sandbox, request, is_creative=endpoint.is_creative)
    admission.count(sandbox, request, endpoint.limit, faults, headers)
    if response := _struck(faults):
        return response
    query, given = check(
        parse_qsl(request.url.query, keep_blank_values=True),
        endpoint.parameters,
        ignores_unknown=sandbox.ads.switches.unknown_parameters == "ignore",
    )
    echo |= given
    inside = [fault for fault in faults if fault.stage == "inside"]
    call = Call(sandbox, request, credential, account, query, echo, inside, headers)
    answer = endpoint.answer(call)
    return JSONResponse({"request": {"params": echo}, **answer}, media_type=JSON)


def _struck(faults: Sequence[sandbox_faults.Fault]) -> Response | None:
    """The answer that a fault gives, with a problem of API v2 said in words of the Ads API.

    Raises:
        Refusal: That answer, where the Ads API has a code for it.
    """
    for fault in faults:
        if fault.kind == "ads_refused":
            given = fault.arguments
            after = {"retry-after": str(given["retry_after"])} if given["retry_after"] else {}
            raise Refusal(given["status"], [Fault(given["code"], given["message"])], after)
    response = canned(faults)
    if response is None or response.status_code not in CODES:
        return response
    try:
        is_problem = "title" in json.loads(bytes(response.body))
    except ValueError:
        return response
    if is_problem:
        raise refused(response.status_code)
    return response
