"""Lets tests hear what the sandboxes of their process answer, to look for it where it must not be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Message, Send

    Listener = Callable[[bytes], object]

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hand the bodies of all answers to a listener, as long as the block lasts."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def audible(send: Send) -> Send:
    """A way to send answers that listeners hear."""

    async def say(message: Message) -> None:
        if body := message.get("body"):
            for listener in _listeners:
                listener(body)
        await send(message)

    return say
