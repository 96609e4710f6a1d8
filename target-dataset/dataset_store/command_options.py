"""Options that several commands of `dataset` take, and how their values are read."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_DELIMITERS: Final = {"tab": "\t", "\\t": "\t"}


def csv_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of CSV for spreadsheets to a command, named as in `rows.CsvOptions`."""
    bom = click.option("--bom", is_flag=True, help="Start CSV with a byte order mark, for Excel.")
    guard = click.option(
        "--guard-formulas",
        is_flag=True,
        help="Put an apostrophe before text in CSV that a spreadsheet would run as a formula.",
    )
    return bom(guard(command))


as_json: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def delimiter(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """A delimiter of CSV: one character, or its name.

    Raises:
        BadParameter: It is longer, or one that CSV uses otherwise.
    """
    if value is None:
        return None
    character = _DELIMITERS.get(value, value)
    if len(character.encode()) != 1 or character in '"\r\n':
        message = "give one character other than a quote, or `tab`"
        raise click.BadParameter(message)
    return character


def names(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """Names that commas separate."""
    return tuple(value.split(",")) if value else ()


def encoding(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The name of a text encoding, as Python knows it.

    Raises:
        BadParameter: There is no such encoding.
    """
    if value is None:
        return None
    try:
        b"".decode(value)
        name = codecs.lookup(value).name
    except (LookupError, ValueError):
        message = "it is not a text encoding; give one such as utf-8, utf-16 or cp1252"
        raise click.BadParameter(message) from None
    # with or without a byte order mark
    return "utf-8-sig" if name == "utf-8" else name
