"""The steps about what to load: reports, accounts, searches, lists, and the budget."""

from __future__ import annotations

import logging
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import click

from singer_plugin import UserError
from singer_plugin import settings as groups
from tap_twitter.accounts.entries import read_entries
from tap_twitter.accounts_command import prompts
from tap_twitter.auth.keys import REFRESH
from tap_twitter.cost.ledger import Resource, prices, usd
from tap_twitter.settings import SETTINGS
from tap_twitter.setup_command.reports import REPORTS, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.setup_command.guide import Guide

logger = logging.getLogger(__name__)

DEFAULT_BUDGET: Final = "10"
MAX_FOLLOWERS: Final = "1000"
TERMINAL: Final = "run it in a terminal"
SNAPSHOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "followers": ("followers", "following"),
    "lists": ("list_members",),
}
"""Reports that buy whole lists every day, and their groups of settings with a `limit`."""


def ask_reports(guide: Guide) -> None:
    """Ask which reports to load."""
    titles = [f"{each.job:<12}{each.title}" for each in REPORTS]
    picked = prompts.picked_several("Reports, such as 1 or 1,3", titles)
    guide.answers.reports = tuple(REPORTS[at] for at in picked)


def ask_accounts(guide: Guide) -> None:
    """Ask whose data to load besides that of the connected accounts."""
    present = guide.destination.tap_setting("accounts")
    if present and prompts.confirmed(
        f"Keep the {len(present)} entries of 'accounts'?", TERMINAL, default=True
    ):
        guide.answers.tap.pop("accounts", None)
        return
    is_named = bool(guide.accounts)
    is_own = is_named or REFRESH in guide.answers.keys
    own = ", ".join(str(each.get("name") or each.get("id")) for each in guide.accounts)
    unnamed = "that of the refresh token" if is_own else "none, app-only access has no account"
    click.echo(f"Your own: {own or unnamed}.", err=True)
    price = usd(prices(guide.session.config)[Resource.USER])
    label = f"Other accounts, as handles or ids with commas between ({price} each; Enter for none)"

    def read() -> list[Any]:
        others = prompts.line(label).replace(",", " ").split()
        entries = [*guide.accounts, *others]
        if not entries and not is_own:
            msg = "There is no account to report: name at least one."
            raise UserError(msg)
        read_entries(others, logger)
        return entries if others or len(guide.accounts) > 1 else []

    entries = prompts.insisted(read)
    guide.keep("accounts", checked("accounts", entries) if entries else None)


def ask_queries(guide: Guide) -> None:
    """Ask for searches."""
    present = guide.destination.tap_setting("queries")
    if present and prompts.confirmed(
        f"Keep the {len(present)} searches of 'queries'?", TERMINAL, default=True
    ):
        return
    queries: list[dict[str, str]] = []
    while True:
        label = "A search in X's language, such as: tea -is:retweet"
        query = prompts.line(f"{label} (Enter: no more)" if queries else label)
        if not query and queries:
            break
        if query:
            name = prompts.line(
                "Its name, which stands in every row", query.split()[0].strip('"#@')
            )
            queries.append({"name": name, "query": query})
    guide.keep("queries", checked("queries", queries))


def ask_lists(guide: Guide) -> None:
    """Ask for lists of X."""

    def read() -> Any:
        words = prompts.line("Ids or addresses of lists, with commas between").replace(",", " ")
        if not words.split():
            msg = "Name at least one list, such as https://x.com/i/lists/1530000000000000001."
            raise UserError(msg)
        return checked("list_members.lists", words.split())

    guide.keep("list_members.lists", prompts.insisted(read))


def ask_limits(guide: Guide) -> None:
    """Ask how much a day may buy of lists whose length only X knows."""
    for report in guide.answers.reports:
        for group in SNAPSHOTS.get(report.job, ()):
            label = f"Most {group.replace('_', ' ')} to buy a day, for each account or list"
            number = prompts.insisted(lambda: _whole(prompts.line(label, MAX_FOLLOWERS)))  # noqa: B023
            guide.keep(f"{group}.limit", number)


def ask_budget(guide: Guide) -> None:
    """Ask what a run may cost."""
    present = guide.destination.tap_setting("budget.max_cost_usd")
    default = DEFAULT_BUDGET if present is None else str(present)

    def read() -> float | None:
        word = prompts.line("Most that one run may cost, in USD (0: no limit)", default)
        try:
            amount = Decimal(word.removesuffix("USD").strip().lstrip("$"))
        except InvalidOperation:
            amount = Decimal(-1)
        if not (amount.is_finite() and amount >= 0):
            msg = "Type an amount such as 10 or 2.50."
            raise UserError(msg)
        return (int(amount) if amount == int(amount) else float(amount)) or None

    guide.keep("budget.max_cost_usd", prompts.insisted(read))


def is_snapshot(report: Report) -> bool:
    """Whether a report buys whole lists."""
    return report.job in SNAPSHOTS


def checked(name: str, value: Any) -> Any:
    """The value of a setting, if the settings accept it.

    Raises:
        UserError: They do not.
    """
    schema = SETTINGS.to_dict()
    group, _, inner = name.partition(".")
    schema = {**schema, "properties": {group: schema["properties"][group]}}
    found = groups.problems(schema, {group: {inner: value} if inner else value})
    if found:
        raise UserError("\n".join(found))
    return value


def _whole(word: str) -> int:
    if not (word.isdecimal() and int(word) > 0):
        msg = "Type a number such as 1000."
        raise UserError(msg)
    return int(word)
