"""The allocator of Arrow's memory."""

from __future__ import annotations

import os

import pyarrow as pa

_CHOICE = "ARROW_DEFAULT_MEMORY_POOL"
"""Arrow's own variable for a user's choice."""


def prefer_jemalloc() -> None:
    """Let Arrow allocate by jemalloc, if it has it and the user has chosen nothing else.

    By mimalloc, Arrow's default, a rewrite of files with PyArrow 26 takes a quarter more CPU time
    and memory: pages are given back to the system and asked for again.
    """
    if _CHOICE not in os.environ and "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
