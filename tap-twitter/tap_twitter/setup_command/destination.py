"""Where settings go: a Meltano project, or files for the two programs alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_twitter.auth.durable_file import NewContent
    from tap_twitter.setup_command.answers import Answers
    from tap_twitter.setup_command.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that gets another value.

    Attributes:
        file: The name of the file.
        name: The setting, or the variable.
        old: What it is, fit to be shown; None if it is not set.
        new: What it becomes; None if it is removed.
    """

    file: str
    name: str
    old: str | None
    new: str | None

    @property
    def replaces(self) -> bool:
        """Whether a value is lost."""
        return self.old is not None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that is to be written.

    Attributes:
        changes: The settings that change.
        contents: The files as a whole.
    """

    changes: Sequence[Change]
    contents: Sequence[NewContent]


@dataclass(frozen=True, slots=True)
class Load:
    """A run that loads streams.

    Attributes:
        commands: The commands, one after the other.
        streams: The streams, which share the budget of the run.
        read_state: Reads where it resumes; gives nothing on a first run.
    """

    commands: Sequence[Pipeline]
    streams: Sequence[str]
    read_state: Callable[[], Mapping[str, Any]]


class Destination(Protocol):
    """A place for settings."""

    title: str
    """What it is, for the user."""

    def tap_setting(self, name: str) -> Any:
        """The present value of a setting of the tap, with variables resolved; None if not set."""

    def target_setting(self, name: str) -> Any:
        """The same of the target."""

    def draft(self, answers: Answers) -> Draft:
        """What is to be written.

        Raises:
            UserError: Something cannot be written there.
        """

    def tap_config(self) -> dict[str, Any]:
        """All settings of the tap as a run gets them, after the files are written.

        Raises:
            UserError: They cannot be read.
        """

    def loads(self, answers: Answers) -> list[Load]:
        """The commands that load the reports, from where the last run has ended."""

    def listing(self) -> Pipeline:
        """The command that lists the datasets."""


def shown(value: Any) -> str:
    """A value for the user, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(filter(str.isprintable, text))
