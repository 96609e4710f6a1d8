"""Leads clients that insist on X's own addresses to a sandbox.

Such a client asks for, and signs, `https://api.twitter.com/…`. The request goes to the sandbox as a
TLS proxy would pass it on: `Host` as it was, `X-Forwarded-Proto: https`. The sandbox then checks the
signature against the very URL that the client signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


class SandboxAdapter(HTTPAdapter):
    """A transport that stands in for one of X's hosts; mount it on a `requests` session.

    Args:
        url: Where the sandbox listens.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send the request to the sandbox."""
        asked = urlsplit(str(request.url))
        forwarded = request.copy()
        forwarded.headers["Host"] = asked.netloc
        forwarded.headers["X-Forwarded-Proto"] = asked.scheme
        forwarded.url = str(request.url).replace(f"{asked.scheme}://{asked.netloc}", self._url, 1)
        return super().send(forwarded, stream, timeout, verify, cert, proxies)
