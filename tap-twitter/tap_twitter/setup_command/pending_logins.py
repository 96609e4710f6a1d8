"""Connected accounts that wait for the end of the set-up to be stored."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tap_twitter.accounts_command.session import Session
from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.token_store import Login


class PendingLogins(TokenStore):
    """A token store that reads its file, and keeps new logins in memory until `keep`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._stored = TokenStore(path)
        self._new: dict[str, Login] = {}

    def put(self, login: Login) -> None:
        """Take a login."""
        self._new[login.name] = login

    @property
    def new(self) -> list[Login]:
        """The logins that are not stored yet."""
        return list(self._new.values())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody needs to be kept out: nothing is written."""
        yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Store the new logins; an error inside of the block takes them out again.

        Raises:
            SettingError: The file cannot be written.
        """
        before = {name: self._stored.get(name) for name in self._new}
        for login in self._new.values():
            self._stored.put(login)
        try:
            yield
        except BaseException:
            for name, old in before.items():
                if old is None:
                    self._stored.remove(name)
                else:
                    self._stored.put(old)
            raise

    def _read(self) -> dict[str, Login]:
        return {**super()._read(), **self._new}


class SetupSession(Session):
    """A session whose logins are stored at the end."""

    @cached_property
    def store(self) -> PendingLogins:
        """The logins."""
        return PendingLogins(Path(self.config["auth"]["token_store"]))
