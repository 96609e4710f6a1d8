"""The settings of the tap, in groups, as the README and `--about` show them."""

from __future__ import annotations

from typing import Any, Final

from singer_sdk import typing as th

from singer_plugin.run_settings import LOG_METRICS, SUMMARY_FILE
from tap_twitter.accounts.settings import (
    ACCOUNTS,
    AUTH,
    ON_ACCOUNT_FAILURE,
    SOURCE_DEFAULT_SCHEMA,
    USER_ID,
)
from tap_twitter.api.bounded import DEFAULT_MEGABYTES
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.cost.ledger import PRICES
from tap_twitter.reports.direct_messages.settings import DIRECT_MESSAGES
from tap_twitter.reports.engagement.settings import ENGAGEMENT
from tap_twitter.reports.insights.settings import INSIGHTS
from tap_twitter.reports.organic.settings import ORGANIC
from tap_twitter.reports.usage.settings import USAGE
from tap_twitter.reports.user_lists.settings import FOLLOWERS, FOLLOWING, LIST_MEMBERS
from tap_twitter.reports.users_lookup.settings import USERS_LOOKUP
from tap_twitter.streams.query_stream import MAX_QUERY
from tap_twitter.streams.store_settings import DEFAULT_STORE

ADDRESS: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "pattern": r"^https?://[^\s/?#@]+(/[^\s?#]*)?$(?!\n)",
    "errorMessage": "must be an address such as https://api.x.com, without user, query and blanks",
}
"""An `@` would bring a password into messages that name the address."""

USER_AGENT: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "pattern": r"^[!-~]([ -~]*[!-~])?$(?!\n)",
    "errorMessage": "must be plain ASCII text without surrounding blanks or control characters",
}

START_DATE: Final = th.Property(
    "start_date",
    th.CustomType(
        {
            "type": ["string", "null"],
            "pattern": r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?|[Tt]oday|"
            r"[Yy]esterday|([0-9]{1,5}|[Aa]n?)\s+(hour|day|week|month|year)s?(\s+ago)?)\s*$",
            "errorMessage": "must be a date or a time in UTC, such as 2026-07-01 or "
            "2026-07-01T00:00:00Z, or an age, such as '3 months ago', '30 days ago' or "
            "'yesterday'",
        }
    ),
    title="Start date",
    description="Posts older than this are skipped by `tweet_insights`, `mentions` and "
    "`recent_search`. A date, a time in UTC, or an age such as `3 months ago`, `30 days ago` or "
    "`yesterday`. Unset: as far back as X goes.",
)

QUERIES: Final = th.Property(
    "queries",
    th.CustomType(
        {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "query"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100},
                    "query": {"type": "string", "minLength": 1},
                },
            },
        }
    ),
    title="Queries",
    description="The searches of `recent_search` and `tweet_counts`: a list of objects, each with "
    "a `name` for its rows and a `query` in X's search language, of at most "
    f"{MAX_QUERY} characters.",
)

STORE: Final = th.Property(
    "store",
    th.StringType(min_length=1),
    title="Dataset store",
    description="The store that the tap reads datasets from: the input of the lookup, "
    "`insights.known_posts`, and the rows that the target has stored so far. Set it to the `store` "
    f"of target-dataset: a path or a URL. Unset: `{DEFAULT_STORE}`.",
)

STORE_OPTIONS: Final = th.Property(
    "store_options",
    th.ObjectType(additional_properties=True),
    default={},
    secret=True,
    title="Dataset store options",
    description="Options and credentials of the store, as in target-dataset.",
)

SHARD: Final = th.ObjectType(
    th.Property(
        "index",
        th.CustomType({"type": ["integer", "null"], "minimum": 0}),
        default=0,
        title="Shard index",
        description="The number of this run's part of the work, starting at 0.",
    ),
    th.Property(
        "count",
        th.CustomType({"type": ["integer", "null"], "minimum": 1}),
        default=1,
        title="Shard count",
        description="The number of parts that the work is split into. Each part has its own "
        "state. X's limits apply to all parts together.",
    ),
    additional_properties=False,
)

BUDGET: Final = th.ObjectType(
    th.Property(
        "max_cost_usd",
        th.CustomType({"type": ["number", "null"], "minimum": 0}),
        title="Maximum cost (USD)",
        description="The maximum cost of a run, at list price, repeats included. The run stops "
        "before a request that could exceed it, saves its state and ends with exit code 0. Unset: "
        "no limit.",
    ),
    th.Property(
        "max_requests",
        th.CustomType({"type": ["integer", "null"], "minimum": 0}),
        title="Maximum requests",
        description="The maximum number of answered requests per run. The run then stops, saves "
        "its state and ends with exit code 0. A batch of users that X forces the tap to "
        "split is still finished. Unset: no limit.",
    ),
    th.Property(
        "app_owner_id",
        th.CustomType(USER_ID),
        title="Owner of the app",
        description="The user id of the account that owns the X app. Its reads of its own data "
        "cost a fifth. Unset: plan, bill and budget use the full price.",
    ),
    th.Property(
        "prices",
        th.CustomType(
            {
                "type": ["object", "null"],
                "propertyNames": {
                    "pattern": f"^({'|'.join(PRICES)})$",
                    "errorMessage": f"accepts only: {', '.join(PRICES)}",
                },
                "additionalProperties": {"type": "number", "minimum": 0},
            }
        ),
        default={},
        title="Prices",
        description="Your prices in USD per object, if they differ from X's list prices: "
        f"{', '.join(f'{name} ({usd})' for name, usd in PRICES.items())}.",
    ),
    additional_properties=False,
)

API: Final = th.ObjectType(
    th.Property(
        "base_url",
        th.CustomType(ADDRESS),
        default="https://api.x.com",
        title="API URL",
        description="The address of X's API v2, or of the sandbox.",
    ),
    th.Property(
        "engagement_url",
        th.CustomType(ADDRESS),
        default="https://data-api.x.com",
        title="Engagement API URL",
        description="The address of X's Engagement API, or of the sandbox.",
    ),
    th.Property(
        "ads_url",
        th.CustomType(ADDRESS),
        default="https://ads-api.x.com",
        title="Ads API URL",
        description="The address of X's Ads API, or of the sandbox.",
    ),
    th.Property(
        "oauth_url",
        th.CustomType(ADDRESS),
        title="OAuth URL",
        description="The address that issues tokens. Unset: `base_url`.",
    ),
    th.Property(
        "vocabulary",
        th.StringType,
        default=Vocabulary.AUTO.value,
        allowed_values=[word.value for word in Vocabulary],
        title="Vocabulary",
        description="The words in requests to X: `tweet` (as in tweet.fields), `post` (as in "
        "post.fields), or `auto`, which finds out without buying anything twice.",
    ),
    th.Property(
        "timeout_seconds",
        th.CustomType({"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 3600}),
        default=60,
        title="Timeout (seconds)",
        description="The maximum time for the whole response to a request, in seconds, from "
        "connecting to its last byte. A response that starts but does not finish in time is not "
        "requested again in the same run.",
    ),
    th.Property(
        "max_response_mb",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": 1024}),
        default=DEFAULT_MEGABYTES,
        title="Maximum response (MB)",
        description="The maximum size of a response in megabytes, decompressed. The rest of a "
        "larger one is not read, and it is not requested again in the same run.",
    ),
    th.Property(
        "max_wait_seconds",
        th.CustomType({"type": ["number", "null"], "minimum": 0, "maximum": 90_000}),
        default=3600,
        title="Maximum wait (seconds)",
        description="The maximum time to wait for one of X's rate limits, in seconds. If a wait "
        "would be longer, the run ends with its state saved. It also limits the time spent on "
        "retries after errors of X, but each request gets eight tries.",
    ),
    th.Property(
        "concurrency",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": 16}),
        default=1,
        title="Concurrency",
        description="The number of requests of a users lookup that may overlap. More than 1 helps "
        "if X is slow and a pass fits into one rate limit window. If the process is killed, "
        "responses in flight are lost and still billed.",
    ),
    th.Property(
        "user_agent",
        th.CustomType(USER_AGENT),
        title="User agent",
        description="The name that the tap sends to X. Unset: its name and version.",
    ),
    additional_properties=False,
)

SETTINGS: Final = th.PropertiesList(
    th.Property("auth", AUTH, title="Credentials", description="Credentials for X."),
    ACCOUNTS,
    ON_ACCOUNT_FAILURE,
    SOURCE_DEFAULT_SCHEMA,
    START_DATE,
    QUERIES,
    STORE,
    STORE_OPTIONS,
    th.Property(
        "users_lookup",
        USERS_LOOKUP,
        title="Users lookup",
        description="The input of the stream `users_lookup`.",
    ),
    th.Property(
        "direct_messages",
        DIRECT_MESSAGES,
        title="Direct messages",
        description="The range of the streams `direct_messages` and `direct_messages_sent`.",
    ),
    th.Property(
        "engagement",
        ENGAGEMENT,
        title="Engagement",
        description="The posts, metrics and days of the streams `historical_engagement`, "
        "`engagement_28hr` and `engagement_totals`.",
    ),
    th.Property(
        "organic",
        ORGANIC,
        title="Organic",
        description="The ads accounts of the streams of Fivetran's Twitter Organic.",
    ),
    th.Property(
        "insights",
        INSIGHTS,
        title="Insights",
        description="The posts of the stream `tweet_insights`.",
    ),
    th.Property(
        "followers",
        FOLLOWERS,
        title="Followers",
        description="The range of the stream `followers`.",
    ),
    th.Property(
        "following",
        FOLLOWING,
        title="Following",
        description="The range of the stream `following`.",
    ),
    th.Property(
        "list_members",
        LIST_MEMBERS,
        title="List members",
        description="The lists of the stream `list_members`.",
    ),
    th.Property(
        "usage",
        USAGE,
        title="Usage",
        description="The range of the stream `usage`.",
    ),
    th.Property("shard", SHARD, title="Shard", description="The part of the work of this run."),
    th.Property(
        "budget",
        BUDGET,
        title="Budget",
        description="Limits on the cost of a run. Each shard has its own budget.",
    ),
    th.Property("api", API, title="API", description="Addresses and limits of X's API."),
    SUMMARY_FILE,
    LOG_METRICS,
)
