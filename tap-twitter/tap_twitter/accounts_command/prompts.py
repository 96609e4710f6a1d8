"""Prompts for the person at the terminal; without a terminal, an error has the fix."""

from __future__ import annotations

import sys

import click

from singer_plugin import UserError


def confirmed(question: str, otherwise: str) -> bool:
    """Whether the answer to a question is yes.

    Args:
        question: With its question mark.
        otherwise: The fix if nobody can answer.

    Raises:
        UserError: Nobody answers.
        click.Abort: The user cancels.
    """
    try:
        return click.confirm(question, err=True)
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
