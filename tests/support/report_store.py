"""A store with datasets for every figure of a report, as a few weeks of syncs would leave them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT, TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dataset_store import DatasetStore

LAST = date(2026, 11, 30)
DAYS = 60
HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"' onload='x' \u202egnp.exe\x07"
"""What the name of a person, or the text of a post, may be."""

SECRET = "the text of a private message"

_S, _I, _T, _D, _B = pa.string(), pa.int64(), TIMESTAMP, pa.date32(), pa.bool_()

ACCOUNT_INSIGHTS = pa.schema({"account_id": _S, "date": _D, "account_name": _S, "status": _S, "username": _S, "followers_count": _I})  # fmt: skip
TWEET_INSIGHTS = pa.schema(
    [
        *pa.schema({"id": _S, "account_id": _S, "account_name": _S, "username": _S, "created_at": _T, "text": _S, "is_retweet": _B}),
        *((f"{name}_count", _I) for name in ("like", "own_retweet", "reply", "quote", "impression")),
        ("deleted_at", _T),
    ]
)  # fmt: skip
ENGAGEMENT = pa.schema({"row_id": _S, "group_by": _S, "engagement_type": _S, "date": _D, "hour": _I, "count": _I})  # fmt: skip
ORGANIC = pa.schema({"account_id": _S, "date": _T, "organic_tweet_id": _S, "impressions": _I, "engagements": _I, "url_clicks": _I})  # fmt: skip
MESSAGES = pa.schema({"account_id": _S, "id": _S, "created_at": _T, "event_type": _S, "dm_conversation_id": _S, "sender_id": _S, "text": _S})  # fmt: skip
LOOKUP = pa.schema({"input_dataset_id": _S, "requested_id": _S, "lookup_status": _S})
USAGE = pa.schema(
    [
        *pa.schema({"project_id": _S, "date": _D, "posts": _I, "own_posts": _I, "own_cost_usd": pa.float64()}),
        pa.field("own_cost_by_stream", _S, metadata=JSON_TEXT),
    ]
)  # fmt: skip

Row = dict[str, Any]


def moment(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def days(number: int = DAYS) -> list[date]:
    return [LAST - timedelta(days=back) for back in reversed(range(number))]


def add(store: DatasetStore, name: str, schema: pa.Schema, rows: Iterable[Row]) -> None:
    dataset = store.create(DatasetSpec(name, schema))
    table = pa.Table.from_pylist(list(rows), schema)
    if table.num_rows:
        dataset.append(table)


def account_insights(*names: str) -> Iterable[Row]:
    for number, name in enumerate(names, 1):
        for at, day in enumerate(days()):
            followers = 10**number * 25 + (at * 7 * number) % 40 * number + at * number
            yield {
                "account_id": str(number),
                "date": day,
                "account_name": name,
                "status": "found",
                "followers_count": followers,
            }


def tweet_insights(names: Sequence[str], text: str) -> Iterable[Row]:
    for at, day in enumerate(days()):
        for number, name in enumerate(names[: 1 + at % 3 or 1], 1):
            yield {
                "id": str(1_790_000_000_000_000_000 + at * 10 + number),
                "account_id": str(number),
                "account_name": name,
                "created_at": moment(day, (at * 5 + number) % 24),
                "text": text.format(at),
                "is_retweet": False,
                "like_count": at * 31 % 97,
                "own_retweet_count": at % 11,
                "reply_count": at % 7,
                "quote_count": number,
                "impression_count": at * 1_000,
            }


def engagement() -> Iterable[Row]:
    for at, day in enumerate(days(30)):
        for hour in range(24):
            busy = 1 + (hour - 4) % 24 * (24 - hour) + at % 7 * 5
            for kind, rate in (("impressions", 40), ("url_clicks", 3), ("replies", 1)):
                yield {
                    "row_id": f"{day}{hour}{kind}",
                    "group_by": "engagement",
                    "engagement_type": kind,
                    "date": day,
                    "hour": hour,
                    "count": busy * rate,
                }


def organic() -> Iterable[Row]:
    for at, day in enumerate(days(30)):
        yield {
            "account_id": "18ce54d4x5t",
            # midnight in New York
            "date": moment(day, 5),
            "organic_tweet_id": str(1_790_000_000_000_000_000 + at),
            "impressions": 1_000 + at * 137 % 900,
            "engagements": 30 + at * 17 % 50,
            "url_clicks": at % 9,
        }


def messages(*, sent: bool) -> Iterable[Row]:
    for at, day in enumerate(days(30)):
        for number in range(at % 5 + (not sent)):
            yield {
                "account_id": "1",
                "id": f"{at}{number}",
                "created_at": moment(day, number),
                "event_type": "MessageCreate",
                "dm_conversation_id": "1-2",
                "sender_id": "1" if sent else "2",
                "text": SECRET,
            }


def lookups() -> Iterable[Row]:
    for status, users in (("found", 231), ("not_found", 12), ("suspended", 5), ("invalid", 2)):
        for number in range(users):
            yield {
                "input_dataset_id": "x",
                "requested_id": f"{status}{number}",
                "lookup_status": status,
            }


def usage() -> Iterable[Row]:
    for at, day in enumerate(days(7)):
        costs = [
            {"stream": "tweet_insights", "usd": round(0.005 * (at + 1) * 40, 3)},
            {"stream": "users_lookup", "usd": round(0.01 * at * 25, 3)},
        ]
        yield {
            "project_id": "1",
            "date": day,
            "posts": 60 * at,
            "own_posts": 40 * at,
            "own_cost_usd": at / 5,
            "own_cost_by_stream": json.dumps(costs),
        }


def filled(
    folder: Path, *names: str, text: str = "Our {} tea is back: order by Friday"
) -> DatasetStore:
    """A store with rows for every figure.

    Args:
        folder: Where it is created.
        names: Of the accounts.
        text: Of the posts; braces take the number of the day.
    """
    accounts = names or ("NorthwindTea", "PlatformNews", "Contoso Coffee")
    store = open_store(str(folder))
    add(store, "twitter.account_insights", ACCOUNT_INSIGHTS, account_insights(*accounts))
    add(store, "tweet_insights", TWEET_INSIGHTS, tweet_insights(accounts, text))
    add(store, "historical_engagement", ENGAGEMENT, engagement())
    add(store, "organic_tweet_report", ORGANIC, organic())
    add(store, "direct_messages", MESSAGES, messages(sent=False))
    add(store, "direct_messages_sent", MESSAGES, messages(sent=True))
    add(store, "Users lookup of our customers", LOOKUP, lookups())
    add(store, "usage", USAGE, usage())
    add(store, "Our customers", pa.schema({"twitter_id": _S}), [{"twitter_id": "1"}])
    return store


def empty(folder: Path) -> DatasetStore:
    """A store whose datasets have no rows yet."""
    store = open_store(str(folder))
    for name, schema in (
        ("account_insights", ACCOUNT_INSIGHTS),
        ("tweet_insights", TWEET_INSIGHTS),
        ("historical_engagement", ENGAGEMENT),
        ("organic_tweet_report", ORGANIC),
        ("direct_messages", MESSAGES),
        ("Users lookup of our customers", LOOKUP),
        ("usage", USAGE),
    ):
        add(store, name, schema, [])
    return store
