"""Partitions of streams: the account, the list or the query that a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from tap_twitter.auth.account import Account
    from tap_twitter.auth.credentials import Credential


class Partition(Protocol):
    """What a request is about, with the credentials for it."""

    @property
    def noun(self) -> str:
        """What it is, in messages."""

    @property
    def name(self) -> str:
        """Its name in the settings; its id if it has none there."""

    @property
    def path_id(self) -> str | None:
        """X's id of it, for the path of requests; None if it is unknown, or if X has none."""

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The credentials for requests about it."""

    @property
    def connect_command(self) -> str:
        """The command that connects the account whose credentials these are."""

    def may_be_asked_as(self, credential: Credential) -> bool:
        """Whether data that X gives only to the account of a credential is this one's."""


P = TypeVar("P", bound=Partition)


@dataclass(frozen=True, slots=True)
class DefaultPartition:
    """A list or a query, which the default credentials request.

    Attributes:
        noun: What it is, in messages.
        name: Its name in the settings.
        asker: The account of the default credentials.
        path_id: X's id of it; None if no path names it.
    """

    noun: str
    name: str
    asker: Account
    path_id: str | None = None

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The default credentials."""
        return self.asker.credentials

    @property
    def connect_command(self) -> str:
        """The command that connects the account of the default credentials."""
        return self.asker.connect_command

    def may_be_asked_as(self, credential: Credential) -> bool:
        """Whether data that X gives only to the account of a credential is this one's."""
        return self.asker.may_be_asked_as(credential)
