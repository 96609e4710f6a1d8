"""Query parameters of the Ads API: read, bounded, and echoed with their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.ads.refusals import Fault, Refusal, refused

Read = Callable[[str], Any]
MAX_IDS: Final = 200


@dataclass(frozen=True)
class Parameter:
    """A query parameter.

    Attributes:
        name: Its name.
        read: Makes its value of the text; raises ValueError, with the reason, for a wrong one.
        default: Its value where it is not given.
        required: Whether it has to be given.
        echoed: Whether answers name it even where it is not given.
    """

    name: str
    read: Read = str
    default: Any = None
    required: bool = False
    echoed: bool = False


def flag(text: str) -> bool:
    """A Boolean; X's SDK writes it as Python does."""
    if text.lower() not in {"true", "false"}:
        raise ValueError("expected true or false")
    return text.lower() == "true"


def count(least: int, most: int) -> Read:
    """A whole number between bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"expected a number from {least} to {most}")
        return int(text)

    return read


def choice(*words: str) -> Read:
    """One of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return text

    return read


def items(most: int, *words: str) -> Read:
    """A list, of some words if any are given."""

    def read(text: str) -> list[str]:
        found = text.split(",")
        if not all(found) or len(found) > most:
            raise ValueError(f"expected 1 to {most} values")
        if words and not set(found) <= set(words):
            raise ValueError(f"expected some of {', '.join(words)}")
        return found

    return read


def page(default: int, most: int) -> tuple[Parameter, ...]:
    """What lists take."""
    return (Parameter("count", count(1, most), default, echoed=True), Parameter("cursor"))


WITH_DELETED: Final = Parameter("with_deleted", flag, default=False)
TOTAL: Final = Parameter("with_total_count", flag, default=False)
SORT: Final = Parameter(
    "sort_by",
    choice(
        *(
            name + way
            for name in ("created_at", "updated_at", "deleted", "name")
            for way in ("", "-asc", "-desc")
        )
    ),
)


def check(
    pairs: Sequence[tuple[str, str]], takes: Sequence[Parameter], *, ignores_unknown: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values by parameter, and those that the answer echoes.

    Raises:
        Refusal: 400, with all that is wrong.
    """
    given = dict(pairs)
    known = {parameter.name: parameter for parameter in takes}
    faults = [
        Fault("INVALID_PARAMETER", "unknown parameter", name, given[name])
        for name in given
        if name not in known and not ignores_unknown
    ]
    values: dict[str, Any] = {}
    echo: dict[str, Any] = {}
    for name, parameter in known.items():
        values[name] = parameter.default
        if name in given:
            try:
                values[name] = echo[name] = parameter.read(given[name])
            except ValueError as error:
                faults.append(Fault("INVALID_PARAMETER", str(error), name, given[name]))
        elif parameter.required:
            faults.append(Fault("MISSING_PARAMETER", f"{name} is a required parameter", name))
        elif parameter.echoed:
            echo[name] = parameter.default
    if faults:
        raise Refusal(400, faults)
    if values.get("with_total_count") and values.get("cursor"):
        raise refused(400, "EXCLUSIVE_PARAMETERS", "cursor and with_total_count exclude each other")
    return values, echo
