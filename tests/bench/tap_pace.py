"""How fast the tap turns pages into lines."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from support.commands import BIN
from support.harness import make_dataset

from bench.measure import Figure, ratio
from bench.processes import CommandError, Taken, reader, run
from bench.replay import Replay, record, replaying

if TYPE_CHECKING:
    from pathlib import Path

    from bench.workshop import Workshop

Command = list["str | Path"]


def tap_vs_default_sdk(shop: Workshop) -> Figure:
    """Seconds from the first request to the end, against a stream as the SDK's guide has it."""
    ids, pages = record(shop.scale.replayed_users)
    with shop.scratch() as folder, replaying(pages) as server:
        ours, theirs = _ours(folder, server, ids), _theirs(folder, server, ids)
        compare(_written(ours), _written(theirs), len(ids))
        taken: dict[int, list[Taken]] = {0: [], 1: []}
        order = [(0, ours), (1, theirs)]
        for _ in range(shop.scale.pairs):
            for number, command in order:
                taken[number].append(_read(server, command, len(pages)))
            order.reverse()
    return ratio(taken[0], taken[1], records=len(ids))


def _ours(folder: Path, server: Replay, ids: list[str]) -> Command:
    store = folder / "datasets"
    make_dataset(store, "people", {"user_id": ids})
    config = {
        "auth": {"bearer_token": "unchecked"},
        "api": {"base_url": server.url},
        "store": str(store),
        "users_lookup": {"input_dataset_id": "people"},
    }
    return [BIN / "tap-twitter", "--config", _file(folder / "ours.json", json.dumps(config))]


def _theirs(folder: Path, server: Replay, ids: list[str]) -> Command:
    listed = _file(folder / "ids", "\n".join(ids))
    config = json.dumps({"url": server.url, "ids": str(listed)})
    return [sys.executable, "-m", "bench.default_tap", "--config",
            _file(folder / "theirs.json", config)]  # fmt: skip


def _file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _written(command: Command) -> list[dict[str, Any]]:
    """The records that a tap writes."""
    records: list[dict[str, Any]] = []

    def keep(line: bytes) -> None:
        message = msgspec.json.decode(line)
        if message["type"] == "RECORD":
            records.append(message["record"])

    run(command, watch=keep)
    return records


def compare(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], count: int) -> None:
    """Make sure that both have written so many records, and the same values for the same users.

    Ours say more: what is not there is null, and when the user was looked up.

    Raises:
        CommandError: They have not.
    """
    if (len(ours), len(theirs)) != (count, count):
        msg = f"{len(ours)} and {len(theirs)} records were written instead of {count} each"
        raise CommandError(msg)
    differing = {
        name
        for our, their in zip(ours, theirs, strict=True)
        for name in their
        if name != "input_dataset_id" and our.get(name) != their[name]
    }
    if differing:
        msg = f"The records of the two taps differ in {sorted(differing)}"
        raise CommandError(msg)


def _read(server: Replay, command: Command, pages: int) -> Taken:
    """What a tap took from its first request to its end."""
    server.forget()
    with reader() as pipe:
        taken = run(command, into=pipe)
    if server.begun is None or server.requests != pages:
        msg = f"{server.requests} requests came instead of {pages}"
        raise CommandError(msg)
    return replace(taken, seconds=taken.ended - server.begun)
