"""Unexpected errors on one line, without the data that their text may quote."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any, ClassVar, Final

import click

from dataset_store.help_pages import explained

if TYPE_CHECKING:
    from types import FrameType

PACKAGES: Final = frozenset({"dataset_store", "singer_plugin", "tap_twitter", "target_dataset"})


def summary(error: BaseException, debug_setting: str) -> str:
    """The error on one line: its type, the place in the code, and what a user can do.

    Args:
        error: The error.
        debug_setting: A setting that shows the traceback, such as `TARGET_DATASET_LOGLEVEL=debug`.
    """
    found = f"{type(error).__name__} at {_place(error)}"
    if isinstance(error, MemoryError):
        return f"Memory ran out ({found}); give the process more, or reduce the batch settings"
    return f"Unexpected error ({found}); please report it with the log of {debug_setting}"


def stack(error: BaseException) -> str:
    """The tracebacks of the error and its causes: types and code, without exception texts."""
    parts = []
    each: BaseException | None = error
    seen: set[int] = set()
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        frames = "".join(traceback.format_tb(each.__traceback__))
        parts.append(f"{type(each).__module__}.{type(each).__qualname__}\n{frames}")
        each = each.__cause__ or each.__context__
    return "raised from ".join(parts).rstrip()


def _place(error: BaseException) -> str:
    """The last line of this project's code in the traceback, or the last line of any code."""
    places = [
        (f"{_module(frame)}:{number}", _module(frame).partition(".")[0] in PACKAGES)
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
    ours = [place for place, is_ours in places if is_ours]
    return (ours or [place for place, _ in places] or ["an unknown place"])[-1]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


class ReportingCommand(click.Command):
    """A command that ends any failure with one line and exit code 1.

    If the environment variable `debug_variable` is `debug`, the traceback of unexpected errors is
    printed.
    """

    known_errors: ClassVar[tuple[type[Exception], ...]] = ()
    """Exceptions whose text is fit for a user."""

    debug_variable = "TARGET_DATASET_LOGLEVEL"

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            click.ClickException: The command failed; the text is the line.
        """
        try:
            return super().invoke(ctx)
        except self.known_errors as error:
            raise click.ClickException(explained(str(error), error)) from None
        except _CLICK_ENDS_ON:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            message = f"{where}{error.strerror or type(error).__name__}"
            raise click.ClickException(message) from None
        except BaseException as error:  # noqa: BLE001 - the last resort; Rust's panics are no Exception
            if os.environ.get(self.debug_variable, "").lower() == "debug":
                click.echo(stack(error), err=True)
            said = summary(error, f"{self.debug_variable}=debug")
            raise click.ClickException(explained(said, error)) from None


class ReportingGroup(ReportingCommand, click.Group):
    """Commands that report failures so."""


_CLICK_ENDS_ON: Final = (
    click.ClickException,
    click.exceptions.Exit,
    click.Abort,
    SystemExit,
    KeyboardInterrupt,
    EOFError,
    BrokenPipeError,
)
"""Exceptions that click itself ends on, without a traceback."""
