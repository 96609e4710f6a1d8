"""The command line around a plugin: a user error ends in one line instead of a traceback."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Final

import click
from singer_sdk.exceptions import ConfigValidationError, MappingError
from singer_sdk.plugin_base import SingerCommand

from dataset_store import unexpected
from dataset_store.help_pages import UNEXPECTED, explained
from dataset_store.json_files import JsonFileError, read_json_object

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Sequence
    from pathlib import Path

EXIT_FAILURE = 1
SETTINGS_FIX: Final = "write the settings as one JSON object; --about lists them"


class UserError(Exception):
    """An error whose text tells the user what happened, where, and the fix."""

    topic: ClassVar[str] = ""
    """The section of `docs/errors.md` about it; empty if the text alone says enough."""


class EndedBySignalError(SystemExit):
    """Ends a run with the exit code that shells give a signal.

    Args:
        signum: The signal.
    """

    def __init__(self, signum: signal.Signals) -> None:
        super().__init__(128 + signum)
        self.signal = signum


class PluginCommand(SingerCommand):
    """A Singer command that ends every error with a log line and exit code 1.

    Known errors have their own text. Any other error becomes a line that names its type and place
    and asks for a report; its traceback is logged at the level DEBUG only.
    """

    def __init__(
        self, *args: Any, known_errors: tuple[type[Exception], ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known_errors = known_errors

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parse the arguments and run; invalid settings and known errors become log lines."""
        logging.captureWarnings(capture=True)
        try:
            return super().main(*args, **kwargs)
        except ConfigValidationError as error:
            self._end(error.errors, error, "settings")
        except self.known_errors as error:
            is_of_map = isinstance(error, MappingError)
            self._end(str(error).splitlines(), error, "stream-maps" if is_of_map else "settings")
        except EndedBySignalError as end:
            self.logger.info("Ended by %s.", end.signal.name)
            raise
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - the last resort; Rust's panics are no Exception
            self._report(error)
        sys.exit(EXIT_FAILURE)

    def _report(self, error: BaseException) -> None:
        variable = f"{str(self.name).upper().replace('-', '_')}_LOGLEVEL"
        self.logger.debug("%s", unexpected.stack(error))
        self._end([unexpected.summary(error, f"{variable}=debug")], error, UNEXPECTED)

    def _end(self, lines: Sequence[str], error: BaseException, otherwise: str) -> None:
        """Log what ended the run, and where the docs explain it."""
        *others, last = lines
        for line in (*others, explained(last, error, otherwise)):
            self.logger.error("%s", line)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the plugin without the SDK's own handler, which prints tracebacks.

        Raises:
            UserError: Standard output was closed by its reader; click would exit silently.
        """
        try:
            return super(SingerCommand, self).invoke(ctx)
        except BrokenPipeError:
            discard_output()
            message = "Standard output was closed by its reader; the run ends here"
            raise UserError(message) from None


def discard_output() -> None:
    """Discard what Python still buffers for standard output.

    It cannot be written, and would cause a second error when the interpreter exits.
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


def read_option(
    option: str,
    file: str | Path,
    fix: str = SETTINGS_FIX,
    parse_float: Callable[[str], Any] = float,
) -> dict[str, Any]:
    """Read the JSON object in a file that an option of the command names.

    Args:
        option: The option.
        file: The file.
        fix: What to do if the file does not serve.
        parse_float: Converts numbers with a fraction or an exponent.

    Raises:
        click.ClickException: The file does not hold a JSON object.
    """
    try:
        return read_json_object(option, file, fix, parse_float)
    except JsonFileError as error:
        raise click.ClickException(str(error)) from None
