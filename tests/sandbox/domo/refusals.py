"""How Domo refuses: JSON bodies with a trace id, and the pages of its gateway."""

from __future__ import annotations

import itertools
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, JSONResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

_toes: Final = itertools.count(1)


class Refusal(Exception):  # noqa: N818 - what happens, rather than an error
    """Makes Domo refuse a request.

    Args:
        status: The HTTP status.
        message: What the body says; without one, it holds nothing but status and trace id.
        headers: Headers of the answer.
    """

    def __init__(
        self, status: int, message: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}

    def response(self, request: Request) -> Response:
        """The answer."""
        body: dict[str, object] = {"status": self.status}
        if self.message:
            body["statusReason"] = HTTPStatus(self.status).phrase
            body["message"] = self.message
            body["path"] = request.url.path
        body["toe"] = f"{next(_toes):010X}-5AND8-0X1DE"
        return JSONResponse(body, self.status, self.headers)


class Unauthenticated(Refusal):
    """The access token is missing, unknown or expired.

    Where the answer has to be CSV, Domo cannot write the refusal and gives an HTML page with 406.
    """

    def __init__(self, description: str) -> None:
        challenge = f'Bearer realm="domo", error="invalid_token", error_description="{description}"'
        super().__init__(401, description, {"WWW-Authenticate": challenge})

    def response(self, request: Request) -> Response:
        """The answer."""
        if "text/csv" in request.headers.get("accept", ""):
            return HTMLResponse(
                "<html><body><h1>HTTP Status 406</h1><p>Full authentication is required to access "
                "this resource</p></body></html>",
                406,
            )
        return super().response(request)


def denied() -> Refusal:
    """No access to a dataset: Domo answers with 400 and says 403 in the text."""
    return Refusal(400, "Infrastructure problem (403): Access is denied")


def not_found(what: str) -> Refusal:
    """There is no such thing."""
    return Refusal(404, f"{what} not found")
