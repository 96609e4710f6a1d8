"""What requests and answers have against a spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema import ValidationError

    from contract.exchanges import Exchange, Request
    from contract.schemas import Schema
    from contract.spec import Operation, Spec

SCHEMES: Final[Mapping[str, str]] = {
    "app_only": "BearerToken",
    "oauth1": "UserToken",
    "oauth2": "OAuth2UserToken",
}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_ERROR: Final = {"$ref": "#/components/schemas/Error"}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that does not fit.

    Attributes:
        part: `request` or `answer`.
        rule: What is broken: a keyword of JSON Schema, `undeclared`, `credential` or `status`.
        place: Where, with `*` for positions in lists.
        detail: What was found there.
    """

    part: str
    rule: str
    place: str
    detail: str

    def __str__(self) -> str:
        return f"{self.part} {self.rule} {self.place}: {self.detail}"


def of_request(spec: Spec, operation: Operation, request: Request) -> set[Finding]:
    """What a spec has against a request."""
    found = set(_about_credential(operation, request.credential))
    declared = operation.parameters
    for name, parameter in declared.items():
        if name in request.params:
            value = _value(parameter["schema"], request.params[name])
            found |= _plain("request", name, spec.errors(parameter["schema"], value))
        elif parameter.get("required"):
            found.add(Finding("request", "required", name, "is missing"))
    unknown = request.params.keys() - declared.keys()
    return found | {Finding("request", "undeclared", name, "is no parameter") for name in unknown}


def of_answer(spec: Spec, operation: Operation, exchange: Exchange) -> set[Finding]:
    """What a spec has against an answer."""
    found = set()
    if exchange.status not in exchange.request.expected:
        wanted = " or ".join(map(str, exchange.request.expected))
        found.add(Finding("answer", "status", "", f"{exchange.status} instead of {wanted}"))
    schema = operation.answer
    if exchange.status != 200:
        schema = _PROBLEM if "title" in exchange.body else _ERROR
    return found | _plain("answer", "", spec.errors(schema, exchange.body))


def _about_credential(operation: Operation, credential: str) -> Iterator[Finding]:
    if credential in SCHEMES and SCHEMES[credential] not in operation.security:
        yield Finding("request", "credential", credential, "is not taken here")


def _value(schema: Schema, text: str) -> Any:
    """A query parameter's text as the value that its schema speaks of."""
    if schema.get("type") == "array":
        return [_value(schema["items"], part) for part in text.split(",")]
    if schema.get("type") == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    return text


def _plain(part: str, place: str, errors: Iterable[ValidationError]) -> set[Finding]:
    return {finding for error in errors for finding in _one(part, place, error)}


def _one(part: str, place: str, error: ValidationError) -> Iterator[Finding]:
    steps = ["*" if isinstance(step, int) else step for step in error.absolute_path]
    where = "/".join([place, *steps] if place else steps)
    if error.validator == "additionalProperties":
        given, schema = cast("Schema", error.instance), cast("Schema", error.schema)
        for key in sorted(given.keys() - schema.get("properties", {}).keys()):
            yield Finding(part, "undeclared", f"{where}/{key}".lstrip("/"), "is not in the schema")
    else:
        yield Finding(part, str(error.validator), where, error.message[:120])
