"""Output of the command: logins as rows for people and for programs, without secrets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_twitter.auth.token_store import Login

    Row = Mapping[str, Any]

PIPE_WIDTH: Final = 10_000
"""Wide enough for every listing: output into a pipe is never cut off."""


def row(login: Login) -> dict[str, Any]:
    """The public facts of a login."""
    return {
        "name": login.name,
        "kind": login.kind.value,
        "username": login.username,
        "user_id": login.user_id,
        "scopes": sorted(login.scopes),
        "access_ends_at": None if _lasts(login) else login.expires_at,
        "connected_at": login.connected_at,
    }


def _lasts(login: Login) -> bool:
    """Whether access lasts until it is revoked."""
    return login.kind is AuthKind.OAUTH1 or login.refresh_token is not None


def show(rows: Iterable[Row], *, as_json: bool) -> None:
    """Print rows that have the same columns, as a table or as JSON."""
    rows = list(rows)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2))
    elif rows:
        _console().print(_table(rows))


def _console() -> Console:
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def _table(rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for each in rows:
        table.add_row(*(Text(_cell(value)) for value in each.values()))
    return table


def _cell(value: Any) -> str:
    """A value for people, without terminal control characters."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value)
    text = "" if value is None else _time(value) if isinstance(value, datetime) else str(value)
    return "".join(filter(str.isprintable, text))


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
