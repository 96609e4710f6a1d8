"""What X refuses in general, so that the same run does not request it again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_twitter.errors import AccessError, CapError, ContractError, CreditsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.credentials import Credential


class QuotaGuard:
    """Remembers by app what is used up: credits for everything, a cap for what it counts.

    It also remembers which credentials X has answered, and which contracts the app lacks.
    """

    def __init__(self) -> None:
        self._refusals: dict[tuple[str, str | None], CapError] = {}
        self._admitted: set[tuple[str, str]] = set()
        self._closed: set[str] = set()
        self._is_bypassed = False

    @contextmanager
    def guard(self, credential: Credential, what: str) -> Iterator[None]:
        """Around a request: it is not sent if X has refused the same kind before.

        Args:
            credential: The credential of the request, and so its app.
            what: What a cap would count: a kind of objects, or an API with a contract of its own.

        Raises:
            CapError: X says so, or has said so before.
            ContractError: The app has no contract; X has answered no credential in this run.
            AccessError: X has answered others, so it refuses this account.
        """
        app = credential.app or credential.pool
        refusal = self._refusals.get((app, None)) or self._refusals.get((app, what))
        if refusal and not self._is_bypassed:
            raise refusal
        try:
            yield
        except CapError as error:
            self._refusals[app, None if isinstance(error, CreditsError) else what] = error
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
        """Inside, responses that have arrived are taken, whatever is used up."""
        self._is_bypassed = True
        try:
            yield
        finally:
            self._is_bypassed = False
