"""The command line around a plugin: a user's mistake comes back as one line, not a traceback."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import SingerCommand

from dataset_store import unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_FAILURE = 1
BYTE_ORDER_MARK = "\ufeff"
"""Windows programs write it at the beginning of a file."""

T = TypeVar("T")


class UserError(Exception):
    """An error whose text tells a user what happened, where, and the fix."""


class PluginCommand(SingerCommand):
    """A Singer command that ends every error with a line in the log and exit code 1.

    Known errors bring their own text. Any other error becomes a line that names its kind and place
    and asks for a report; its traceback appears at the log level DEBUG alone.
    """

    def __init__(
        self, *args: Any, known_errors: tuple[type[Exception], ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known_errors = known_errors

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parse the arguments and run; wrong settings and known errors become log lines."""
        logging.captureWarnings(capture=True)
        try:
            return super().main(*args, **kwargs)
        except ConfigValidationError as error:
            for line in error.errors:
                self.logger.error("%s", line)
        except self.known_errors as error:
            for line in str(error).splitlines():
                self.logger.error("%s", line)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - the last resort; Rust's panics are no Exception
            self._report(error)
        sys.exit(EXIT_FAILURE)

    def _report(self, error: BaseException) -> None:
        variable = f"{str(self.name).upper().replace('-', '_')}_LOGLEVEL"
        self.logger.debug("%s", unexpected.stack(error))
        self.logger.error("%s", unexpected.summary(error, f"{variable}=debug"))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the plugin; the SDK's own handler, which prints tracebacks, is skipped.

        Raises:
            UserError: Nobody reads standard output any longer; click would end without a word.
        """
        try:
            return super(SingerCommand, self).invoke(ctx)
        except BrokenPipeError:
            discard_output()
            message = "Standard output was closed by its reader; the run ends here"
            raise UserError(message) from None


def discard_output() -> None:
    """Send what Python still holds for standard output nowhere.

    It cannot be written, and would be a second error when the interpreter ends.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_plugin_command(
    command: click.Command, known_errors: tuple[type[Exception], ...]
) -> PluginCommand:
    """The SDK's command with the same name, options and callback, as a `PluginCommand`."""
    assert isinstance(command, SingerCommand)
    return PluginCommand(
        name=command.name,
        callback=command.callback,
        help=command.help,
        params=command.params,
        context_settings=command.context_settings,
        logger=command.logger,
        known_errors=known_errors,
    )


def json_object(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The JSON object that a file holds.

    Args:
        text: What stands in the file.
        parse_float: Reads numbers with a fraction or an exponent.

    Raises:
        ArithmeticError: A number is larger than `parse_float` can read.
        ValueError: It is no JSON.
        TypeError: It is no object.
    """
    value = json.loads(text, parse_float=parse_float)
    if not isinstance(value, dict):
        raise TypeError
    return value


def read_option(option: str, read: Callable[[], T]) -> T:
    """Read the file that a command-line option names.

    Raises:
        click.ClickException: It is missing, unreadable, or not a JSON object.
    """
    try:
        value = read()
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
        msg = f"{option}: {reason}"
        raise click.ClickException(msg) from error
    except (ArithmeticError, ValueError, TypeError) as error:
        msg = f"{option}: the file does not hold a JSON object."
        raise click.ClickException(msg) from error
    return value
