"""Query parameters as X checks them: names, counts, patterns, enumerations, no duplicates.

Lists are joined by commas under one key (`style=form`, `explode=false` in X's spec).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Complaint = tuple[Mapping[str, list[str]], str]
Query = Mapping[str, list[str]]


@dataclass(frozen=True)
class Parameter:
    """A list parameter.

    Attributes:
        name: Its key in the query.
        pattern: What each value must match, when it is not one of `choices`.
        choices: The values that are allowed; empty for any.
        maximum: The most values in one request.
        required: Whether it must be there.
        unknown: Whether a value outside `choices` is refused or passed over.
    """

    name: str
    pattern: str = ""
    choices: Sequence[str] = ()
    maximum: int = 100
    required: bool = False
    unknown: Literal["refuse", "ignore"] = "refuse"

    def read(self, text: str | None) -> list[str]:
        """The values in a query's text, without those that are to be passed over."""
        values = text.split(",") if text is not None else []
        if self.unknown == "ignore":
            return [value for value in values if not self.choices or value in self.choices]
        return values

    def complaints(self, values: list[str]) -> Iterator[str]:
        """What X says against the values."""
        if values == [""]:
            yield f"The `{self.name}` query parameter can not be empty"
            return
        if len(values) > self.maximum:
            yield (
                f"The number of values in the `{self.name}` query parameter list [{len(values)}] "
                f"is not between 1 and {self.maximum}"
            )
        for value in dict.fromkeys(values):
            yield from self._about(value)
        for value, count in Counter(values).items():
            if count > 1:
                yield f"The `{self.name}` query parameter value [{value}] is duplicated"

    def _about(self, value: str) -> Iterator[str]:
        prefix = f"The `{self.name}` query parameter value [{value}]"
        if self.choices and value not in self.choices:
            yield f"{prefix} is not one of [{','.join(self.choices)}]"
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield f"{prefix} does not match ^{self.pattern}$"


def check(
    pairs: Sequence[tuple[str, str]], parameters: Sequence[Parameter]
) -> tuple[Query, list[Complaint]]:
    """Read a query.

    Args:
        pairs: Keys and texts as they came.
        parameters: What the endpoint takes.

    Returns:
        The values by parameter, and everything that X would refuse.
    """
    texts = dict(pairs)
    known = [parameter.name for parameter in parameters]
    complaints: list[Complaint] = [
        ({name: [text]}, f"The query parameter [{name}] is not one of [{','.join(known)}]")
        for name, text in texts.items()
        if name not in known
    ]
    complaints += _repeated(pairs)
    values = {}
    for parameter in parameters:
        values[parameter.name] = parameter.read(texts.get(parameter.name))
        complaints += _about(parameter, texts, values[parameter.name])
    return values, complaints


def _repeated(pairs: Sequence[tuple[str, str]]) -> list[Complaint]:
    counts = Counter(name for name, _ in pairs)
    return [
        (
            {name: [text for key, text in pairs if key == name]},
            f"The `{name}` query parameter was given {count} times: join its values by commas",
        )
        for name, count in counts.items()
        if count > 1
    ]


def _about(parameter: Parameter, texts: Mapping[str, str], values: list[str]) -> list[Complaint]:
    name = parameter.name
    if name not in texts:
        missing = f"The `{name}` query parameter can not be empty"
        return [({name: []}, missing)] if parameter.required else []
    return [({name: values}, text) for text in parameter.complaints(values)]
