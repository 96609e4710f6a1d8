"""Tables in object storage: S3 and servers that speak its protocol.

The engine reads and writes tables there by itself. What it does not do is here: listing, deleting,
a lock, and a test whether the server honors conditional writes. It needs the extra `s3`.
"""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import obstore
from filelock import Timeout
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store
from pyarrow.fs import PyFileSystem, SubTreeFileSystem

from dataset_store.delta.lease import Lease
from dataset_store.delta.location import LOG, REMOVAL, Location, TableFolder
from dataset_store.delta.object_files import ObjectHandler, ObjectTree
from dataset_store.delta.s3_options import access
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from obstore.store import ClientConfig, RetryConfig
    from pyarrow.fs import FileSystem

    from dataset_store.delta.s3_options import S3Options

_POLL_SECONDS: Final = 0.5


class ObjectTable(TableFolder):
    """The objects of one table, whose keys begin with the same prefix."""

    is_remote = True

    def __init__(self, name: str, location: ObjectStore) -> None:
        super().__init__(name, location)
        self._bucket = location.bucket
        self._tree = location.tree
        self.engine_options = location.engine_options

    @property
    def address(self) -> str:
        """The URL."""
        return f"{self.location}/{self.name}"

    def exists(self) -> bool:
        """Whether there is any object."""
        return self._has_any("")

    def _has_any(self, folder: str) -> bool:
        return bool(next(iter(obstore.list(self._bucket, self._key(folder), chunk_size=1)), ()))

    def is_of_table(self) -> bool:
        """Whether there is an object of a log."""
        return self._has_any(f"{LOG}/")

    def has(self, path: str) -> bool:
        """Whether there is an object."""
        with suppress(FileNotFoundError):
            obstore.head(self._bucket, self._key(path))
            return True
        return False

    def names(self, folder: str = "") -> Sequence[str]:
        """The names of the objects in a folder."""
        return list(self.modified(folder))

    def modified(self, folder: str) -> Mapping[str, float]:
        """When the objects in a folder were written, in seconds since 1970; by their names."""
        found = obstore.list_with_delimiter(self._bucket, self._key(folder).rstrip("/") + "/")
        return {
            each["path"].rpartition("/")[2]: each["last_modified"].timestamp()
            for each in found["objects"]
        }

    def read(self, path: str) -> bytes:
        """The content of an object."""
        return bytes(obstore.get(self._bucket, self._key(path)).bytes())

    def create(self, path: str, content: bytes) -> None:
        """Write an object, unless there is one.

        One with the same content is from an earlier try, whose answer got lost. This has to be
        known here: after a commit that was refused, its data files are deleted.

        Raises:
            FileExistsError: There is another one.
        """
        try:
            obstore.put(self._bucket, self._key(path), content, mode="create")
        except BaseError as error:
            with suppress(FileNotFoundError):
                if self.read(path) == content:
                    return
            if isinstance(error, AlreadyExistsError):
                raise FileExistsError(errno.EEXIST, "", path) from None
            raise

    def delete(self, paths: Sequence[str]) -> None:
        """Delete the objects that exist, up to 1,000 with a request."""
        if paths:
            with suppress(FileNotFoundError):
                obstore.delete(self._bucket, [self._key(path) for path in paths])

    def files(self) -> FileSystem:
        """The objects."""
        path = self.address.removeprefix("s3://")
        return SubTreeFileSystem(path, PyFileSystem(ObjectHandler(self._tree)))

    @contextmanager
    def compaction_lock(self, *, wait: bool = True) -> Iterator[None]:
        """A lease: an object that only one process can create, or replace once it has expired.

        It only saves work: a compaction that outlasts its lease, and another one, still lose
        against each other at the commit.
        """
        lease = Lease(self._bucket, f"{self.name}/_compaction.lease")
        while not lease.acquire():
            if not wait:
                raise Timeout(lease.key)
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            lease.release()

    def remove(self) -> None:
        """Delete the objects, those of the log first: without it there is no table.

        A mark stays to the end, so that a removal that was interrupted can be repeated.
        """
        mark = self._key(REMOVAL)
        obstore.put(self._bucket, mark, b"")
        for prefix in (self._key(f"{LOG}/"), self._key("")):
            for chunk in obstore.list(self._bucket, prefix):
                if paths := [each["path"] for each in chunk if each["path"] != mark]:
                    obstore.delete(self._bucket, paths)
        obstore.delete(self._bucket, mark)

    def _key(self, path: str) -> str:
        return f"{self.name}/{path}"


class ObjectStore(Location):
    """A prefix in a bucket, such as `s3://bucket/datasets`; nothing has to be created.

    Args:
        bucket: The name of the bucket.
        prefix: The prefix; empty for the whole bucket.
        options: The options of the store.

    Raises:
        StoreError: There are no credentials.
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        found = access(options)
        self._address = "/".join(filter(None, (f"s3://{bucket}", prefix)))
        self._is_checked = False
        client: ClientConfig = {
            "allow_http": found.is_plain_http,
            "timeout": timedelta(seconds=options.timeout_seconds),
        }
        retries: RetryConfig = {"retry_timeout": timedelta(seconds=options.retry_seconds)}
        settings = found.client_settings
        self.bucket = S3Store(
            bucket,
            prefix=prefix or None,
            config=settings,
            client_options=client,
            retry_config=retries,
        )
        self.tree = ObjectTree("s3", config=settings, client_options=client, retry_config=retries)
        self.engine_options = {
            **{f"aws_{name}": str(value) for name, value in found.client_settings.items()},
            "allow_http": str(found.is_plain_http).lower(),
            "timeout": f"{options.timeout_seconds}s",
            "retry_timeout": f"{options.retry_seconds}s",
        }

    def __str__(self) -> str:
        """The URL."""
        return self._address

    def folder(self, name: str) -> ObjectTable:
        """The objects of a table, which may not exist."""
        return ObjectTable(name, self)

    def names(self) -> Sequence[str]:
        """The names of all tables."""
        found = obstore.list_with_delimiter(self.bucket)
        return [prefix.rpartition("/")[2] for prefix in found["common_prefixes"]]

    def exists(self) -> bool:
        """Yes: a prefix without objects is an empty store.

        Raises:
            Exception: The bucket does not exist, or the keys do not fit.
        """
        self.names()
        return True

    def make(self) -> None:
        """Test once whether the server is safe to write to.

        Raises:
            StoreError: It is not.
        """
        if not self._is_checked:
            self.check_writable()

    def check_writable(self) -> None:
        """Test whether the server takes objects, and refuses to create one that exists.

        Delta Lake's commits rely on the latter. A server that ignores the condition answers as if
        all was well, and commits of other writers are lost.

        Raises:
            StoreError: It does not refuse.
        """
        key = f"_store_check.{uuid4()}"
        try:
            obstore.put(self.bucket, key, b"1", mode="create")
            obstore.put(self.bucket, key, b"2", mode="create")
        except AlreadyExistsError:
            self._is_checked = True
        finally:
            obstore.delete(self.bucket, key)
        if not self._is_checked:
            message = (
                f"Store {self}: the server overwrites objects that it was asked to create "
                "(If-None-Match), so commits of two writers would get lost; use a server that "
                "supports conditional writes"
            )
            raise StoreError(message)
