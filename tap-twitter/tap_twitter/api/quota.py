"""What X refuses in general: nobody asks for it again in the same run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_twitter.errors import AccessError, CapError, ContractError, CreditsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.credentials import Credential


class QuotaGuard:
    """Remembers by app what is used up: credits for everything, a cap for what it counts.

    It also remembers whom X has answered, and which contracts the app lacks.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, str | None], CapError] = {}
        self._admitted: set[tuple[str, str]] = set()
        self._closed: set[str] = set()
        self._is_passed_over = False

    @contextmanager
    def guard(self, credential: Credential, what: str) -> Iterator[None]:
        """Around a request: it is not sent where X has refused the like of it.

        Args:
            credential: Who asks, and so which app.
            what: What a cap would count: a kind of objects, or an API with a contract of its own.

        Raises:
            CapError: X says so, or has said so before.
            ContractError: The app has no contract; X has answered nobody in this run.
            AccessError: It has answered others, so that the account is what it refuses.
        """
        app = credential.app or credential.pool
        told = self._told.get((app, None)) or self._told.get((app, what))
        if told and not self._is_passed_over:
            raise told
        try:
            yield
        except CapError as error:
            self._told[app, None if isinstance(error, CreditsError) else what] = error
            raise
        except ContractError as error:
            if any(admitted == what for admitted, _ in self._admitted):
                raise AccessError(error.otherwise) from None
            self._closed.add(what)
            raise
        self._admitted.add((what, credential.pool))

    def has_admitted(self, credential: Credential, what: str) -> bool:
        """Whether X has answered the credential in this run."""
        return (what, credential.pool) in self._admitted

    def is_closed(self, what: str) -> bool:
        """Whether X has said that the app has no contract for it."""
        return what in self._closed

    @contextmanager
    def bypass(self) -> Iterator[None]:
        """Inside, answers that X has given already are taken whatever is used up."""
        self._is_passed_over = True
        try:
            yield
        finally:
            self._is_passed_over = False
