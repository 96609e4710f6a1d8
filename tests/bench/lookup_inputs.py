"""What it costs to read the ids of an input dataset."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from bench.measure import Figure, middle
from bench.processes import run
from dataset_store import DatasetSpec, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from bench.workshop import Workshop

_OURS: Final = "tap_twitter.reports.users_lookup.lookup_input"
_BEFORE: Final = "tap_twitter.reports.lookup_input"
_FIRST_ID: Final = 1_700_000_000_000_000_000
_CODE: Final = """
import sys, time
from importlib import import_module
from dataset_store import open_store
source = import_module(sys.argv[2]).LookupInput(open_store(sys.argv[1]).open("people"), ("user_id",))
begun = time.process_time()
found = sum(map(len, source.references()))
print(time.process_time() - begun, found)
"""


def over_before(shop: Workshop) -> Figure:
    """CPU of reading them over that of an earlier build; the start of the process does not count."""
    count = shop.scale.many_users
    programs = shop.before()
    with shop.scratch() as folder:
        store = open_store(str(folder))
        # a step that ends in no zeros: rounded ids are another matter
        ids = [str(_FIRST_ID + 4_194_303 * number) for number in range(count)]
        people = store.create(
            DatasetSpec(name="people", schema=pa.schema([("user_id", pa.string())]))
        )
        people.append(pa.table({"user_id": ids}))
        runs = [
            {
                "our_cpu_seconds": _cpu(sys.executable, folder, _OURS, count),
                "their_cpu_seconds": _cpu(programs / "python", folder, _BEFORE, count),
            }
            for _ in range(shop.scale.pairs)
        ]
    return middle([each["our_cpu_seconds"] / each["their_cpu_seconds"] for each in runs], runs)


def _cpu(python: str | Path, folder: Path, module: str, count: int) -> float:
    lines: list[bytes] = []
    run([python, "-c", _CODE, str(folder), module], watch=lines.append)
    seconds, found = lines[-1].split()
    assert int(found) == count
    return float(seconds)
