"""What a commit costs where a stream has many columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from support.commands import BIN

from bench.measure import Figure, middle
from bench.posts import write
from bench.processes import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.workshop import Workshop

NARROW: Final = 500
WIDE: Final = 2_000
ROWS_PER_COMMIT: Final = 3
_STREAM: Final = "wide"


def per_commit(shop: Workshop) -> Figure:
    """CPU of an upsert of three rows into 2,000 columns, over one into 500."""
    runs = []
    for _ in range(shop.scale.pairs):
        wide, narrow = (_cpu_per_commit(shop, columns) for columns in (WIDE, NARROW))
        runs.append({"wide_cpu_seconds": wide, "narrow_cpu_seconds": narrow})
    return middle([each["wide_cpu_seconds"] / each["narrow_cpu_seconds"] for each in runs], runs)


def _cpu_per_commit(shop: Workshop, columns: int) -> float:
    """What more commits cost than one, so that start-up and the stream's schema do not count."""
    few, many = 1, 1 + shop.scale.wide_commits
    taken = [_cpu(shop, columns, commits) for commits in (few, many)]
    return (taken[1] - taken[0]) / (many - few)


def _cpu(shop: Workshop, columns: int, commits: int) -> float:
    with shop.scratch() as folder:
        settings = folder / "settings.json"
        store = {"store": str(folder / "datasets"), "batch_size_rows": ROWS_PER_COMMIT}
        settings.write_text(json.dumps(store))
        source = write(folder / "input.jsonl", messages(columns, commits))
        return run([BIN / "target-dataset", "--config", settings], source).cpu_seconds


def messages(columns: int, commits: int) -> Iterator[dict[str, Any]]:
    """A tap's output: after the first, each commit replaces a row and adds the others."""
    names = [f"m{number}" for number in range(columns)]
    kinds = ("string", "integer")
    properties = {name: {"type": [kinds[n % 2], "null"]} for n, name in enumerate(names)}
    schema = {"type": "object", "properties": {"id": {"type": "integer"}, **properties}}
    yield {"type": "SCHEMA", "stream": _STREAM, "schema": schema, "key_properties": ["id"]}
    values: dict[str, Any] = {name: (name, n)[n % 2] for n, name in enumerate(names)}
    for commit in range(commits):
        first = commit * (ROWS_PER_COMMIT - 1)
        for number in range(first, first + ROWS_PER_COMMIT):
            yield {"type": "RECORD", "stream": _STREAM, "record": {"id": number, **values}}
    yield {"type": "STATE", "value": {"commits": commits}}
