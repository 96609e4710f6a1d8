"""A mixin for singer-sdk plugins: nested settings, one-line errors and correct exit codes."""

from __future__ import annotations

import logging
import os
import signal
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk.exceptions import ConfigurationError, ConfigValidationError, MappingError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.plugin_base import PluginBase, _ConfigInput

from singer_plugin import faker_locale, settings
from singer_plugin.command import EndedBySignalError, UserError, as_plugin_command, read_option
from singer_plugin.quiet_log import quiet

if TYPE_CHECKING:
    from types import FrameType

    import click


ENVIRONMENT: Final = "ENV"
"""The value of `--config` that stands for the environment."""


class PluginMixin(PluginBase):
    """Nested settings and one-line errors; goes before `Tap` or `Target` among the bases."""

    known_errors: ClassVar[tuple[type[Exception], ...]] = (
        UserError,
        ConfigurationError,
        MappingError,
    )
    """Exceptions whose text is fit for users: one log line, then exit code 1."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        quiet(self.logger)
        super().__init__(*args, **kwargs)
        if not self.config["log_metrics"]:
            self.metrics_logger.setLevel(logging.WARNING)  # they are half of a run's log

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Convert numbers to Python's, fill the defaults of nested groups, then check settings."""
        schema = self._full_settings_schema()
        self._config = settings.with_defaults(schema, settings.plain(self._config))
        problems = settings.problems(schema, self._config) or faker_locale.problems(self._config)
        if problems and raise_errors:
            msg = "The settings are not valid"
            raise ConfigValidationError(msg, errors=problems, schema=schema)
        unknown = settings.unknown_variables(schema, self._env_var_prefix, os.environ)
        for line in (*settings.unknown(schema, self._config), *unknown):
            self.logger.warning("%s", line)
        return problems

    @classmethod
    def _full_settings_schema(cls) -> dict[str, Any]:
        cls.append_builtin_config(cls.config_jsonschema)
        return cls.config_jsonschema

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - a class property
        return settings.from_environment(
            cls._full_settings_schema(), cls._env_var_prefix, os.environ
        )

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,  # noqa: ARG003
        param: click.Option,  # noqa: ARG003
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Read the `--config` files, each overriding those before it, and `ENV` overriding all.

        The SDK replaces whole groups: a file of secrets would drop the rest of their groups.
        """
        files = [each for each in value if each != ENVIRONMENT]
        sources = [read_option("--config", each, parse_float=Decimal) for each in files]
        if len(files) < len(value):
            sources.append(cls._env_var_config)
        return _ConfigInput(config=settings.merged(cls._full_settings_schema(), sources))

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command, which ends known errors with one line."""
        return as_plugin_command(super().get_singer_command(), cls.known_errors)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End the run, with the exit code of the signal.

        The SDK exits with 0, which an orchestrator takes for success. It also logs here, which
        fails if the signal interrupts the writing of another log line; then the signal is lost.

        Raises:
            EndedBySignalError: Always.
        """
        raise EndedBySignalError(signal.Signals(signum))
