"""The report of the members of lists."""

from __future__ import annotations

from tap_twitter.api.endpoints.v2 import LIST_MEMBERS
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.objects.items import users
from tap_twitter.reports.user_lists.columns import snapshot_columns
from tap_twitter.streams.list_stream import ListStream
from tap_twitter.streams.paged import PagedStream


class ListMembersStream(ListStream, PagedStream[DefaultPartition]):
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
