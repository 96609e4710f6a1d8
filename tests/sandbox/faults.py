"""Faults that wait for requests: which, from the how manieth on, and how many of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sandbox.fault_kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.fault_kinds import Canned, Stage


@dataclass
class Fault:
    """A fault that waits.

    Attributes:
        kind: A key of `KINDS`.
        path: Path of the requests that it strikes, with `*` for anything.
        nth: The first of the matching requests that it strikes, from 1.
        count: How many requests in a row it strikes; None for all from then on.
        arguments: What the kind takes.
        seen: Matching requests so far.
    """

    kind: str
    path: str = "*"
    nth: int = 1
    count: int | None = 1
    arguments: dict[str, Any] = field(default_factory=dict)
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"There is no fault {self.kind}; there are {', '.join(KINDS)}"
            raise ValueError(msg)
        if self.nth < 1 or (self.count is not None and self.count < 1):
            msg = f"A fault's nth and count begin at 1, not at {self.nth} and {self.count}"
            raise ValueError(msg)
        self.arguments = self._complete(self.arguments)

    def _complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        takes = KINDS[self.kind].takes
        for name, value in given.items():
            if name not in takes or not isinstance(value, type(takes[name])):
                wanted = {key: type(default).__name__ for key, default in takes.items()}
                msg = f"The fault {self.kind} takes {wanted}, not {name}={value!r}"
                raise ValueError(msg)
        return {**takes, **given}

    @property
    def stage(self) -> Stage:
        """When it strikes."""
        return KINDS[self.kind].stage

    @property
    def canned(self) -> Canned | None:
        """The answer given in place of the real one."""
        return KINDS[self.kind].canned

    def due(self, path: str) -> bool:
        """Whether it strikes this request; counts the request if it matches."""
        if not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        last = None if self.count is None else self.nth + self.count
        return self.seen >= self.nth and (last is None or self.seen < last)


class Faults:
    """The faults that wait, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(
        self, kind: str, *, path: str = "*", nth: int = 1, count: int | None = 1, **arguments: Any
    ) -> Fault:
        """Ask for a fault; see `Fault` for the arguments.

        Raises:
            ValueError: If there is no such kind, or it takes no such argument.
        """
        fault = Fault(kind, path, nth, count, arguments)
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Take back every fault."""
        self._waiting.clear()

    def due(self, path: str) -> list[Fault]:
        """The faults that strike this request."""
        return [fault for fault in self._waiting if fault.due(path)]

    def as_json(self) -> list[dict[str, Any]]:
        """The faults that wait or struck, as `GET /sandbox/faults` shows them."""
        return [asdict(fault) for fault in self._waiting]
