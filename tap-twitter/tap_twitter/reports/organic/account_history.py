"""The stream of ads accounts and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.api.endpoints.ads import ADS_ACCOUNT
from tap_twitter.errors import TapError, TransientError
from tap_twitter.objects.fields import objects
from tap_twitter.reports.organic.columns import ACCOUNT
from tap_twitter.reports.organic.payload import PayloadColumn
from tap_twitter.reports.organic.stream import OrganicStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_twitter.auth.account import Account


class AccountHistoryStream(OrganicStream):
    """The present version of each ads account; a row that is there keeps what it was.

    X gives `industry_type` of single accounts alone, so each is requested.
    """

    name = "account_history"
    primary_keys = ("id", "updated_at")
    COLUMNS = ACCOUNT
    ENDPOINTS = (ADS_ACCOUNT,)
    TAKES_DELETED = True

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the row of an ads account."""
        entry = self.requester.fetch(ADS_ACCOUNT, {"with_deleted": "true"}, _entry, account)
        columns = [each for each in self.COLUMNS if isinstance(each, PayloadColumn)]
        row = {column.name: column.value(entry) for column in columns}
        if None in {row[name] for name in self.primary_keys}:
            msg = "X gives this ads account without 'id' or 'updated_at', so that it has no row."
            raise TapError(msg)
        yield from self.synced(iter([row]))


def _entry(body: Mapping[str, Any]) -> dict[str, Any]:
    """The ads account in an answer."""
    found = next(objects(body.get("data")), None)
    if found is None:
        msg = "X's answer has no ads account in it."
        raise TransientError(msg)
    return found
