"""The report of what X has counted for the app's project, beside the tap's own bill."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.api.endpoints.v2 import CREDITS, USAGE
from tap_twitter.auth.account import Account
from tap_twitter.dates import stamp
from tap_twitter.errors import AccessError, NoEndpointError
from tap_twitter.objects.fields import (
    AMOUNT,
    COUNT,
    DATE,
    FLAG,
    INTEGER,
    NUMBER,
    STRING,
    TIME,
    Column,
    objects,
    objects_type,
    request_fields,
)
from tap_twitter.objects.usage_fields import DAILY, DAILY_BY_APP, USAGE_FIELDS, usage_rows
from tap_twitter.reports.usage.own_bill import BALANCES, OwnBill, OwnDay
from tap_twitter.streams.base import XStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand

COLUMNS: Final = (
    USAGE_FIELDS[0],
    Column("date", DATE, "The UTC day.", is_nullable=False),
    Column("posts", COUNT, "Posts that X has counted for the project on that day."),
    Column(
        "client_apps",
        objects_type(id=STRING, posts=INTEGER),
        "The same for each app of the project: a list of `id` and `posts`.",
    ),
    Column(
        "own_posts",
        COUNT,
        "Posts that this job has bought on that day, by its own bill; null if its state has no run "
        "of that day.",
    ),
    Column(
        "own_cost_usd", AMOUNT, "What this job has bought on that day, at `budget.prices`, in USD."
    ),
    Column(
        "own_cost_by_stream",
        objects_type(stream=STRING, usd=NUMBER),
        "The same for each stream that has bought something: a list of `stream` and `usd`.",
    ),
    *(
        Column(f"{name}_usd", AMOUNT, f"X's `{name}` at the last run of that day, in USD.")
        for name in BALANCES
    ),
    *USAGE_FIELDS[1:],
    Column("is_complete", FLAG, "Whether the day was over at `read_at`."),
    Column("read_at", TIME, "The time of the request."),
)


class UsageStream(XStream[Account]):
    """A row for each of the last UTC days: the posts that X has counted, and those of our bill.

    Source: https://docs.x.com/x-api/usage/introduction. It is read after the streams that buy
    something. The bookmark keeps the bill of the days, by which a later run compares them again.
    """

    name = "usage"
    primary_keys = ("project_id", "date")
    COLUMNS = COLUMNS
    ENDPOINTS = (USAGE,)
    ORDER = 2
    selected_by_default = False

    BOOKMARK: ClassVar = "days"
    """The key in the bookmark for the tap's own bill of the days."""

    @cached_property
    def subjects(self) -> list[Account]:
        """The account of the default credentials, whose app's project it is."""
        return [self.run.accounts.default]

    def prepare(self) -> None:
        """Check credentials and the bookmark."""
        super().prepare()
        _ = self._own_bill

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Give a row for each day."""
        [account] = self.subjects
        if not self.requester.affordable(USAGE, 1, account):
            self.requester.warn_of_budget(
                f"'{self.name}' is not read. Raise 'budget.max_requests', or run it by itself."
            )
            return
        names = {DAILY, DAILY_BY_APP, *request_fields(USAGE_FIELDS, self.run.api.vocabulary.words)}
        params = {"days": str(self._days), "usage.fields": ",".join(sorted(names))}
        rows = self.requester.fetch(USAGE, params, usage_rows, account)
        now, own = self.run.clock.now(), self._own_bill
        own.add(self.run.api.ledger.days)
        own.note_balances(now.date(), self._balances(account))
        nothing = dict.fromkeys(OwnDay().columns)
        for row in rows:
            known = own.days.get(date.fromisoformat(row["date"]))
            is_complete = row["date"] < now.date().isoformat()
            read = {"is_complete": is_complete, "read_at": stamp(now)}
            yield {**row, **(known.columns if known else nothing), **read}
        since = now.date() - timedelta(days=self._days - 1)
        self.stream_state[self.BOOKMARK] = own.as_bookmark(since)
        self.output.write_state()

    def demands(self) -> Iterator[Demand]:
        """A request for the usage, and one for the balance; both are free."""
        for endpoint in (USAGE, CREDITS):
            yield self.requester.demand(endpoint, 1, self.subjects[0])

    @property
    def _days(self) -> int:
        days: int = self.config["usage"]["days"]
        return days

    @cached_property
    def _own_bill(self) -> OwnBill:
        # `stream_state` would create a missing bookmark
        bookmark = self.tap_state.get("bookmarks", {}).get(self.name, {})
        where = f"bookmarks.{self.name}.{self.BOOKMARK}"
        return OwnBill.from_bookmark(bookmark.get(self.BOOKMARK), where)

    def _balances(self, account: Account) -> list[float | None]:
        """What is left, in USD; None where X does not give it to the app."""
        unknown = [None] * len(BALANCES)
        if not self.requester.affordable(CREDITS, 1, account):
            return [*unknown]
        try:
            return self.requester.fetch(CREDITS, {}, _balances, account)
        except (AccessError, NoEndpointError):
            self.logger.info("X gives no balance of credits to this app.")
            return [*unknown]


def _balances(response: dict[str, Any]) -> list[float | None]:
    found = next(objects(response.get("data")), {})
    return [AMOUNT.read(found.get(name)) for name in BALANCES]
