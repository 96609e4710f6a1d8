"""A lock in object storage."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import S3Store

LEASE_SECONDS: Final = 600.0
"""How long a lock is held at most; a process that was killed releases nothing."""


class Lease:
    """An object that marks its maker as the only one to do something, for a limited time.

    Args:
        bucket: The store of the object.
        key: Its key.
        seconds: How long it holds.
    """

    def __init__(self, bucket: S3Store, key: str, seconds: float = LEASE_SECONDS) -> None:
        self.key = key
        self._bucket = bucket
        self._seconds = timedelta(seconds=seconds)
        self._tag: str | None = None

    def acquire(self) -> bool:
        """Take the lease if nobody has it, or if it has expired."""
        # equal bodies have equal ETags, so that nobody would notice that it was taken again
        body = uuid4().bytes
        try:
            self._tag = obstore.put(self._bucket, self.key, body, mode="create")["e_tag"]
        except AlreadyExistsError:
            pass
        else:
            return True
        try:
            found = obstore.head(self._bucket, self.key)
            if datetime.now(UTC) - found["last_modified"] < self._seconds:
                return False
            expired: UpdateVersion = {"e_tag": found["e_tag"]}
            self._tag = obstore.put(self._bucket, self.key, body, mode=expired)["e_tag"]
        except (FileNotFoundError, PreconditionError):  # released, or taken by another one
            return False
        return True

    def release(self) -> None:
        """Give the lease back, unless it has expired and another one has it."""
        with suppress(FileNotFoundError):
            if obstore.head(self._bucket, self.key)["e_tag"] == self._tag:
                obstore.delete(self._bucket, self.key)
