"""What the OAuth endpoints share: forms in, JSON out, Basic authentication."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.injection import canned, injected
from sandbox.x.problems import JSON, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from sandbox.faults import Fault
    from sandbox.state import Sandbox

FORM: Final = "application/x-www-form-urlencoded"


def route(
    sandbox: Sandbox,
    path: str,
    answer: Callable[[Request, bytes], Response],
    methods: Sequence[str] = ("POST",),
) -> Route:
    """A route whose refusals are plain JSON and which heeds faults."""

    def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
        try:
            return canned(faults) or answer(request, body)
        except Problem as problem:
            return JSONResponse(problem.body, problem.status, media_type=JSON)

    return Route(path, injected(sandbox, handle), methods=list(methods))


def fields(request: Request, body: bytes) -> dict[str, str]:
    """The form's fields; none where the body is not declared to be a UTF-8 form."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != FORM or parameters.strip() not in {"", "charset=utf-8"}:
        return {}
    return single(body.decode("latin-1"))


def members(request: Request, body: bytes) -> dict[str, str]:
    """The members of a JSON object, which some clients send in the place of a form."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    texts = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in texts if isinstance(value, str)}


def single(encoded: str) -> dict[str, str]:
    """The fields of a form or query that were given once."""
    values = parse_qs(encoded, keep_blank_values=True)
    return {name: texts[0] for name, texts in values.items() if len(texts) == 1}


def basic_pair(request: Request) -> tuple[str, str] | None:
    """Name and password of Basic authentication as they were sent; None where there are none."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, password = pair.partition(":")
    return (name, password) if scheme.lower() == "basic" else None
