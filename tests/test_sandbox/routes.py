"""Leads sessions that ask for X's own addresses to a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.routing import SandboxAdapter

if TYPE_CHECKING:
    from contextlib import ExitStack

    import requests

    from sandbox import Sandbox

HOSTS = ("api.twitter.com", "api.x.com", "twitter.com", "x.com")


def routed(sandbox: Sandbox, stack: ExitStack, session: requests.Session) -> requests.Session:
    """Lead a session's requests for X to the sandbox, and close it with the test."""
    for host in HOSTS:
        session.mount(f"https://{host}", SandboxAdapter(sandbox.url))
    return stack.enter_context(session)
