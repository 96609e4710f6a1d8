"""The streams of posts: one pass over the posts of an ads account feeds all six.

Fivetran does not say which posts it reads. Rows without `scopes`, as in the data of its dbt
package, are those of the timeline ORGANIC; replies have engagement, so they are read, too.
"""

from __future__ import annotations

from typing import Final

from tap_twitter.api.endpoints.ads import ADS_TWEETS
from tap_twitter.reports.organic.columns import HASHTAG, MENTION, SYMBOL, TWEET, URL, USER
from tap_twitter.reports.organic.listing import Listing, ListingStream

TWEETS: Final = Listing(
    ADS_TWEETS,
    {
        "tweet_type": "PUBLISHED",
        "timeline_type": "ORGANIC",
        "include_mentions_and_replies": "true",
        "trim_user": "false",
    },
    has_posts=True,
)


class TweetStream(ListingStream):
    """The posts."""

    name = "tweet"
    primary_keys = ("id",)
    COLUMNS = TWEET
    LISTING = TWEETS
    FINDS_DELETIONS = True


class TweetHashtagStream(ListingStream):
    """The hashtags in posts."""

    name = "tweet_hashtag"
    primary_keys = ("tweet_id", "index")
    COLUMNS = HASHTAG
    LISTING = TWEETS
    FINDS_DELETIONS = True
    PARTS = "entities.hashtags"


class TweetSymbolsStream(ListingStream):
    """The cashtags in posts."""

    name = "tweet_symbols"
    primary_keys = ("tweet_id", "index")
    COLUMNS = SYMBOL
    LISTING = TWEETS
    FINDS_DELETIONS = True
    PARTS = "entities.symbols"


class TweetUrlStream(ListingStream):
    """The links in posts."""

    name = "tweet_url"
    primary_keys = ("tweet_id", "index")
    COLUMNS = URL
    LISTING = TWEETS
    FINDS_DELETIONS = True
    PARTS = "entities.urls"


class TweetUserMentionStream(ListingStream):
    """The users whom posts mention."""

    name = "tweet_user_mention"
    primary_keys = ("tweet_id", "id")
    COLUMNS = MENTION
    LISTING = TWEETS
    FINDS_DELETIONS = True
    PARTS = "entities.user_mentions"


class TwitterUserHistoryStream(ListingStream):
    """The authors of posts, as X shows them now."""

    name = "twitter_user_history"
    primary_keys = ("id",)
    COLUMNS = USER
    LISTING = TWEETS
    PARTS = "user"
