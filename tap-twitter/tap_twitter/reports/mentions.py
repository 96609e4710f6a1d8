"""The report of posts that mention accounts."""

from __future__ import annotations

from tap_twitter.api.endpoints.v2 import MENTIONS
from tap_twitter.auth.account import Account
from tap_twitter.objects.fields import TEXT, Column
from tap_twitter.objects.items import POSTS
from tap_twitter.objects.post_fields import PUBLIC_POST_COLUMNS
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.paged import PagedStream

ACCOUNT_ID = Column("account_id", TEXT, "The account that is mentioned.", is_nullable=False)


class MentionsStream(PagedStream[Account], AccountStream):
    """A row for each account and post that mentions it.

    Source: https://docs.x.com/x-api/posts/timelines/introduction.
    """

    name = "mentions"
    primary_keys = ("account_id", "id")
    COLUMNS = (ACCOUNT_ID, *PUBLIC_POST_COLUMNS)
    ENDPOINTS = (MENTIONS,)
    ITEMS = POSTS
    DEPTH = 800
