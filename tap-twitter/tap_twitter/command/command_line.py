"""The tap as a command: its options, and what each of them runs."""

from __future__ import annotations

import gc
import sys
from abc import abstractmethod
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from singer_sdk import Tap
from singer_sdk.singerlib import Catalog
from singer_sdk.tap_base import CliTestOptionValue

from singer_plugin import PluginMixin
from singer_plugin.command import EXIT_FAILURE, read_option
from tap_twitter.cost.ledger import PRICES, Resource, usd
from tap_twitter.cost.plan import Plan
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from tap_twitter.command.connection_check import ConnectionTest
    from tap_twitter.singer.sdk import ConfigInput

TEST_HELP: Final = (
    "Check settings, inputs, credentials and permissions of the selected streams at the lowest "
    "cost, and report what is missing; --test=schema writes the schemas without asking X."
)
PLAN_COUNTS_HELP: Final = (
    "With --plan: have X count the posts that each query of recent_search finds, for "
    f"{usd(PRICES[Resource.COUNTS_REQUEST])} a query. Needs a bearer token."
)
STATE_FIX: Final = (
    "leave --state out on a first run; later, give it the last line that the target wrote "
    "(tail -n 1 states.jsonl > state.json)"
)
CATALOG_FIX: Final = "--discover writes one"
PLAN_FORMATS: Final = {"table": Plan.as_table, "json": Plan.as_json}
"""The values of `--plan`, and the writer of each."""


class CommandLineTap(PluginMixin, Tap):
    """A tap whose command runs it, tests it, or estimates the cost of a run."""

    @abstractmethod
    def run(self) -> None:
        """Sync the selected streams."""

    @abstractmethod
    def select_all(self) -> None:
        """Select every stream, as the SDK does to write all schemas."""

    @abstractmethod
    def plan(self, *, with_counts: bool = False) -> Plan:
        """What `run` would request and cost."""

    @abstractmethod
    def test(self) -> ConnectionTest:
        """The test whether X gives the selected streams what they need."""

    @classmethod
    def invoke(  # type: ignore[override]  # noqa: PLR0913 - the SDK gives each option a name
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: ConfigInput | None = None,
        state: Path | None = None,
        catalog: Path | None = None,
        plan: str | None = None,
        plan_counts: bool = False,
        test: str = CliTestOptionValue.Disabled.value,
    ) -> None:
        """Run from the command line, estimate the cost of a run, or test what it needs."""
        if about:
            cls.print_about(about_format)
            return
        if plan is not None and test != CliTestOptionValue.Disabled.value:
            msg = "--plan and --test exclude each other: only the test makes requests to X."
            raise click.UsageError(msg)
        if plan_counts and plan is None:
            msg = "--plan-counts is an option of --plan: give both."
            raise click.UsageError(msg)
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config if config else None,
            parse_env_config=bool(config and config.parse_env),
            state=_state_option(state),
            catalog=_catalog_option(catalog),
        )
        if test == CliTestOptionValue.Schema.value:
            tap.select_all()
            tap.write_schemas()
        elif test != CliTestOptionValue.Disabled.value:
            _report_test(tap.test())
        elif plan is None:
            gc.freeze()  # what is loaded by now stays: collections need not scan it each time
            tap.run()
        else:
            click.echo(PLAN_FORMATS[plan](tap.plan(with_counts=plan_counts)))

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command with the options `--plan` and `--plan-counts`."""
        command = super().get_singer_command()
        (test,) = (each for each in command.params if each.name == "test")
        # the SDK's callback comes before --catalog is read
        test.callback, test.expose_value = None, True
        test.type = click.Choice([each.value for each in CliTestOptionValue])
        test.help = TEST_HELP
        for each in command.params:
            if each.name in {"state", "catalog"}:
                each.type = click.Path(path_type=Path)
        plan = click.Option(
            ["--plan"],
            is_flag=False,
            flag_value="table",
            type=click.Choice(list(PLAN_FORMATS)),
            help="Print what the next sync would request and cost, without asking X; --plan=json "
            "for programs.",
        )
        counts = click.Option(["--plan-counts"], is_flag=True, help=PLAN_COUNTS_HELP)
        command.params += [plan, counts]
        return command


def _report_test(test: ConnectionTest) -> None:
    """Run a prepared test and print the result."""
    click.echo(test.announcement())
    test.run()
    click.echo(test.report())
    if not test.is_passed:
        sys.exit(EXIT_FAILURE)


def _state_option(file: Path | None) -> dict[str, Any] | None:
    """The state in a file; bookmarks of streams that the tap does not know keep their digits."""
    if file is None:
        return None
    return read_option("--state", file, STATE_FIX, parse_float=Decimal)


def _catalog_option(file: Path | None) -> Catalog | None:
    if file is None:
        return None
    given = read_option("--catalog", file, CATALOG_FIX)
    try:
        return Catalog.from_dict(given)
    except (AttributeError, KeyError, TypeError, ValueError):
        msg = f"--catalog: file {file} is not a Singer catalog; {CATALOG_FIX}"
        raise SettingError(msg) from None
