"""The reports of followers and of followed accounts."""

from __future__ import annotations

from tap_twitter.api.endpoints.v2 import FOLLOWERS, FOLLOWING
from tap_twitter.auth.account import Account
from tap_twitter.objects.items import users
from tap_twitter.reports.user_lists.columns import snapshot_columns
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.paged import PagedStream


class FollowersStream(PagedStream[Account], AccountStream):
    """A row for each follower of an account, and day.

    Source: https://docs.x.com/x-api/users/follows/introduction.
    """

    name = "followers"
    primary_keys = ("account_id", "date", "id")
    COLUMNS = snapshot_columns(
        "account_id", "The account that is followed, or in `following` the one that follows."
    )
    ENDPOINTS = (FOLLOWERS,)
    IS_SNAPSHOT = True
    ITEMS = users("followers")


class FollowingStream(PagedStream[Account], AccountStream):
    """A row for each account that an account follows, and day.

    Source: https://docs.x.com/x-api/users/follows/introduction.
    """

    name = "following"
    primary_keys = ("account_id", "date", "id")
    COLUMNS = FollowersStream.COLUMNS
    ENDPOINTS = (FOLLOWING,)
    IS_SNAPSHOT = True
    ITEMS = users("followed accounts")
