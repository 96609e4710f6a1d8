"""The tap: settings in, streams out."""

from __future__ import annotations

import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk.exceptions import MappingError
from singer_sdk.plugin_base import PluginBase

from singer_plugin.summary import Outcome, Run, summarized
from tap_twitter.api.retries import SOMEBODY_WAITS
from tap_twitter.command.connection_check import ConnectionTest
from tap_twitter.cost.ledger import usd
from tap_twitter.cost.plan import COUNTS_NOTE, Plan, estimate
from tap_twitter.errors import StreamMapError
from tap_twitter.plugin import TapPlugin
from tap_twitter.reports.direct_messages.stream import (
    DirectMessagesSentStream,
    DirectMessagesStream,
)
from tap_twitter.reports.engagement.engagement_28hr import Engagement28HrStream
from tap_twitter.reports.engagement.historical import HistoricalEngagementStream
from tap_twitter.reports.engagement.totals import EngagementTotalsStream
from tap_twitter.reports.insights.account_insights import AccountInsightsStream
from tap_twitter.reports.insights.tweet_insights import TweetInsightsStream
from tap_twitter.reports.mentions import MentionsStream
from tap_twitter.reports.organic.account_history import AccountHistoryStream
from tap_twitter.reports.organic.creatives import (
    CardComponentStream,
    CardHistoryStream,
    MediaLibraryStream,
    ScheduledTweetHistoryStream,
)
from tap_twitter.reports.organic.report import OrganicTweetReportStream
from tap_twitter.reports.organic.tweet_analytics import TweetAnalyticsStream
from tap_twitter.reports.organic.tweets import (
    TweetHashtagStream,
    TweetStream,
    TweetSymbolsStream,
    TweetUrlStream,
    TweetUserMentionStream,
    TwitterUserHistoryStream,
)
from tap_twitter.reports.recent_search import RecentSearchStream
from tap_twitter.reports.tweet_counts import TweetCountsStream
from tap_twitter.reports.usage.stream import UsageStream
from tap_twitter.reports.user_lists.follows import FollowersStream, FollowingStream
from tap_twitter.reports.user_lists.list_members import ListMembersStream
from tap_twitter.reports.users_lookup.stream import UsersLookupStream
from tap_twitter.singer import sdk
from tap_twitter.singer import state as saved_state
from tap_twitter.singer.catalog import fitted, only_selected
from tap_twitter.singer.stream_map_check import check_stream_maps
from tap_twitter.singer.writer import MessageWriter
from tap_twitter.streams.base import XStream
from tap_twitter.streams.run_context import RunContext
from tap_twitter.streams.summary import TapSummary, summary_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from singer_sdk import Stream
    from singer_sdk.singerlib import Catalog

    from singer_plugin.summary import Ending


CHATTY_LOGGERS: Final = ("oauthlib", "requests_oauthlib", "urllib3")
"""Libraries that log keys, tokens and whole addresses at the level DEBUG."""


class TapTwitter(TapPlugin):
    """Singer tap for X (Twitter): one stream for each report."""

    message_writer: MessageWriter
    message_writer_class = MessageWriter

    STREAMS: ClassVar[tuple[type[XStream[Any]], ...]] = (
        UsersLookupStream,
        DirectMessagesStream,
        DirectMessagesSentStream,
        AccountInsightsStream,
        TweetInsightsStream,
        MentionsStream,
        RecentSearchStream,
        FollowersStream,
        FollowingStream,
        ListMembersStream,
        TweetCountsStream,
        HistoricalEngagementStream,
        Engagement28HrStream,
        EngagementTotalsStream,
        AccountHistoryStream,
        TweetStream,
        TweetHashtagStream,
        TweetSymbolsStream,
        TweetUrlStream,
        TweetUserMentionStream,
        TwitterUserHistoryStream,
        CardHistoryStream,
        CardComponentStream,
        ScheduledTweetHistoryStream,
        MediaLibraryStream,
        OrganicTweetReportStream,
        TweetAnalyticsStream,
        UsageStream,
    )

    _fitted_catalog: Catalog | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in CHATTY_LOGGERS:
            logging.getLogger(name).setLevel(logging.INFO)
        super().__init__(*args, **kwargs)

    @cached_property
    def run_context(self) -> RunContext:
        """What the streams of a run share."""
        return RunContext(
            self.config,
            self.logger,
            f"{self.name}/{self.plugin_version}",
            self.message_writer.flush,
            lambda: self.selected_streams,
        )

    @property
    def input_catalog(self) -> Catalog | None:
        """The given catalog, with the keys and columns of the streams as they are.

        Streams and stream maps both read it here.
        """
        given = super().input_catalog
        if given is not None and self._fitted_catalog is None:
            own = [sdk.catalog_entry(stream) for stream in self.discover_streams()]
            self._fitted_catalog = fitted(given, own, self.run_context.constants.values)
        return self._fitted_catalog

    def setup_mapper(self) -> None:
        """Create the stream maps.

        Raises:
            StreamMapError: They do not fit the streams.
        """
        PluginBase.setup_mapper(self)  # the SDK's tap would register the catalog as given
        columns = {
            each.tap_stream_id: list(each.schema.properties or {}) for each in self.catalog.streams
        }
        check_stream_maps(self.mapper.stream_maps_dict, columns, self.logger)
        try:
            self.mapper.register_raw_streams_from_catalog(only_selected(self.catalog))
        except MappingError as error:
            msg = f"Setting 'stream_maps': {error}"
            raise StreamMapError(msg) from None

    def select_all(self) -> None:
        """Select every stream, as the SDK does to write all schemas."""
        for entry in self.catalog.streams:
            entry.metadata.root.selected = True
        self.setup_mapper()

    def discover_streams(self) -> list[XStream[Any]]:
        """All streams; finding them needs no request to X."""
        return [stream(self, self.run_context) for stream in self.STREAMS]

    def run(self) -> None:
        """Sync the selected streams.

        Raises:
            TapError: Something that a stream needs is missing; nothing was requested or written.
            RunError: Streams failed; the others are complete, and the state is written.
        """
        self.leave_out_removed_streams()
        if not self.selected_streams:
            self.logger.warning(
                "Nothing is read: the catalog selects no stream, or 'stream_maps' removes all."
            )
        begun = self.run_context.clock.now()
        with summarized(
            partial(self._summary, begun),
            self.known_errors,
            self.logger,
            self.config.get("summary_file"),
        ):
            self._read_all()

    def _read_all(self) -> None:
        self.prepare(self.selected_streams)
        try:
            with self.run_context.progress.shown():
                self.sync_all()
        except BaseException:
            for stream in self.x_streams:
                stream.log_sync_costs()  # as the SDK does at the end of a whole run
            raise
        finally:
            self.message_writer.flush()
        self.run_context.failures.check(
            {each.name: [one.name for one in each.subjects] for each in self.selected_streams}
        )

    def _summary(self, begun: datetime, ending: Ending) -> TapSummary:
        run = self.run_context
        is_cut = ending.outcome is Outcome.COMPLETE and run.api.ledger.cut
        outcome = Outcome.BUDGET if is_cut else ending.outcome
        now = run.clock.now()
        record = Run(self.name, self.plugin_version, begun, now, outcome, ending.signal)
        return summary_of(record, ending, self.selected_streams, run.limits.waited)

    def plan(self, *, with_counts: bool = False) -> Plan:
        """What `run` would request and cost; nothing is written.

        Args:
            with_counts: Whether X may count the posts of searches, which it charges for; otherwise
                X is not requested.

        Raises:
            TapError: As for `run`.
        """
        self.run_context.may_count = with_counts
        self.leave_out_removed_streams()
        self.prepare(self.selected_streams)
        streams, budget = {}, self.run_context.api.budget
        for stream in self.selected_streams:
            streams[stream.name] = estimate(stream.demands(), budget)
            budget = budget.less(streams[stream.name].requests, streams[stream.name].usd)
        conditions = [each for stream in self.selected_streams for each in stream.conditions]
        notes = [note for stream in self.selected_streams for note in stream.plan_notes]
        if with_counts:
            notes.append(COUNTS_NOTE.format(usd=usd(self.run_context.api.ledger.total.gross_usd)))
        return Plan(streams, tuple(dict.fromkeys([*conditions, *notes])))

    def test(self) -> ConnectionTest:
        """Test, at almost no cost, whether X gives the selected streams what they need.

        Raises:
            SettingError: The settings of accounts or columns contradict each other.
        """
        self.run_context.endurance = SOMEBODY_WAITS
        self.leave_out_removed_streams()
        self.check_settings(self.selected_streams)
        test = ConnectionTest(
            self.selected_streams,
            is_asked_for=self.input_catalog is not None,
            ledger=self.run_context.api.ledger,
            directory=self.run_context.directory,
        )
        test.prepare()
        return test

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in reading order: those that reuse what others buy come last."""
        return self._ordered_streams

    @cached_property
    def _ordered_streams(self) -> dict[str, Stream]:
        found = [each for each in super().streams.values() if isinstance(each, XStream)]
        return {each.name: each for each in sorted(found, key=lambda each: each.ORDER)}

    @property
    def x_streams(self) -> list[XStream[Any]]:
        """All streams."""
        return [stream for stream in self.streams.values() if isinstance(stream, XStream)]

    @property
    def selected_streams(self) -> list[XStream[Any]]:
        """The streams that the catalog selects."""
        return [stream for stream in self.x_streams if stream.selected]

    def leave_out_removed_streams(self) -> None:
        """Request nothing for streams that stream maps remove."""
        for stream in self.selected_streams:
            if stream.output.is_removed:
                stream.selected = False
                self.logger.info(
                    "The setting 'stream_maps' removes '%s': it is not requested.", stream.name
                )

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the bookmarks of an earlier run.

        Raises:
            StateError: They were not written by the tap.
        """
        saved_state.check(state)
        super().load_state(state)
        self.run_context.known_ids.update(saved_state.known_ids(self.state))

    def check_settings(self, streams: Sequence[XStream[Any]]) -> None:
        """Check the settings that belong to no single stream.

        Raises:
            SettingError: Settings of accounts, columns or the store contradict each other.
        """
        for line in self.run_context.store_settings.warnings:
            self.logger.warning("%s", line)
        if self.config.get("accounts"):
            _ = self.run_context.accounts.listed
        for stream in streams:
            self.run_context.constants.check(stream.name, stream.own_columns)

    def prepare(self, streams: Sequence[XStream[Any]]) -> None:
        """Check accounts, credentials and what each stream needs, before the first request."""
        self.check_settings(streams)
        for stream in streams:
            stream.prepare()
        if self.run_context.shard.count > 1 and any(stream.asks_by_oauth2 for stream in streams):
            self.logger.warning(
                "OAuth 2.0 logins are refreshed in the token store of one machine: shards on "
                "several machines need OAuth 1.0a or app-only credentials."
            )
