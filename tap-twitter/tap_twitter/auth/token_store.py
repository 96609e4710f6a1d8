"""The token store: a file with the connected accounts that only this user can read.

Readers need no lock, because the file is replaced as a whole; writers hold one between processes,
which the system releases when a process dies.
"""

from __future__ import annotations

import logging
import os
import shlex
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final

import filelock
import msgspec

from tap_twitter.auth.credentials import AuthKind  # noqa: TC001 - msgspec, too
from tap_twitter.auth.durable_file import replace_durably
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

VERSION: Final = 1
"""The format of the file; a later one is refused, so that nothing in it is lost."""

LOCK_SECONDS: Final = 900.0
"""How long to wait for another process: longer than X's slowest response to a refresh."""

QUIET_SECONDS: Final = 2.0
"""How long to wait for it without a message: most turns are shorter."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone."""

OTHERS: Final = 0o077
"""The permissions of everybody except the owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A connected account: its identity, and the tokens that prove its consent.

    Its `repr` shows no secret.
    """

    name: str
    """The user's name for it; the username by default."""

    kind: AuthKind
    """`OAUTH1` or `OAUTH2`."""

    access_token: str = field(repr=False)
    """Empty until it is requested with the refresh token."""

    user_id: str | None = None
    username: str | None = None
    connected_at: Moment | None = None

    access_token_secret: str | None = field(default=None, repr=False)
    """OAuth 1.0a only, as are the consumer's keys."""

    consumer_key: str | None = field(default=None, repr=False)
    consumer_secret: str | None = field(default=None, repr=False)

    client_id: str | None = None
    """The app's id for OAuth 2.0."""

    client_secret: str | None = field(default=None, repr=False)
    """None for a public client."""

    refresh_token: str | None = field(default=None, repr=False)
    """Works once; None without the scope `offline.access`."""

    expires_at: Moment | None = None
    """When the access token expires; None if that is not known, or never."""

    scopes: frozenset[str] = frozenset()

    refreshing_since: Moment | None = None
    """When another process requested new tokens whose response was never stored."""


class TokenStore:
    """Connected accounts in a file.

    Args:
        path: The file; it and its folder are created with the first login. If it is a symbolic
            link, the file behind it is used.
        lock_seconds: How long to wait while another process writes.
    """

    def __init__(self, path: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        self._path = path
        self._lock_seconds = lock_seconds

    def names(self) -> list[str]:
        """The names of the logins, in order.

        Raises:
            SettingError: The file cannot be read, others can read it, or it is not a token store.
        """
        return sorted(self._read())

    def logins(self) -> list[Login]:
        """All logins, ordered by name; raises as `names`."""
        return [login for _, login in sorted(self._read().items())]

    def get(self, name: str) -> Login | None:
        """The login of this name, or None; raises as `names`."""
        return self._read().get(name)

    def put(self, login: Login) -> None:
        """Add a login, or replace the one of the same name.

        After this returns, a crash of the machine does not undo it. Until then the old file stays.

        Raises:
            SettingError: As `names`, or the file cannot be written.
        """
        with self.locked():
            self._write({**self._read(), login.name: login})

    def remove(self, name: str) -> bool:
        """Remove a login, as durably as `put` adds one.

        Returns:
            Whether there was one.

        Raises:
            SettingError: As `put`.
        """
        with self.locked():
            logins = self._read()
            if name not in logins:
                return False
            self._write({other: login for other, login in logins.items() if other != name})
            return True

    def rename(self, old: str, new: str) -> None:
        """Rename a login, as durably as `put` adds one.

        Raises:
            KeyError: There is no such login.
            ValueError: Another login has the name.
            SettingError: As `put`.
        """
        with self.locked():
            logins = self._read()
            if new in logins and new != old:
                raise ValueError
            login = logins.pop(old)
            self._write({**logins, new: replace(login, name=new)})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing; the holder may call `put` and `remove`.

        Raises:
            SettingError: The folder cannot be written, or another process keeps the lock.
        """
        with self._telling("written"):
            self._acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _acquire(self) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        quietly = min(QUIET_SECONDS, self._lock_seconds)
        with suppress(filelock.Timeout):
            self._lock.acquire(quietly)
            return
        if quietly < self._lock_seconds:
            logger.info("Waiting for another process that uses the token store %s.", self._path)
        try:
            self._lock.acquire(self._lock_seconds - quietly)
        except filelock.Timeout:
            msg = (
                f"{self._where}: another process has held its lock for {self._lock_seconds:g} s; "
                "end that process and start again."
            )
            raise SettingError(msg) from None

    def _read(self) -> dict[str, Login]:
        with self._telling("read"):
            try:
                with self._file.open("rb") as file:
                    is_open_to_others = os.fstat(file.fileno()).st_mode & OTHERS
                    content = file.read()
            except FileNotFoundError:
                return {}
        if is_open_to_others:
            msg = (
                f"{self._where}: other users of this machine can read it: run `chmod 600 "
                f"{shlex.quote(str(self._file))}`; if they may have read it, connect the accounts "
                "again."
            )
            raise SettingError(msg)
        return {login.name: login for login in self._decoded(content)}

    def _decoded(self, content: bytes) -> list[Login]:
        try:
            version = msgspec.json.decode(content, type=_Format).version
            if version <= VERSION:
                return msgspec.json.decode(content, type=_Content).logins
        except (msgspec.DecodeError, UnicodeDecodeError):
            msg = (
                f"{self._where}: it is damaged or not a token store. Set another path, or move the "
                "file away and connect the accounts again: tap-twitter-accounts connect."
            )
            raise SettingError(msg) from None
        msg = f"{self._where}: a later version of tap-twitter wrote it; install that version."
        raise SettingError(msg)

    def _write(self, logins: dict[str, Login]) -> None:
        content = msgspec.json.encode(_Content(VERSION, list(logins.values())))
        with self._telling("written"):
            replace_durably(self._file, self._beside(".new"), msgspec.json.format(content))

    @cached_property
    def _file(self) -> Path:
        return self._path.expanduser().resolve()

    @cached_property
    def _lock(self) -> filelock.BaseFileLock:
        return filelock.FileLock(self._beside(".lock"), self._lock_seconds, mode=0o600)

    def _beside(self, ending: str) -> Path:
        return self._file.with_name(f".{self._file.name}{ending}")

    @property
    def _where(self) -> str:
        return f"Setting 'auth.token_store', file {self._path}"

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError) as error:  # pathlib's, for loops of links and lost homes
            reason = getattr(error, "strerror", None) or error
            msg = (
                f"{self._where}: it cannot be {what} ({reason}). "
                "Fix that, or set a path in a folder of your own."
            )
            raise SettingError(msg) from None


@dataclass(frozen=True, slots=True)
class _Format:
    version: int


@dataclass(frozen=True, slots=True)
class _Content:
    version: int
    logins: list[Login]
