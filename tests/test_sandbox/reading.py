"""Reads lists page by page, as a client would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from test_sandbox.asking import Ask


def pages(ask: Ask, path: str, **params: str) -> Iterator[dict[str, Any]]:
    """Every page of a list, following `next_token` to the end."""
    token: dict[str, str] = {}
    while True:
        page = ask(path, **params, **token).json()
        yield page
        if "next_token" not in page["meta"]:
            return
        token = {"pagination_token": page["meta"]["next_token"]}


def whole(ask: Ask, path: str, **params: str) -> list[dict[str, Any]]:
    """Everything on all pages."""
    return [found for page in pages(ask, path, **params) for found in page.get("data", [])]


def ids(found: list[dict[str, Any]]) -> list[str]:
    """The ids of objects, in their order."""
    return [each["id"] for each in found]
