from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from support.s3_proxy import running_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.s3_proxy import Proxy
    from support.s3_server import S3Server

    from dataset_store import DatasetStore


@pytest.fixture
def address(s3_server: S3Server) -> str:
    """A folder of its own."""
    return f"s3://{s3_server.bucket}/{uuid4().hex[:12]}/datasets"


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with running_proxy(s3_server.endpoint) as running:
        yield running


@pytest.fixture
def opened(s3_server: S3Server, address: str) -> Callable[..., DatasetStore]:
    """Opens the store, through a proxy if one is given."""
    from dataset_store import open_store

    def opened(proxy: Proxy | None = None, **options: object) -> DatasetStore:
        server = replace(s3_server, endpoint=proxy.endpoint) if proxy else s3_server
        return open_store(address, server.options(**options))

    return opened
