"""Removal of datasets in S3: only tables, and all of them, although a removal may be interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import obstore
import pyarrow as pa
import pytest
from support.s3_proxy import Plan

from dataset_store import DatasetError, DatasetNotFoundError, DatasetSpec
from dataset_store.delta.object_store import ObjectStore
from dataset_store.delta.s3_options import S3Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.s3_proxy import Proxy
    from support.s3_server import S3Server

    from dataset_store import Dataset, DatasetStore

pytestmark = pytest.mark.engines

ROWS = pa.table({"id": ["1", "2"]})
FOREVER = 1_000_000


@pytest.fixture
def location(s3_server: S3Server, address: str) -> ObjectStore:
    prefix = address.removeprefix(f"s3://{s3_server.bucket}/")
    return ObjectStore(s3_server.bucket, prefix, S3Options(**s3_server.options()))


def objects(location: ObjectStore) -> list[str]:
    return sorted(each["path"] for chunk in obstore.list(location.bucket) for each in chunk)


def made(store: DatasetStore, name: str) -> Dataset:
    dataset = store.create(DatasetSpec("posts", ROWS.schema, id=name))
    for _ in range(3):
        dataset.append(ROWS)
    dataset.compact()
    return dataset


@pytest.mark.parametrize("path", ["notes.txt", "rows.parquet", "folder/notes.txt"])
def test_objects_that_are_no_table_are_not_removed(
    opened: Callable[..., DatasetStore], location: ObjectStore, path: str
) -> None:
    name = str(uuid4())
    obstore.put(location.bucket, f"{name}/{path}", b"mine")
    with pytest.raises(DatasetNotFoundError):
        opened().remove(name)
    assert objects(location) == [f"{name}/{path}"]


def test_a_removal_that_is_interrupted_at_any_request_is_repeated(
    opened: Callable[..., DatasetStore], location: ObjectStore, proxy: Proxy
) -> None:
    name = str(uuid4())
    made(opened(), name)
    opened(proxy).remove(name)
    total = proxy.plan(Plan())
    assert objects(location) == []
    told = 0
    for number in range(total):
        made(opened(), name)
        proxy.fail("503 storm", number, FOREVER)
        with pytest.raises(DatasetError, match="again and again; run again later"):
            opened(proxy, retry_seconds=0).remove(name)
        proxy.fail()
        try:
            assert opened().open(name).info().rows == 6
        except DatasetError as error:
            told += 1
            assert f"its removal was interrupted; repeat it with `dataset rm {name}`" in str(error)  # noqa: PT017 - either is right
            with pytest.raises(DatasetError, match="removal was interrupted"):
                made(opened(), name)
        opened().remove(name)
        assert objects(location) == []
    assert told > 2
    assert made(opened(), name).info().rows == 6
