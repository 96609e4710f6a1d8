"""What was checked, and what came out: one line per endpoint and spec, then the differences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contract.differences import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract.differences import Difference
    from contract.findings import Finding


class Report:
    """Collects results.

    Args:
        known: The differences that are expected.
    """

    def __init__(self, known: Sequence[Difference] = KNOWN) -> None:
        self._known = known
        self._lines: list[str] = []
        self._met: Counter[Difference] = Counter()
        self._versions: set[str] = set()
        self._unexplained: list[str] = []

    def add(self, subject: str, version: str, checked: int, findings: Iterable[Finding]) -> None:
        """Enter a subject's result against one spec.

        Args:
            subject: What was checked, such as `GET /2/users`.
            version: Of the spec.
            checked: How many requests and answers.
            findings: What was found; once for each of them.
        """
        self._versions.add(version)
        explained, unexplained = 0, 0
        for finding in findings:
            cause = next((d for d in self._known if d.explains(version, finding)), None)
            if cause is None:
                unexplained += 1
                self._unexplained.append(f"  {subject}, {version}: {finding}")
            else:
                explained += 1
                self._met[cause] += 1
        verdict = f"{unexplained} DIFFER" if unexplained else "ok"
        known = f", {explained} known differences" if explained else ""
        self._lines.append(f"{subject:<24} {version:<8} {checked:>5} checked  {verdict}{known}")

    def skip(self, subject: str, reason: str) -> None:
        """Say why something was not checked."""
        self._lines.append(f"{subject:<24} not checked: {reason}")

    def fail(self, text: str) -> None:
        """Enter something that no spec allows."""
        self._unexplained.append(f"  {text}")

    @property
    def stale(self) -> list[Difference]:
        """Known differences that were not met, of the specs that were read."""
        return [
            d for d in self._known if not self._met[d] and self._versions.issuperset(d.versions)
        ]

    @property
    def is_clean(self) -> bool:
        """Whether every difference is known, and every known difference was met."""
        return not self._unexplained and not self.stale

    def lines(self) -> Iterator[str]:
        """The whole report."""
        yield from self._lines
        if self._met:
            yield "\nKnown differences:"
        for difference, count in self._met.items():
            yield f"  {difference.name} ({count}): {difference.reason}"
        if self._unexplained:
            yield "\nDIFFERENCES THAT NOTHING EXPLAINS:"
            yield from self._unexplained
        for difference in self.stale:
            yield f"\nNEVER MET: {difference.name}; take it out of contract/differences.py"
