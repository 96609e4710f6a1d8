"""Which allocator Arrow uses once a store is open."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from pathlib import Path

OPENED = """
import sys
import pyarrow as pa
from dataset_store import open_store

open_store(sys.argv[1])
print(pa.default_memory_pool().backend_name)
"""


@pytest.mark.parametrize(
    ("chosen", "used"), [({}, "jemalloc"), ({"ARROW_DEFAULT_MEMORY_POOL": "system"}, "system")]
)
@pytest.mark.skipif("jemalloc" not in pa.supported_memory_backends(), reason="Arrow lacks jemalloc")
def test_a_user_has_the_last_word(chosen: dict[str, str], used: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPENED, str(tmp_path)]
    done = subprocess.run(command, env=chosen, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == used
