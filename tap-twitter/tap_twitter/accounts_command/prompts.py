"""Prompts for the person at the terminal; without a terminal, an error has the fix."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def confirmed(question: str, otherwise: str, *, default: bool = False) -> bool:
    """Whether the answer to a question is yes.

    Args:
        question: With its question mark.
        otherwise: The fix if nobody can answer.
        default: The answer if the user only presses Enter.

    Raises:
        UserError: Nobody answers.
        click.Abort: The user cancels.
    """
    try:
        return click.confirm(question, default=default, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        msg = f"{question} There is no terminal to ask on: {otherwise}."
        raise UserError(msg) from None


def answer(label: str) -> str:
    """The user's input.

    Raises:
        UserError: The input ends.
    """
    try:
        text: str = click.prompt(label, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        msg = f"{label}: the input has ended; type it in a terminal, or pipe it into the command."
        raise UserError(msg) from None
    return text.strip()


def chosen(label: str, choices: list[str], otherwise: str) -> str:
    """The user's choice; raises as `confirmed`."""
    _need_terminal(f"{label}?", otherwise)
    choice: str = click.prompt(label, type=click.Choice(choices), err=True)
    return choice


def secret(label: str, otherwise: str, *, is_optional: bool = False) -> str:
    """A key that the user types without echo; raises as `confirmed`."""
    _need_terminal(f"{label} is missing.", otherwise)
    default = "" if is_optional else None
    typed: str = click.prompt(label, hide_input=True, default=default, show_default=False, err=True)
    return typed


def _need_terminal(problem: str, otherwise: str) -> None:
    if not sys.stdin.isatty():
        msg = f"{problem} There is no terminal to ask on: {otherwise}."
        raise UserError(msg)


def line(label: str, default: str = "") -> str:
    """The user's input of one line, or the default; raises as `answer`.

    Raises:
        UserError: The input ends.
    """
    try:
        text: str = click.prompt(label, default=default, show_default=bool(default), err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        msg = f"{label}: the input has ended; type it in a terminal."
        raise UserError(msg) from None
    return text.strip()


def picked(label: str, titles: Sequence[str], default: int = 1) -> int:
    """The position of the user's choice in a numbered list; raises as `line`."""
    _show(titles)
    return insisted(lambda: _number(line(label, str(default)), len(titles)))


def picked_several(label: str, titles: Sequence[str], default: str = "1") -> list[int]:
    """The positions of the user's choices in a numbered list, in its order; raises as `line`."""
    _show(titles)

    def read() -> list[int]:
        words = line(label, default).replace(",", " ").split()
        return sorted({_number(word, len(titles)) for word in words})

    return insisted(read)


def insisted(ask: Callable[[], T]) -> T:
    """The answer to a question that is asked again as long as the answer cannot be used.

    Args:
        ask: Asks; it raises a `UserError`, whose text is shown, if the answer cannot be used.
    """
    while True:
        try:
            return ask()
        except UserError as error:
            if not sys.stdin.isatty():
                raise
            click.echo(click.style(str(error), fg="red"), err=True)


def _show(titles: Sequence[str]) -> None:
    for number, title in enumerate(titles, 1):
        click.echo(f"  {number:>2}  {title}", err=True)


def _number(word: str, count: int) -> int:
    if not (word.isdecimal() and 1 <= int(word) <= count):
        msg = f"Type a number from 1 to {count}."
        raise UserError(msg)
    return int(word) - 1
