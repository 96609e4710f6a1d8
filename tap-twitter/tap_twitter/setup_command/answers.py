"""What the user has answered; nothing of it is written before the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.auth.keys import (
    ACCESS,
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER,
    REFRESH,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tap_twitter.auth.token_store import Login
    from tap_twitter.setup_command.reports import Report, Subject

STORE_OPTIONS: Final = "store_options"
"""An object, which is one secret as a whole."""

VARIABLES: Final = {
    "auth.consumer_key": "X_CONSUMER_KEY",
    "auth.consumer_secret": "X_CONSUMER_SECRET",
    "auth.access_token": "X_ACCESS_TOKEN",
    "auth.access_token_secret": "X_ACCESS_TOKEN_SECRET",
    "auth.bearer_token": "X_BEARER_TOKEN",
    "auth.client_id": "X_CLIENT_ID",
    "auth.client_secret": "X_CLIENT_SECRET",
    "auth.refresh_token": "X_REFRESH_TOKEN",
    STORE_OPTIONS: "STORE_OPTIONS",
}
"""The secrets, and the environment variable of each."""

KEYS: Final = (*CONSUMER, *ACCESS, BEARER, CLIENT_ID, CLIENT_SECRET, REFRESH)
"""All settings of the group `auth` that say who makes requests."""


@dataclass(frozen=True, slots=True)
class NewInput:
    """A file that becomes the input dataset of a lookup.

    Attributes:
        file: The file.
        name: The name of the dataset.
        replaces: Whether a dataset of that name exists, whose rows are replaced.
    """

    file: Path
    name: str
    replaces: bool


@dataclass
class Answers:
    """All answers.

    Attributes:
        reports: What to load.
        tap: Settings of the tap by their dotted names; None is a setting that must not be set.
        target: The same of the target.
        logins: Connected accounts that are not in the token store yet.
        new_input: The file to look up.
    """

    reports: tuple[Report, ...] = ()
    tap: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)
    new_input: NewInput | None = None

    @property
    def streams(self) -> list[str]:
        """The streams to load."""
        return [stream for report in self.reports for stream in report.streams]

    def is_about(self, *subjects: Subject) -> bool:
        """Whether a report is about one of these."""
        return any(report.subject in subjects for report in self.reports)

    def use_keys(self, keys: dict[str, str]) -> None:
        """Use these keys of the group `auth`, and no others."""
        self.tap |= {f"auth.{name}": keys.get(name) for name in KEYS}

    @property
    def keys(self) -> dict[str, str]:
        """The keys of the group `auth`."""
        return {name: key for name in KEYS if (key := self.tap.get(f"auth.{name}"))}


def is_secret(setting: str) -> bool:
    """Whether a setting stays out of meltano.yml, and is never shown."""
    return setting in VARIABLES
