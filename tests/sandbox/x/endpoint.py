"""How every endpoint of API v2 takes a request: one declaration each, one way through for all.

Order of things: authentication, kinds of token, rate limit, parameters, lookup, bill. Requests that
are refused for their parameters count against the limit; those without a valid token cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.credentials import AccessLevel
from sandbox.injection import canned, injected
from sandbox.tokens import Credential, CredentialKind
from sandbox.x import authentication
from sandbox.x.parameters import Parameter, Query, check
from sandbox.x.problems import (
    JSON,
    PROBLEM_JSON,
    Problem,
    blank,
    coded,
    invalid_request,
    unsupported_authentication,
)
from sandbox.x.vocabulary import Vocabulary, choose

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.faults import Fault
    from sandbox.state import Sandbox
    from sandbox.x.bill import Resource
    from sandbox.x.limits import Allowance

Parameters = Sequence[Parameter]
ANYONE: Final = frozenset[CredentialKind]({"app_only", "oauth1", "oauth2"})
ANY_ACCESS: Final = frozenset[AccessLevel](get_args(AccessLevel))
USERS_ONLY: Final = frozenset[CredentialKind]({"oauth1", "oauth2"})
APP_ONLY: Final = frozenset[CredentialKind]({"app_only"})


@dataclass(frozen=True)
class Call:
    """A request that was let in.

    Attributes:
        sandbox: Where it came in.
        credential: Who asks.
        query: Values by parameter, checked.
        vocabulary: The words to answer in.
        path: Values of the path's parameters.
        faults: Faults that strike inside the lookup.
    """

    sandbox: Sandbox
    credential: Credential
    query: Query
    vocabulary: Vocabulary
    path: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    def single(self, name: str) -> str | None:
        """The value of a parameter that takes one; None where it was not given."""
        return next(iter(self.query[name]), None)

    def struck(self, kind: str) -> list[Mapping[str, Any]]:
        """The arguments of each fault of a kind that strikes this call."""
        return [fault.arguments for fault in self.faults if fault.kind == kind]


@dataclass(frozen=True)
class Answer:
    """What a lookup gives, in the tweet vocabulary.

    Attributes:
        body: The envelope: `data`, `includes`, `errors`, `meta`; empty parts are left out.
        resources: The objects of `data`, as they are charged.
        included: Those of `includes`.
    """

    body: dict[str, Any]
    resources: Sequence[Resource] = ()
    included: Sequence[Resource] = ()


@dataclass(frozen=True)
class Endpoint:
    """One GET endpoint.

    Attributes:
        path: Its path.
        fields: The objects whose fields can be selected, as in `user.fields`; the one that it gives
            first. None where it gives no objects.
        allowance: Requests per window.
        answer: The lookup.
        parameters: What it takes besides fields and expansions.
        path_parameters: What its path holds.
        access: The permissions of OAuth 1.0a tokens that it takes.
        kinds: Tokens that it takes.
        later_kinds: Tokens that it takes besides since X's spec 2.167.
        scopes: What a user must have granted by OAuth 2.0.
    """

    path: str
    fields: Sequence[str]
    allowance: Allowance
    answer: Callable[[Call], Answer]
    parameters: Parameters = field(default=())
    path_parameters: Parameters = field(default=())
    access: frozenset[AccessLevel] = ANY_ACCESS
    kinds: frozenset[CredentialKind] = ANYONE
    later_kinds: frozenset[CredentialKind] = frozenset()
    scopes: frozenset[str] = frozenset({"tweet.read", "users.read"})

    def takes(self, sandbox: Sandbox, vocabulary: Vocabulary) -> Parameters:
        """Every parameter, in one vocabulary."""
        unknown = sandbox.options.unknown_fields
        words = {vocabulary.parameter(name): vocabulary.fields[name] for name in self.fields}
        if expansions := vocabulary.expansions.get(next(iter(self.fields), "")):
            words["expansions"] = tuple(expansions)
        selectors = [Parameter(name, choices=c, unknown=unknown) for name, c in words.items()]
        return [*self.parameters, *selectors]

    def taken(self, sandbox: Sandbox) -> frozenset[CredentialKind]:
        """The tokens that it takes, by the latest spec that a sandbox follows."""
        is_late = any(vocabulary.name == "post" for vocabulary in sandbox.vocabularies)
        return self.kinds | self.later_kinds if is_late else self.kinds

    def route(self, sandbox: Sandbox) -> Route:
        """The endpoint as a route of the server."""

        def handle(request: Request, _: bytes, faults: Sequence[Fault]) -> Response:
            headers: dict[str, str] = {}
            try:
                response = _respond(self, sandbox, request, faults, headers)
            except Problem as problem:
                response = JSONResponse(problem.body, problem.status, media_type=PROBLEM_JSON)
            response.headers.update(headers)
            return response

        return Route(self.path, injected(sandbox, handle), methods=["GET"])


def _respond(
    endpoint: Endpoint,
    sandbox: Sandbox,
    request: Request,
    faults: Sequence[Fault],
    headers: dict[str, str],
) -> Response:
    """Let the request in, then answer it; `headers` takes those that errors carry too."""
    credential = authentication.authenticate(sandbox, request)
    request.state.credential = credential
    if credential.access_level:
        headers["x-access-level"] = credential.access_level
    _check_permission(endpoint, sandbox, credential)
    pool = (endpoint.path, endpoint.allowance, credential.user_id)
    if any(fault.canned and fault.canned.exhausts_window for fault in faults):
        sandbox.limits.exhaust(*pool)
    admission = sandbox.limits.take(*pool)
    headers |= admission.headers
    if response := canned(faults):
        return response
    if not admission.granted:
        raise blank(429)
    base = sandbox.options.problem_base
    if refusal := sandbox.account.refusal(base, gives_posts="post" in endpoint.fields):
        raise refusal
    inside = [fault for fault in faults if fault.stage == "inside"]
    return _look_up(endpoint, _read(endpoint, sandbox, request, credential, inside))


def _check_permission(endpoint: Endpoint, sandbox: Sandbox, credential: Credential) -> None:
    kinds = endpoint.taken(sandbox)
    if credential.kind not in kinds:
        raise unsupported_authentication(sandbox.options.problem_base, credential.kind, kinds)
    if credential.kind == "oauth2" and not credential.scopes >= endpoint.scopes:
        raise blank(403)
    if credential.kind == "oauth1" and credential.access_level not in endpoint.access:
        raise coded(403, 93)


def _read(
    endpoint: Endpoint,
    sandbox: Sandbox,
    request: Request,
    credential: Credential,
    faults: Sequence[Fault],
) -> Call:
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    words = [(name, value) for name, text in pairs for value in text.split(",")]
    options = sandbox.options
    vocabulary = choose(words, endpoint.fields, sandbox.vocabularies, options.default_vocabulary)
    query, complaints = check(pairs, endpoint.takes(sandbox, vocabulary))
    path = request.path_params
    complaints += check(list(path.items()), endpoint.path_parameters)[1]
    if complaints:
        raise invalid_request(options.problem_base, complaints)
    return Call(sandbox, credential, query, vocabulary, path, faults)


def _look_up(endpoint: Endpoint, call: Call) -> Response:
    answer = endpoint.answer(call)
    included = answer.included if call.sandbox.options.bill_includes else ()
    call.sandbox.bill.charge(f"GET {endpoint.path}", [*answer.resources, *included])
    body = {key: part for key, part in answer.body.items() if part}
    return JSONResponse(call.vocabulary.outward(body), media_type=JSON)
