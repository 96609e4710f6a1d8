"""What failed in a run while the rest of it went on, and what the run makes of it in the end."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from tap_twitter.errors import Failure, RunError

if TYPE_CHECKING:
    import logging


class OnAccountFailure(enum.StrEnum):
    """The values of the setting `on_account_failure`."""

    FAIL = "fail"
    WARN = "warn"


class Failures:
    """The failures of a run.

    Args:
        on_account_failure: Whether failures of single accounts let the run fail.
        logger: Gets those that do not.
    """

    def __init__(self, on_account_failure: OnAccountFailure, logger: logging.Logger) -> None:
        self._warn = on_account_failure is OnAccountFailure.WARN
        self._logger = logger
        self._all: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Keep a failure for the summary at the end of the run."""
        self._all.append(failure)

    def check(self) -> None:
        """Tell what failed, a line each.

        Raises:
            RunError: Something did that is more than a warning.
        """
        spared = [each for each in self._all if self._warn and each.is_of_account]
        for failure in spared:
            self._logger.warning("%s", failure)
        if fatal := [each for each in self._all if each not in spared]:
            raise RunError(fatal)
