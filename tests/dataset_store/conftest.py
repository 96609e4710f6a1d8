from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.s3_server import running_s3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.s3_server import S3Server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server with an empty bucket; each test takes a prefix of its own."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server
