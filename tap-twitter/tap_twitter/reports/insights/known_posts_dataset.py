"""The rows of posts from earlier runs, read from their dataset.

Imported only by a run that reads one, since PyArrow takes long to load.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from dataset_store import DatasetError, DatasetNotFoundError, StoreError
from dataset_store.rows import records
from tap_twitter.dates import stamp
from tap_twitter.errors import InputDatasetError
from tap_twitter.reports.insights.known_posts import HIDDEN_WITH_ACCOUNT, KnownPosts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from dataset_store import Dataset, DatasetStore
    from tap_twitter.reports.insights.known_posts import Row

SETTING: Final = "insights.known_posts"

TEXT: Final = (types.is_string, types.is_large_string, types.is_string_view)
FLAG: Final = (types.is_boolean,)

NEEDED: Final[Mapping[str, Sequence[Callable[[pa.DataType], bool]]]] = {
    "id": TEXT,
    "account_id": TEXT,
    "deletion_reason": (*TEXT, types.is_null),
    "is_reply": FLAG,
    "is_retweet": FLAG,
    "read_at": (*TEXT, types.is_timestamp),
}
"""Columns needed to compare posts with X's answers, and the types that fit."""

KINDS: Final[Mapping[str, str]] = {"replies": "is_reply", "retweets": "is_retweet"}
"""The kinds of posts that can be left out, and the column of each."""


def open_known_posts(store: DatasetStore, reference: str) -> Dataset | None:
    """Open the dataset of earlier posts.

    Args:
        store: The store of the dataset.
        reference: The dataset: its GUID, a URL with it, or its name.

    Returns:
        The dataset; None if it does not exist yet.

    Raises:
        InputDatasetError: It cannot be opened, or is not one of `tweet_insights`.
    """
    try:
        dataset = _found(store, reference)
        if dataset is None:
            return None
        schema = dataset.schema
    except DatasetError as error:
        raise InputDatasetError(str(error)) from error
    if fault := _fault(schema):
        msg = (
            f"Setting '{SETTING}' names dataset '{reference}', which {fault} 'tweet_insights': "
            "name the dataset that this stream fills."
        )
        raise InputDatasetError(msg)
    return dataset


def _fault(schema: pa.Schema) -> str | None:
    """Why a dataset with these columns is not one of the stream's."""
    if missing := [name for name in NEEDED if name not in schema.names]:
        return f"lacks the columns {', '.join(missing)} of"
    others = [
        name
        for name, kinds in NEEDED.items()
        if not any(is_(schema.field(name).type) for is_ in kinds)
    ]
    return f"has other values in the columns {', '.join(others)} than" if others else None


def _found(store: DatasetStore, reference: str) -> Dataset | None:
    try:
        return store.open(reference)
    except (DatasetNotFoundError, StoreError):
        if store.named(reference):
            raise
        return None  # nor is there a store before the first dataset


def known_by_account(
    dataset: Dataset, account_ids: Iterable[str], since: int, without: Collection[str]
) -> dict[str, KnownPosts]:
    """Read accounts' rows: those after an id, and older ones that may come back.

    The dataset is read once for all accounts: it may be large, with every post that ever existed.

    Args:
        dataset: With the rows.
        account_ids: The authors of the posts.
        since: The id.
        without: The kinds of posts that this run leaves out.

    Raises:
        InputDatasetError: The dataset cannot be read, or its ids are not X's.
    """
    rotation = [KINDS[kind] for kind in without]
    rows: dict[str, dict[int, Row]] = {each: {} for each in account_ids}
    try:
        for row in _wanted(dataset.read(), pa.array(rows, pa.string()), since):
            of_account, post_id = rows[row["account_id"]], int(row["id"])
            known = of_account.get(post_id)
            is_newer = known is None or str(known["read_at"]) <= str(row["read_at"])
            if is_newer and not any(row[column] for column in rotation):
                of_account[post_id] = row
    except DatasetError as error:
        raise InputDatasetError(str(error)) from error
    return {account_id: KnownPosts(found, since) for account_id, found in rows.items()}


def _wanted(batches: Iterable[pa.RecordBatch], accounts: pa.Array, since: int) -> Iterator[Row]:
    for batch in batches:
        mine = batch.filter(pc.is_in(batch["account_id"].cast(pa.string()), value_set=accounts))
        is_young = pc.greater(_numbers(mine["id"]), since)
        reasons = mine["deletion_reason"].cast(pa.string())
        may_return = pc.is_in(reasons, value_set=pa.array(HIDDEN_WITH_ACCOUNT))
        for row in records(mine.filter(pc.or_(is_young, may_return))):
            yield {name: _json(value) for name, value in row.items()}


def _numbers(ids: pa.Array) -> pa.Array:
    """Ids as numbers; a stream map may have put something else in their place."""
    try:
        return ids.cast(pa.int64())
    except pa.ArrowInvalid:  # its text has the value
        msg = (
            f"Setting '{SETTING}' names a dataset whose column id has values that are not X's ids: "
            "keep that column of 'tweet_insights' unchanged in 'stream_maps', or unset "
            f"'{SETTING}'."
        )
        raise InputDatasetError(msg) from None


def _json(value: Any) -> Any:
    return stamp(value) if isinstance(value, datetime) else value
