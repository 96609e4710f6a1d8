"""What a measure is, and what it gives."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.processes import Taken
    from bench.workshop import Workshop

_RELATIONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "≥": operator.ge,
    "≤": operator.le,
    "<": operator.lt,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Must:
    """What a figure has to reach: a relation (`≥`, `≤`, `<`, `=`) and a bound."""

    relation: str
    bound: float

    def is_met_by(self, value: float) -> bool:
        """Whether a figure reaches it."""
        return _RELATIONS[self.relation](value, self.bound)

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"


@dataclass(frozen=True)
class Figure:
    """What a measure gives.

    Attributes:
        value: The median of the runs.
        least: The least of them.
        most: The greatest of them.
        runs: What was seen in each run.
        details: What else is worth knowing.
    """

    value: float
    least: float
    most: float
    runs: list[dict[str, Any]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One figure.

    Attributes:
        key: Its name in `results.json`.
        what: What is measured, in a line.
        unit: Of the figure.
        must: What it has to reach; None if it only informs.
        how: Measures it.
    """

    key: str
    what: str
    unit: str
    must: Must | None
    how: Callable[[Workshop], Figure]


def middle(values: Sequence[float], runs: list[dict[str, Any]], **details: Any) -> Figure:
    """The figure of values that were measured one after another."""
    return Figure(median(values), min(values), max(values), runs, details)


def ratio(ours: Sequence[Taken], theirs: Sequence[Taken], records: int) -> Figure:
    """How many times as fast we are as others: the median over paired runs.

    Args:
        ours: What our runs took.
        theirs: What the runs of others took, in the same order.
        records: How many records each run was about.
    """
    pairs = list(zip(ours, theirs, strict=True))
    return middle(
        [their.seconds / our.seconds for our, their in pairs],
        [
            {
                "our_seconds": our.seconds,
                "their_seconds": their.seconds,
                "our_cpu_seconds": our.cpu_seconds,
                "their_cpu_seconds": their.cpu_seconds,
            }
            for our, their in pairs
        ],
        records=records,
        our_records_per_second=records / median(our.seconds for our in ours),
        their_records_per_second=records / median(their.seconds for their in theirs),
        cpu_ratio=median(their.cpu_seconds / our.cpu_seconds for our, their in pairs),
    )


def single(value: float, **details: Any) -> Figure:
    """A figure that does not vary between runs, or takes too long to be measured again."""
    return middle([value], [], **details)
