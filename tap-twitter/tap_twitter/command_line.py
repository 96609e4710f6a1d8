"""The tap as a command: its options, and what each of them runs."""

from __future__ import annotations

import gc
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Final

import click
from singer_sdk import Tap
from singer_sdk.singerlib import Catalog
from singer_sdk.tap_base import CliTestOptionValue

from singer_plugin import PluginMixin
from singer_plugin.command import json_object, read_option
from tap_twitter.errors import SettingError
from tap_twitter.plan import Plan

if TYPE_CHECKING:
    from typing import IO

    from singer_sdk.plugin_base import _ConfigInput

PLAN_FORMATS: Final = {"table": Plan.as_table, "json": Plan.as_json}
"""The values of `--plan`, and how each is written."""


class CommandLineTap(PluginMixin, Tap):
    """A tap whose command runs it, tests it, or says what a run would cost."""

    @abstractmethod
    def run(self) -> None:
        """Sync the selected streams."""

    @abstractmethod
    def plan(self) -> Plan:
        """What `run` would request and cost."""

    @abstractmethod
    def test(self) -> None:
        """Read one record of each stream."""

    @classmethod
    def invoke(  # type: ignore[override]  # noqa: PLR0913 - the SDK gives each option a name
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
        plan: str | None = None,
    ) -> None:
        """Run from the command line, or say what a run would cost."""
        if about:
            cls.print_about(about_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config if config else None,
            parse_env_config=bool(config and config.parse_env),
            state=_state_option(state),
            catalog=_catalog_option(catalog),
        )
        if plan is None:
            gc.freeze()  # what is loaded by now stays: collections need not go through it each time
            tap.run()
        else:
            click.echo(PLAN_FORMATS[plan](tap.plan()))

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command with the option `--plan`."""
        command = super().get_singer_command()
        option = click.Option(
            ["--plan"],
            is_flag=False,
            flag_value="table",
            type=click.Choice(list(PLAN_FORMATS)),
            help="Print what the next sync would request and cost, and ask X nothing; --plan=json "
            "for machines.",
        )
        command.params.append(option)
        return command

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Run `--test` from the command line."""
        if value != CliTestOptionValue.All.value:
            super().cb_test(ctx, param, value)
            return
        config: _ConfigInput | None = ctx.params.get("config")
        cls(
            config=config.config if config else None,
            parse_env_config=bool(config and config.parse_env),
        ).test()
        ctx.exit()


def _state_option(file: IO[str] | None) -> dict[str, Any] | None:
    return None if file is None else read_option("--state", lambda: json_object(file.read()))


def _catalog_option(file: IO[str] | None) -> Catalog | None:
    if file is None:
        return None
    given = read_option("--catalog", lambda: json_object(file.read()))
    try:
        return Catalog.from_dict(given)
    except (AttributeError, KeyError, TypeError, ValueError):
        msg = "--catalog: the file is not a Singer catalog; --discover writes one."
        raise SettingError(msg) from None
