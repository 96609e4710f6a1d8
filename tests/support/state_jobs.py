"""A small job for each stream of the tap, whose states tests stop, keep, merge and resume."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import running
from sandbox.ads.accounts import ELSEWHERE, FOUNDERS, NORTHWIND
from sandbox.credentials import CITY, FOUNDER, OWNER
from sandbox.lists import BOOKSELLERS, TEA_PEOPLE
from support.campaign import START, StandingClock
from support.harness import Messages, account_of, run_tap, tap_config
from tap_twitter.reports.organic.stream import OrganicStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from sandbox import Sandbox

STATES = Path(__file__).parents[1] / "tap_twitter" / "states"
"""States of an earlier build, a file for each stream, and the input dataset of its lookup."""

STOPPED_AFTER = 2
"""The number of requests after which the kept run was stopped."""

STREAMS = tuple(str(stream.name) for stream in TapTwitter.STREAMS)  # type: ignore[misc]
SANDBOX: dict[str, Any] = {"clock_start": START, "clock_ticking": False}
PEOPLE = "people"

ACCOUNTS = [
    account_of(FOUNDER),
    {"username": "CityOfElsewhere", "auth": account_of(CITY)["auth"]},
    account_of(OWNER),
]
RANGE = {
    "tweet_selection": "recent",
    "number_of_tweets": 30,
    "start_date_type": "specific",
    "specific_start_date": "2026-01-20",
    "engagement_metrics": ["favorites"],
}
QUERIES = [
    {"name": "stock", "query": "stock"},
    {"name": "kettle", "query": '"the kettle"'},
    {"name": "tea", "query": "#tea OR tea"},
]
ORGANIC = tuple(
    str(stream.name)  # type: ignore[misc]
    for stream in TapTwitter.STREAMS
    if issubclass(stream, OrganicStream)
)
ADS_ACCOUNTS = {
    "sync_mode": "SpecificAccounts",
    "accounts": [FOUNDERS.id, ELSEWHERE.id, NORTHWIND.id],
}
APP_ONLY = frozenset({"tweet_counts", "usage"})
"""Streams that take a bearer token alone."""

SETTINGS: dict[str, dict[str, Any]] = {
    "direct_messages": {"direct_messages": {"limit": 100}},
    "direct_messages_sent": {"direct_messages": {"limit": 100}},
    "tweet_insights": {"start_date": "2025-06-01"},
    "mentions": {"start_date": "2026-01-01"},
    "recent_search": {"queries": QUERIES},
    "followers": {"followers": {"limit": 1200}},
    "following": {"following": {"limit": 300}},
    "list_members": {"list_members": {"lists": [TEA_PEOPLE, BOOKSELLERS], "limit": 150}},
    "tweet_counts": {"queries": QUERIES},
    "historical_engagement": {"engagement": RANGE},
    "engagement_28hr": {
        "engagement": {"number_of_tweets": 30, "engagement_metrics": ["favorites"]}
    },
    "engagement_totals": {"engagement": {"number_of_tweets": 5}},
    **{name: {"organic": ADS_ACCOUNTS} for name in ORGANIC},
    **{
        name: {"organic": {**ADS_ACCOUNTS, "accounts": [ELSEWHERE.id, NORTHWIND.id]}}
        for name in ("organic_tweet_report", "tweet_analytics")
    },
}


def job(sandbox: Sandbox, store: Path, stream: str) -> dict[str, Any]:
    """Settings with which a stream takes several requests, over several accounts."""
    config = tap_config(sandbox, store, inputs=PEOPLE)
    if stream == "users_lookup":
        return config
    if stream in APP_ONLY:
        config["auth"]["bearer_token"] = sandbox.tokens.app_only()
    accounts = {} if stream in ORGANIC else {"accounts": ACCOUNTS}
    return {**config, **accounts, **SETTINGS.get(stream, {})}


def input_store(folder: Path) -> Path:
    """A store with the input dataset of the lookup, as it was when its states were written."""
    store = folder / "datasets"
    if not store.exists():
        shutil.copytree(STATES / "datasets", store)
    return store


def run_job(
    sandbox: Sandbox,
    folder: Path,
    stream: str,
    state: dict[str, Any] | None = None,
    requests: int | None = None,
) -> Messages:
    """Run the job of a stream; a number of requests stops it in the middle."""
    config = job(sandbox, input_store(folder), stream)
    if requests is not None:
        config["budget"] = {"max_requests": requests}
    return run_tap(config, state, StandingClock(sandbox), [stream])


def kept(stream: str) -> dict[str, Any]:
    """The states of a stream that an earlier build has written, by how far the job had come."""
    found: dict[str, Any] = json.loads((STATES / f"{stream}.json").read_text())
    return found


def keep(stream: str) -> None:
    """Write the states of a stream, for tests of later builds."""
    with running(**SANDBOX) as sandbox, tempfile.TemporaryDirectory() as folder:
        states: dict[str, Any] = {}
        states["finished"] = run_job(sandbox, Path(folder), stream).states[-1]
        sandbox.reset()
        stopped = run_job(sandbox, Path(folder), stream, requests=STOPPED_AFTER).states[-1]
        states["stopped"] = {"requests": STOPPED_AFTER, "state": stopped}
    (STATES / f"{stream}.json").write_text(json.dumps(states, indent=1) + "\n")


if __name__ == "__main__":
    keep(*sys.argv[1:])
