"""Responses of what stands in front of X's API: Cloudflare, a proxy, a network's login page."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import requests

PAGE: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|title)", re.IGNORECASE
)
CODE: Final = re.compile(rb"\s*error code: [0-9]+\s*\Z", re.IGNORECASE)
"""Cloudflare's refusal in plain text."""

OF_X: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})
"""Refusals with the same meaning whoever sends them: a wrong address, and a limit."""


def is_refused_before_x(response: requests.Response) -> bool:
    """Whether a refusal comes from in front of X, so that it says nothing about credentials."""
    status = response.status_code
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_refusal and status not in OF_X and is_page(response)


def is_page(response: requests.Response) -> bool:
    """Whether a response is a page for people; X's API gives JSON, forms or XML."""
    content = response.content
    is_html = "html" in response.headers.get("content-type", "").lower()
    is_data = content.lstrip()[:1] in {b"{", b"["}
    return (is_html and not is_data) or bool(PAGE.match(content) or CODE.match(content))
