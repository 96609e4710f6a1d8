"""Local files, given as paths or URLs, and opened without blocking."""

from __future__ import annotations

import os
import re
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote

from target_dataset.errors import InputError

# at least two letters: C:\data is a path
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_FILE: Final = re.compile(r"file:(?://(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)
_LOCAL_HOSTS: Final = frozenset({"", "localhost"})
_RELATIVE: Final = frozenset({".", ".."})
"""The host of a URL if a tap puts `file://` before a relative path."""

_QUERY: Final = re.compile("[?#]")


def open_local(address: str) -> IO[bytes]:
    """Open a file given as a path or a `file://` URL.

    Raises:
        InputError: It is remote, not a regular file (a pipe might never end), or unreadable.
    """
    path = _path(address)
    with ExitStack() as undone:
        try:
            _require_regular(path.stat())
            # it may have become a pipe since then, and opening a pipe would block
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            file = undone.enter_context(os.fdopen(descriptor, "rb"))
            _require_regular(os.fstat(descriptor))
        except (OSError, ValueError) as error:
            raise unreadable(address, getattr(error, "strerror", None) or str(error)) from None
        undone.pop_all()
    return file


def unreadable(address: str, reason: str) -> InputError:
    """The error about a file that cannot be read.

    Args:
        address: Its address in the BATCH message.
        reason: The reason, for the parentheses; it quotes no value.
    """
    return InputError(f"A file of a BATCH message cannot be read ({reason}): {shown(address)}")


def shown(address: str) -> str:
    """The address without possible secrets of a URL: a password, or the query that signs it.

    Passwords may contain any character, so it is unknown what follows a `?` with an `@` after it.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    place, *query = _QUERY.split(rest, maxsplit=1)
    return f"{scheme}://{'…' if '@' in ''.join(query) else place.rpartition('@')[2]}"


def _path(address: str) -> Path:
    url = _FILE.fullmatch(address)
    if url is None:
        if _SCHEME.match(address):
            raise unreadable(address, "it is not on this machine")
        return Path(address)
    if url["host"] in _RELATIVE:
        return Path(unquote(url["host"] + url["path"]))
    if (url["host"] or "").lower() not in _LOCAL_HOSTS:
        raise unreadable(address, "it names another machine; a file URL has three slashes")
    meant, written = Path(unquote(url["path"])), Path(url["path"])
    # some taps put `file://` before an unencoded path, with its percent signs
    return written if not _exists(meant) and _exists(written) else meant


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _require_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for test, name in _KINDS if test(found.st_mode)), "not a regular file")
        raise ValueError(kind)


_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)
