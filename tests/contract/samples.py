"""Which requests are sent: representative ones for each endpoint, and those that a sandbox recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract.exchanges import Request
from contract.findings import SCHEMES
from sandbox.grants import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from contract.spec import Operation
    from sandbox import Sandbox
    from sandbox.x.endpoint import Endpoint

_FAULTS: Final[Mapping[str, int]] = {
    "rate_limited": 429,
    "usage_capped": 429,
    "credits_depleted": 402,
    "client_not_enrolled": 403,
    "service_unavailable": 503,
}
_SAMPLES: Final[Mapping[str, Callable[[Sandbox], str]]] = {
    "ids": lambda sandbox: ",".join(_some_of_each(sandbox)),
    "usernames": lambda sandbox: ",".join(map(sandbox.world.handle, _some_of_each(sandbox))),
}
_MANY: Final = 60


def _some_of_each(sandbox: Sandbox) -> list[str]:
    """Ids of every status, enough of them that each optional field is met."""
    missing = [
        user_id
        for status in ("not_found", "suspended", "protected")
        for user_id in sandbox.world.sample_ids(3, status=status)
    ]
    return [*sandbox.world.sample_ids(_MANY, status="found"), *missing]


def representative(sandbox: Sandbox, endpoint: Endpoint, operation: Operation) -> list[Request]:
    """Every way of asking an endpoint that makes a difference.

    Raises:
        LookupError: If it needs a parameter of which no sample is known.
    """
    needed = _needed(sandbox, operation)
    widest = needed | _enumerated(operation)
    (vocabulary,) = sandbox.vocabularies
    declared = needed | {
        parameter.name: ",".join(parameter.choices)
        for parameter in endpoint.takes(sandbox, vocabulary)
        if parameter.choices
    }
    path, scopes = endpoint.path, tuple(operation.security.get(SCHEMES["oauth2"], ()))
    taken = {kind for kind in SCHEMES if SCHEMES[kind] in operation.security}
    kinds = sorted({*endpoint.kinds, *taken})
    return [
        *(Request(path, needed, kind, scopes=scopes) for kind in kinds),
        *(Request(path, widest, kind) for kind in kinds),
        Request(path, declared),
        *_refused(endpoint, needed),
        *(Request(path, needed, fault=kind, expected=(_FAULTS[kind],)) for kind in _FAULTS),
    ]


def _refused(endpoint: Endpoint, needed: Mapping[str, str]) -> Iterator[Request]:
    path = endpoint.path
    wrong = {**needed, "user.fields": "shoe_size"}
    yield Request(path, wrong, expected=(400,), is_wrong=True)
    yield Request(path, needed, "none", expected=(401,))
    yield Request(path, needed, "oauth2", expected=(403,), scopes=(OFFLINE,))
    if "app_only" not in endpoint.kinds:
        yield Request(path, needed, "app_only", expected=(403,), is_wrong=True)


def _needed(sandbox: Sandbox, operation: Operation) -> dict[str, str]:
    required = {name for name, about in operation.parameters.items() if about.get("required")}
    if unknown := sorted(required - _SAMPLES.keys()):
        msg = f"No sample is known for {', '.join(unknown)}: add one to _SAMPLES in {__file__}"
        raise LookupError(msg)
    return {name: _SAMPLES[name](sandbox) for name in sorted(required)}


def _enumerated(operation: Operation) -> dict[str, str]:
    """Every value of every parameter that the spec lists values for."""
    lists = {name: about["schema"].get("items", {}) for name, about in operation.parameters.items()}
    return {name: ",".join(items["enum"]) for name, items in lists.items() if "enum" in items}


def recorded(entries: Iterable[Mapping[str, Any]]) -> list[Request]:
    """The requests of a sandbox's log that showed a credential, as `GET /sandbox/requests` gives them."""
    return [
        Request(
            entry["path"],
            entry["params"],
            entry["credential"],
            expected=(entry["status"],),
        )
        for entry in entries
        if entry["method"] == "GET" and entry["credential"] != "none"
    ]
