"""What `dataset report` takes of a million rows, beside DuckDB that computes the same figures."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.request import url2pathname

import deltalake
import pyarrow as pa
from support.commands import BIN
from support.report_store import ACCOUNT_INSIGHTS, ENGAGEMENT, LAST, TWEET_INSIGHTS, moment

from bench.measure import Figure, middle, single
from bench.processes import run
from dataset_store import DatasetSpec, open_store
from dataset_store.report import known_figures
from dataset_store.report.results import sql_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.workshop import Workshop
    from dataset_store import Dataset, DatasetStore

ACCOUNTS: Final = 200
_DAYS: Final = 365
_BATCH: Final = 50_000
_KINDS: Final = ("impressions", "url_clicks", "replies", "retweets", "favorites")

_DUCKDB: Final = """
import duckdb, json, sys
with open(sys.argv[1]) as file:
    queries = json.load(file)
connection = duckdb.connect()
connection.execute("set TimeZone = 'UTC'")
for files, sql in queries:
    connection.read_parquet(files).create_view("dataset", replace=True)
    print(len(connection.sql(sql).fetchall()))
"""
"""Reads the same Parquet files: a fresh dataset has no others. DuckDB calls one function otherwise."""


def vs_duckdb(shop: Workshop) -> Figure:
    """The time of the command over that of a process in which DuckDB computes the figures."""
    with shop.scratch() as folder:
        store = _filled(folder / "datasets", shop.scale.posts)
        queries = folder / "queries.json"
        queries.write_text(json.dumps(list(_queries(store))))
        runs = []
        for _ in range(shop.scale.pairs):
            our = run(_command(folder))
            their = run([sys.executable, "-c", _DUCKDB, queries])
            runs.append(
                {
                    "our_seconds": our.seconds,
                    "their_seconds": their.seconds,
                    "our_cpu_seconds": our.cpu_seconds,
                    "their_cpu_seconds": their.cpu_seconds,
                }
            )
    return middle([each["our_seconds"] / each["their_seconds"] for each in runs], runs)


def megabytes(shop: Workshop) -> Figure:
    """The size of the page."""
    with shop.scratch() as folder:
        _filled(folder / "datasets", shop.scale.posts)
        run(_command(folder))
        return single((folder / "report.html").stat().st_size / 1e6)


def _command(folder: Path) -> list[str | Path]:
    return [BIN / "dataset", "report", folder / "report.html", "--store", folder / "datasets"]


def _queries(store: DatasetStore) -> Iterator[tuple[list[str], str]]:
    for info in store.list():
        dataset = store.open(info.id)
        table = deltalake.DeltaTable(info.location)
        files = [url2pathname(uri.removeprefix("file://")) for uri in table.file_uris()]
        for figure in known_figures():
            if figure.fits(dataset.schema):
                yield files, sql_of(figure, dataset.schema).replace("last_value(", "last(")


def _filled(folder: Path, rows: int) -> DatasetStore:
    """A store with so many rows: seven tenths posts, the others engagement and days of accounts."""
    store = open_store(str(folder))
    for name, schema, row, share in (
        ("tweet_insights", TWEET_INSIGHTS, _post, 0.7),
        ("historical_engagement", ENGAGEMENT, _count, 0.23),
        ("account_insights", ACCOUNT_INSIGHTS, _account_day, 0.07),
    ):
        _fill(store.create(DatasetSpec(name, schema)), row, int(rows * share))
    return store


def _fill(dataset: Dataset, row: Callable[[int], dict[str, Any]], rows: int) -> None:
    for first in range(0, rows, _BATCH):
        batch = map(row, range(first, min(first + _BATCH, rows)))
        dataset.append(pa.Table.from_pylist(list(batch), dataset.schema))


def _post(number: int) -> dict[str, Any]:
    account = number * 7919 % ACCOUNTS
    return {
        "id": str(1_790_000_000_000_000_000 + number),
        "account_id": str(account),
        "account_name": f"Account {account}",
        "username": f"account{account}",
        "created_at": moment(LAST, number % 24) - timedelta(days=number * 31 % _DAYS),
        "text": f"This is post {number}, about tea, coffee and whatever else people drink. 🍵",
        "is_retweet": number % 10 == 0,
        "like_count": number * 48_271 % 9_973,
        "own_retweet_count": number * 16_807 % 997,
        "reply_count": number % 89,
        "quote_count": number % 17,
        "impression_count": number * 69_621 % 999_983,
    }


def _count(number: int) -> dict[str, Any]:
    return {
        "row_id": f"{number:040x}",
        "group_by": "engagement",
        "engagement_type": _KINDS[number % len(_KINDS)],
        "date": LAST - timedelta(days=number // 24 % _DAYS),
        "hour": number % 24,
        "count": number * 48_271 % 9_973,
    }


def _account_day(number: int) -> dict[str, Any]:
    account = number % ACCOUNTS
    return {
        "account_id": str(account),
        "date": LAST - timedelta(days=number // ACCOUNTS),
        "account_name": f"Account {account}",
        "status": "found",
        "followers_count": account * 1_000 + number * 31 % 997,
    }
