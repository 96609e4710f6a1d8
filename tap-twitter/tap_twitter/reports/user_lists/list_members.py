"""The report of the members of lists."""

from __future__ import annotations

from functools import cached_property

from tap_twitter.api.endpoints.v2 import LIST_MEMBERS
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.errors import MissingSettingError
from tap_twitter.objects.items import users
from tap_twitter.reports.user_lists.columns import snapshot_columns
from tap_twitter.reports.user_lists.settings import list_ids
from tap_twitter.streams.paged import PagedStream


class ListMembersStream(PagedStream[DefaultPartition]):
    """A row for each member of a list, and day.

    Source: https://docs.x.com/x-api/lists/list-members/introduction.
    """

    name = "list_members"
    primary_keys = ("list_id", "date", "id")
    COLUMNS = snapshot_columns("list_id", "The list.")
    ENDPOINTS = (LIST_MEMBERS,)
    IS_SNAPSHOT = True
    ITEMS = users("members")
    EXAMPLE = 5_000  # X's own limit: https://help.x.com/en/using-x/x-lists-not-working
    PARTITION_KEY = "list_id"

    @cached_property
    def lists(self) -> list[str]:
        """The ids of the lists in the settings."""
        return list_ids(self.config["list_members"].get("lists") or ())

    @cached_property
    def subjects(self) -> list[DefaultPartition]:
        """The lists of this run's shard."""
        if not self.lists:
            return []
        asker = self.run.accounts.default
        ids = [each for each in self.lists if self.run.shard.takes(each)]
        return [DefaultPartition("list", each, asker, each) for each in ids]

    def prepare(self) -> None:
        """Check what the stream needs.

        Raises:
            MissingSettingError: The settings name no list, or nothing limits the cost.
        """
        if not self.lists:
            msg = "Setting 'list_members.lists' is empty: list the ids or addresses of lists."
            raise MissingSettingError(msg)
        super().prepare()
