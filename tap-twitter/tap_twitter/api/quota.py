"""What X has said is used up: nobody asks for it again in the same run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_twitter.errors import CapError, CreditsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.credentials import Credential


class QuotaGuard:
    """Remembers by app what is used up: credits for everything, a cap for what it counts."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str | None], CapError] = {}
        self._is_passed_over = False

    @contextmanager
    def guard(self, credential: Credential, what: str) -> Iterator[None]:
        """Around a request: it is not sent where X has refused the like of it.

        Args:
            credential: Who asks, and so which app.
            what: What a cap would count: a kind of objects, or an API with a contract of its own.

        Raises:
            CapError: X says so, or has said so before.
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

    @contextmanager
    def bypass(self) -> Iterator[None]:
        """Inside, answers that X has given already are taken whatever is used up."""
        self._is_passed_over = True
        try:
            yield
        finally:
            self._is_passed_over = False
