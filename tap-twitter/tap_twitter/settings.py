"""The settings of the tap, in groups; what the README and `--about` show comes from here."""

from __future__ import annotations

from typing import Any, Final

from singer_sdk import typing as th

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
from tap_twitter.reports.users_lookup.settings import USERS_LOOKUP
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
    "errorMessage": "must be plain ASCII text without blanks around it and control characters",
}

START_DATE: Final = th.Property(
    "start_date",
    th.CustomType(
        {
            "type": ["string", "null"],
            "pattern": r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?|[Tt]oday|"
            r"[Yy]esterday|([0-9]{1,5}|[Aa]n?)\s+(hour|day|week|month|year)s?(\s+ago)?)\s*$",
            "errorMessage": "must be a date or a time in UTC, such as 2026-07-01 or "
            "2026-07-01T00:00:00Z, or how long ago, such as '3 months ago', '30 days ago' or "
            "'yesterday'",
        }
    ),
    title="Start date",
    description="Posts from before are not read by `tweet_insights`: a date, a time in UTC, or how "
    "long ago, such as `3 months ago`, `30 days ago` or `yesterday`. Unset: as far back as X goes.",
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
        description="Which part this run takes, from 0.",
    ),
    th.Property(
        "count",
        th.CustomType({"type": ["integer", "null"], "minimum": 1}),
        default=1,
        title="Shard count",
        description="In how many parts the work is cut. Each part keeps a state of its own; X's "
        "limits hold for all parts together.",
    ),
    additional_properties=False,
)

BUDGET: Final = th.ObjectType(
    th.Property(
        "max_cost_usd",
        th.CustomType({"type": ["number", "null"], "minimum": 0}),
        title="Most to spend (USD)",
        description="What a run may cost at most, at list price, repeats included. A run stops "
        "before a request that could cost more than is left, with its state saved and exit code 0. "
        "Unset: no limit.",
    ),
    th.Property(
        "max_requests",
        th.CustomType({"type": ["integer", "null"], "minimum": 0}),
        title="Most requests",
        description="After how many answered requests a run stops, with its state saved and exit "
        "code 0. A hundred users of which X refuses one are asked in parts and finished all the "
        "same. Unset: no limit.",
    ),
    th.Property(
        "app_owner_id",
        th.CustomType(USER_ID),
        title="Owner of the app",
        description="The user id of the account that owns the X app: what X gives of it in its own "
        "name costs a fifth. Unset: the bill and the budget count it at the full price.",
    ),
    th.Property(
        "prices",
        th.CustomType(
            {
                "type": ["object", "null"],
                "propertyNames": {
                    "pattern": f"^({'|'.join(PRICES)})$",
                    "errorMessage": f"knows only: {', '.join(PRICES)}",
                },
                "additionalProperties": {"type": "number", "minimum": 0},
            }
        ),
        default={},
        title="Prices",
        description="Prices in USD of one object where yours are not X's list prices: "
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
        description="Where X's API v2 answers; the sandbox's address for a trial.",
    ),
    th.Property(
        "engagement_url",
        th.CustomType(ADDRESS),
        default="https://data-api.x.com",
        title="Engagement API URL",
        description="Where X's Engagement API answers; the sandbox's address for a trial.",
    ),
    th.Property(
        "oauth_url",
        th.CustomType(ADDRESS),
        title="OAuth URL",
        description="Where X gives out tokens. Unset: the same as `base_url`.",
    ),
    th.Property(
        "vocabulary",
        th.StringType,
        default=Vocabulary.AUTO.value,
        allowed_values=[word.value for word in Vocabulary],
        title="Vocabulary",
        description="Which words to use with X: `tweet` (as in tweet.fields), `post` (as in "
        "post.fields), or `auto`, which finds out without buying anything twice.",
    ),
    th.Property(
        "timeout_seconds",
        th.CustomType({"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 3600}),
        default=60,
        title="Timeout",
        description="How long the whole answer to one request may take, in seconds, from "
        "connecting to its last byte. An answer that has begun and is not complete by then is not "
        "requested again in the same run.",
    ),
    th.Property(
        "max_response_mb",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": 1024}),
        default=DEFAULT_MEGABYTES,
        title="Largest response (MB)",
        description="How large an answer may be, unpacked, in megabytes. The rest of a larger one "
        "is not read, and it is not requested again in the same run.",
    ),
    th.Property(
        "max_wait_seconds",
        th.CustomType({"type": ["number", "null"], "minimum": 0, "maximum": 90_000}),
        default=3600,
        title="Longest wait",
        description="The longest time to wait for one of X's rate limits, in seconds; a longer "
        "wait ends the run with its state saved. A fault of X is waited out no longer, either, but "
        "gets eight tries in any case.",
    ),
    th.Property(
        "concurrency",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": 16}),
        default=1,
        title="Concurrency",
        description="How many requests of a users lookup may be under way at a time. More than 1 "
        "is worth it where answers are slow and a pass fits into one of X's windows; a run that is "
        "killed loses up to so many answers that are paid for.",
    ),
    th.Property(
        "user_agent",
        th.CustomType(USER_AGENT),
        title="User agent",
        description="How the tap names itself to X. Unset: its name and version.",
    ),
    additional_properties=False,
)

SETTINGS: Final = th.PropertiesList(
    th.Property("auth", AUTH, title="Credentials", description="Credentials for X."),
    ACCOUNTS,
    ON_ACCOUNT_FAILURE,
    SOURCE_DEFAULT_SCHEMA,
    START_DATE,
    STORE,
    STORE_OPTIONS,
    th.Property(
        "users_lookup",
        USERS_LOOKUP,
        title="Users lookup",
        description="What the stream `users_lookup` looks up.",
    ),
    th.Property(
        "direct_messages",
        DIRECT_MESSAGES,
        title="Direct messages",
        description="What the streams `direct_messages` and `direct_messages_sent` read.",
    ),
    th.Property(
        "engagement",
        ENGAGEMENT,
        title="Engagement",
        description="What the streams `historical_engagement`, `engagement_28hr` and "
        "`engagement_totals` count.",
    ),
    th.Property(
        "insights",
        INSIGHTS,
        title="Insights",
        description="What the stream `tweet_insights` reads.",
    ),
    th.Property("shard", SHARD, title="Shard", description="The part of the work of this run."),
    th.Property(
        "budget",
        BUDGET,
        title="Budget",
        description="What a run may cost; each shard of the work has a budget of its own.",
    ),
    th.Property("api", API, title="API", description="How X's API is spoken to."),
    th.Property(
        "log_metrics",
        th.CustomType({"type": ["boolean", "null"]}),
        default=False,
        title="Log metrics",
        description="Log lines with METRIC, which programs read: durations and counts of requests, "
        "rows and costs.",
    ),
)
