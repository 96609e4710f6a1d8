"""What makes a server safe to write to: conditional writes, leases, names of the refusals."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import obstore
import pyarrow as pa
import pytest
from filelock import Timeout
from support.s3_proxy import Plan

from dataset_store import DatasetSpec, StoreError, open_store
from dataset_store.delta.dataset import DeltaDataset
from dataset_store.delta.lease import Lease
from dataset_store.delta.log import TableLog
from dataset_store.delta.object_store import ObjectStore
from dataset_store.delta.s3_options import S3Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.s3_proxy import Proxy
    from support.s3_server import S3Server

    from dataset_store import DatasetStore
    from dataset_store.delta.location import TableFolder

pytestmark = pytest.mark.engines

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])


def location(server: S3Server, prefix: str) -> ObjectStore:
    return ObjectStore(server.bucket, prefix, S3Options(**server.options()))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"bucket": "no-such-bucket"}, "the bucket does not exist; create it"),
        ({"secret": "wrong"}, "does not accept the keys; fix access_key_id"),
        ({"key": "nobody"}, "does not accept the keys; fix access_key_id"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer; fix store_options.endpoint"),
    ],
    ids=["bucket", "secret", "key", "endpoint"],
)
def test_a_refusal_says_what_to_fix(
    s3_server: S3Server, change: dict[str, Any], match: str
) -> None:
    server = replace(s3_server, **change)
    store = open_store(f"s3://{server.bucket}/folder", server.options(retry_seconds=1))
    uses: list[Callable[[], object]] = [store.check_writable, partial(list, store.list())]
    for use in uses:
        with pytest.raises(StoreError, match=match) as caught:
            use()
        assert "wrong" not in str(caught.value)
        assert "<" not in str(caught.value)


def test_a_server_without_conditional_writes_is_refused(s3_server: S3Server, proxy: Proxy) -> None:
    proxy.plan(Plan(ignores_conditions=True))
    server = replace(s3_server, endpoint=proxy.endpoint)
    store = open_store(f"s3://{server.bucket}/{uuid4().hex[:12]}", server.options())
    with pytest.raises(StoreError, match=r"If-None-Match.*use a server that supports"):
        store.check_writable()
    with pytest.raises(StoreError, match="If-None-Match"):
        store.create(DatasetSpec("posts", SCHEMA))


def test_a_lease_has_one_holder_until_it_expires(s3_server: S3Server) -> None:
    bucket = location(s3_server, uuid4().hex[:12]).bucket
    first, second = Lease(bucket, "lease"), Lease(bucket, "lease")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    time.sleep(2.1)  # the server counts whole seconds
    late = Lease(bucket, "lease", seconds=1)
    assert late.acquire()
    second.release()  # that of another one stays
    assert not Lease(bucket, "lease").acquire()
    late.release()


def test_a_lease_that_is_released_at_that_moment_is_not_taken(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = location(s3_server, uuid4().hex[:12]).bucket
    first, second = Lease(bucket, "lease"), Lease(bucket, "lease")
    assert first.acquire()
    head = obstore.head

    def released(*arguments: Any) -> Any:
        obstore.delete(bucket, "lease")
        return head(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "head", released)
        assert not second.acquire()
    assert second.acquire()


@pytest.mark.parametrize("is_expired", [False, True], ids=["free", "expired"])
def test_a_race_for_a_lease_has_one_winner(s3_server: S3Server, *, is_expired: bool) -> None:
    bucket = location(s3_server, uuid4().hex[:12]).bucket
    seconds = 600.0
    if is_expired:
        assert Lease(bucket, "lease").acquire()
        time.sleep(2.1)
        seconds = 1
    barrier = threading.Barrier(8)

    def race(_: int) -> bool:
        lease = Lease(bucket, "lease", seconds)
        barrier.wait()
        return lease.acquire()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(8))) == 1


def test_a_held_compaction_lock_is_waited_for_or_passed_by(s3_server: S3Server) -> None:
    folder = location(s3_server, uuid4().hex[:12]).folder("table")
    with ThreadPoolExecutor(1) as pool:
        with folder.compaction_lock():
            with pytest.raises(Timeout), folder.compaction_lock(wait=False):
                pass
            waiting = pool.submit(_take, folder)
            time.sleep(0.7)
            assert not waiting.done()
        waiting.result(timeout=10)


def _take(folder: TableFolder) -> None:
    with folder.compaction_lock():
        pass


def test_two_compactions_whose_lease_has_expired_double_nothing(
    opened: Callable[..., DatasetStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = opened().create(DatasetSpec("posts", SCHEMA))
    for number in range(12):
        dataset.append(pa.table({"id": [str(number)], "n": [number]}, SCHEMA))
    monkeypatch.setattr(Lease, "acquire", lambda _: True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: opened().open("posts").compact(), range(4)))
    found = opened().open("posts")
    assert sorted(row["n"] for batch in found.read() for row in batch.to_pylist()) == list(
        range(12)
    )


@pytest.mark.parametrize("has_vectors", [False, True], ids=["rewriting", "deletion vectors"])
def test_a_compaction_ends_although_another_writer_is_always_faster(
    opened: Callable[..., DatasetStore], monkeypatch: pytest.MonkeyPatch, *, has_vectors: bool
) -> None:
    store = opened(deletion_vectors=has_vectors)
    dataset = store.create(DatasetSpec("posts", SCHEMA, ("id",)))
    for number in range(8):
        ids = [f"{number}-{row}" for row in range(10)]
        dataset.append(pa.table({"id": ids, "n": [number] * 10}, SCHEMA))
    rivals = iter(range(100, 110))
    tried: set[bytes] = set()
    put = TableLog.put

    def overtaken(log: TableLog, version: int, content: bytes) -> None:
        if b"OPTIMIZE" in content and content not in tried:
            tried.add(content)
            rival = pa.table({"id": ["7-0"], "n": [next(rivals)]}, SCHEMA)
            store.open("posts").upsert(rival, ("id",))
        put(log, version, content)

    with monkeypatch.context() as patch:
        patch.setattr(TableLog, "put", overtaken)
        store.open("posts").compact()
    last = next(rivals) - 1
    assert last < 106
    found = {
        row["id"]: row["n"] for batch in opened().open("posts").read() for row in batch.to_pylist()
    }
    expected = {f"{number}-{row}": number for number in range(8) for row in range(10)}
    assert found == {**expected, "7-0": last}
    compacted = store.open("posts")
    assert isinstance(compacted, DeltaDataset)
    assert len(compacted.table.file_uris()) <= 3
