"""The guide: asks step by step, shows what would be written, writes it, and tries it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tap_twitter.setup_command.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_twitter.setup_command.destination import Destination
    from tap_twitter.setup_command.pending_logins import SetupSession


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideOptions:
    """The options of the command that steps need.

    Attributes:
        port: The port of the callback address.
        timeout: How many seconds to wait for the browser.
        browser: Whether to open a browser.
        authorize_url: The OAuth 2.0 page where users decide; None for X's.
    """

    port: int
    timeout: int
    browser: bool
    authorize_url: str | None


@dataclass
class Guide:
    """What steps ask with, and where they keep answers.

    Attributes:
        destination: Where settings will go, and what is set there already.
        session: X, and the logins.
        options: The options of the command.
        answers: The answers so far.
        accounts: The user's own accounts, as entries of the setting `accounts`.
    """

    destination: Destination
    session: SetupSession
    options: GuideOptions
    answers: Answers = field(default_factory=Answers)
    accounts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def login_count(self) -> int:
        """How many logins there will be."""
        return len(self.session.store.names())

    def keep(self, name: str, value: Any) -> None:
        """Keep the answer about a setting of the tap."""
        self.answers.tap[name] = value


class Step(NamedTuple):
    """A part of the set-up.

    Attributes:
        title: Its heading.
        ask: Asks, checks, and keeps the answers.
        is_needed: Whether it has anything to ask about the answers so far.
    """

    title: str
    ask: Callable[[Guide], None]
    is_needed: Callable[[Answers], bool] = lambda _: True


def ask_all(guide: Guide, steps: Sequence[Step]) -> None:
    """Take the steps in their order.

    Raises:
        UserError: A step cannot be completed.
        click.Abort: The user stops.
    """
    for step in steps:
        if step.is_needed(guide.answers):
            click.echo("", err=True)
            click.echo(click.style(step.title, bold=True), err=True)
            step.ask(guide)
    guide.answers.logins = guide.session.store.new
