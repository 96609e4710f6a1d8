"""One file through the target, and how far the outcome is from what is expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.singer_messages import read
from target_command import process

from dataset_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from target_command import Run

    from dataset_store import DatasetStore
    from message_files.expectations import Expected


def run(path: Path, expected: Expected, settings: Mapping[str, Any], folder: Path) -> list[str]:
    """Load a file, and those that come before it, into a new store.

    Args:
        path: The file.
        expected: What it has to lead to.
        settings: Settings of the target, beside those that the file needs.
        folder: Takes the store.

    Returns:
        What is not as expected; nothing if all is.
    """
    config = folder / "config.json"
    config.write_text(json.dumps({"store": "store", **expected.settings, **settings}))
    for name in (*expected.after, path.stem):
        source = str(path.with_stem(name).absolute())
        done = process("--config", "config.json", "--input", source, cwd=folder)
    differing = [*_ended(done, expected)]
    if not expected.refused and not differing:
        differing += _state(done, path)
        differing += _stored(open_store(str(folder / "store")), expected)
    return differing


def _ended(done: Run, expected: Expected) -> Iterator[str]:
    said = done.errors[-1] if done.errors else ""
    if any(line.startswith("Traceback") for line in done.errors):
        yield f"a traceback that ends with: {said}"
    elif bool(done.code) != bool(expected.refused):
        yield f"exit code {done.code}: {said}"
    elif expected.refused not in said:
        yield f"another message than {expected.refused!r}: {said}"


def _state(done: Run, path: Path) -> Iterator[str]:
    """The last STATE of the input has to be that of the output."""
    messages = map(json.loads, filter(str.strip, path.read_text().splitlines()))
    given = [message["value"] for message in messages if message["type"] == "STATE"]
    passed_on = [json.loads(line) for line in done.out.splitlines()]
    if given[-1:] != passed_on[-1:]:
        yield "the last STATE is not that of the input"


def _stored(store: DatasetStore, expected: Expected) -> Iterator[str]:
    found = {info.name: info.rows for info in store.list()}
    if found != expected.rows:
        yield f"rows {found} instead of {dict(expected.rows)}"
        return
    for name in expected.rows:
        rows = read(store.open(name))
        for part in expected.holds.get(name, ()):
            if not any(row == {**row, **part} for row in rows):
                yield f"{name} has no row {dict(part)}"
        deleted = sum(row.get("_sdc_deleted_at") is not None for row in rows)
        if deleted != expected.deleted:
            yield f"{name} has {deleted} rows marked as deleted instead of {expected.deleted}"
