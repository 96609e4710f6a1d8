"""The tap: settings in, streams out."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

import click
import requests
from singer_sdk import Tap
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from singer_sdk.singerlib import Catalog
from singer_sdk.tap_base import CliTestOptionValue

from singer_plugin import PluginMixin
from singer_plugin.command import json_object, read_option
from tap_twitter.accounts import default_credential
from tap_twitter.api.client import Client
from tap_twitter.api.limits import RateLimits
from tap_twitter.api.v2 import V2Stream
from tap_twitter.api.vocabulary import Dialect, Vocabulary
from tap_twitter.catalog import fitted
from tap_twitter.clock import Clock, SystemClock
from tap_twitter.cost import Budget, Ledger, prices
from tap_twitter.errors import RunError, SettingError, StateError, TapError
from tap_twitter.output import MessageWriter
from tap_twitter.plan import Plan, estimate
from tap_twitter.reports.users_lookup import UsersLookupStream
from tap_twitter.settings import SETTINGS
from tap_twitter.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

    from singer_sdk.plugin_base import _ConfigInput

    from tap_twitter.auth.credentials import Credential


CHATTY_LOGGERS: Final = ("oauthlib", "requests_oauthlib", "urllib3")
"""Libraries that write keys, tokens and whole addresses at the level DEBUG."""


PLAN_FORMATS: Final = {"table": Plan.as_table, "json": Plan.as_json}
"""The values of `--plan`, and how each is written."""


class TapTwitter(PluginMixin, Tap):
    """Singer tap for X (Twitter): one stream for each report."""

    name = "tap-twitter"
    package_name = "opendataset-tap-twitter"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    message_writer_class = MessageWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    """No BATCH: its files would go around field selection and stream maps."""

    STREAMS: ClassVar[tuple[type[V2Stream], ...]] = (UsersLookupStream,)

    clock: Clock = SystemClock()
    _fitted_catalog: Catalog | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in CHATTY_LOGGERS:
            logging.getLogger(name).setLevel(logging.INFO)
        super().__init__(*args, **kwargs)

    @property
    def input_catalog(self) -> Catalog | None:
        """The catalog that was given, with the keys and columns of the streams as they are.

        Streams and stream maps both take it from here.
        """
        given = super().input_catalog
        if given is not None and self._fitted_catalog is None:
            own = [stream._singer_catalog_entry for stream in self.discover_streams()]
            self._fitted_catalog = fitted(given, own)
        return self._fitted_catalog

    def discover_streams(self) -> list[V2Stream]:
        """All streams; they are known without asking X."""
        return [stream(tap=self) for stream in self.STREAMS]

    @cached_property
    def client(self) -> Client:
        """What all requests go through; X's limits hold for all streams together."""
        api = self.config["api"]
        return Client(
            requests.Session(),
            RateLimits(self.clock, api["max_wait_seconds"], self.logger),
            timeout_seconds=api["timeout_seconds"],
            user_agent=api.get("user_agent") or f"{self.name}/{self.plugin_version}",
        )

    @cached_property
    def credential(self) -> Credential:
        """The default credentials."""
        return default_credential(self.config, self.client.post_form)

    @cached_property
    def dialect(self) -> Dialect:
        """The words that X is spoken to in."""
        return Dialect(Vocabulary(self.config["api"]["vocabulary"]))

    @cached_property
    def shard(self) -> Shard:
        """The part of the work that this run takes."""
        return Shard.from_config(self.config)

    @cached_property
    def ledger(self) -> Ledger:
        """The bill of this run, and what is left of its budget."""
        return Ledger(prices(self.config), self.clock, Budget.from_config(self.config))

    @cached_property
    def failures(self) -> list[tuple[str, TapError]]:
        """What ended a stream before its end, with the stream's name."""
        return []

    def record_failure(self, stream: str, error: TapError) -> None:
        """Keep what ended a stream for the summary at the end of the run."""
        self.failures.append((stream, error))

    def run(self) -> None:
        """Sync the selected streams.

        Raises:
            TapError: Something that a stream needs is missing; nothing was asked or written.
            RunError: Streams failed; the others are complete, and the state is written.
        """
        self.leave_out_removed_streams()
        if not self.selected_streams:
            self.logger.warning(
                "Nothing is read: the catalog selects no stream, or 'stream_maps' removes all."
            )
        self.prepare(self.selected_streams)
        try:
            self.sync_all()
        except BaseException:
            self.log_bills()  # of a run that is broken off, too
            raise
        self.check_failures()

    def log_bills(self) -> None:
        """Tell what each stream has bought; the SDK does so itself at the end of a whole run."""
        for stream in self.v2_streams:
            stream.log_sync_costs()

    def plan(self) -> Plan:
        """What `run` would request and cost; X is not asked, and nothing is written.

        Raises:
            TapError: As for `run`.
        """
        self.leave_out_removed_streams()
        self.prepare(self.selected_streams)
        streams, budget = {}, self.ledger.budget
        for stream in self.selected_streams:
            price = self.ledger.prices[stream.BUYS]
            streams[stream.name] = estimate(stream.demands(), price, budget)
            budget = budget.less(streams[stream.name].requests, streams[stream.name].usd)
        return Plan(streams)

    def test(self) -> None:
        """Read one record of each stream.

        Raises:
            TapError: As for `run`.
        """
        streams = [stream for stream in self.v2_streams if not stream.is_removed]
        self.prepare(streams)
        self.run_sync_dry_run(dry_run_record_limit=1, streams=streams)
        self.log_bills()
        self.check_failures()

    @property
    def v2_streams(self) -> list[V2Stream]:
        """All streams."""
        return [stream for stream in self.streams.values() if isinstance(stream, V2Stream)]

    @property
    def selected_streams(self) -> list[V2Stream]:
        """The streams that the catalog selects."""
        return [stream for stream in self.v2_streams if stream.selected]

    def leave_out_removed_streams(self) -> None:
        """Ask nothing for streams of which stream maps leave nothing."""
        for stream in self.selected_streams:
            if stream.is_removed:
                stream.selected = False
                self.logger.info(
                    "The setting 'stream_maps' removes '%s': X is not asked.", stream.name
                )

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the bookmarks of an earlier run.

        Raises:
            StateError: They are none.
        """
        bookmarks = state.get("bookmarks", {})
        if not isinstance(bookmarks, dict):
            where = "bookmarks"
            raise StateError(where)
        for name, bookmark in bookmarks.items():
            if not isinstance(bookmark, dict) or not _are_objects(bookmark.get("partitions", [])):
                where = f"bookmarks.{name}"
                raise StateError(where)
        super().load_state(state)

    def prepare(self, streams: Iterable[V2Stream]) -> None:
        """Check credentials and what each stream needs, before the first request."""
        _ = self.credential
        for stream in streams:
            stream.prepare()

    def check_failures(self) -> None:
        """Raise the summary of what failed, if anything did."""
        if self.failures:
            raise RunError(self.failures)

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


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


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
