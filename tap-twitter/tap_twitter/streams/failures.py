"""The failures of a run whose other parts were completed, and their effect on its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.errors import Failure, OnAccountFailure, RunError, summary

if TYPE_CHECKING:
    import logging
    from collections.abc import Collection, Mapping

    from tap_twitter.auth.partition import Partition
    from tap_twitter.errors import TapError


def failure_of(stream: str, error: TapError, part: Partition) -> Failure:
    """The failure of a part of a stream."""
    return Failure(stream, error, part.name, noun=part.noun)


class Failures:
    """The failures of a run.

    Args:
        on_account_failure: Whether failures of single accounts fail the run.
        logger: Receives those that do not.
    """

    def __init__(self, on_account_failure: OnAccountFailure, logger: logging.Logger) -> None:
        self._warn = on_account_failure is OnAccountFailure.WARN
        self._logger = logger
        self._all: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Keep a failure for the summary at the end of the run."""
        self._all.append(failure)

    def of(self, stream: str) -> list[Failure]:
        """The failures of a stream so far."""
        return [each for each in self._all if each.stream == stream]

    def check(self, parts: Mapping[str, Collection[str]]) -> None:
        """Report the failures.

        Args:
            parts: By stream, the names of all accounts, lists or queries that it was to read. If
                none of them could be read, their failures count, so that no run succeeds forever
                without a row.

        Raises:
            RunError: At least one failure is more than a warning.
        """
        failed: dict[str, set[str]] = {}
        for each in self._all:
            failed.setdefault(each.stream, set()).add(each.partition or "")
        blind = {name for name, known in parts.items() if failed.get(name, set()) >= set(known)}
        fatal: list[Failure] = []
        spared: list[Failure] = []
        for each in self._all:
            is_spared = self._warn and each.is_of_partition and each.stream not in blind
            (spared if is_spared else fatal).append(each)
        for line in summary(spared):
            self._logger.warning("%s", line)
        if fatal:
            raise RunError(fatal)
