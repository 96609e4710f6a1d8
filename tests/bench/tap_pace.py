"""How fast the tap turns pages into lines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from commands import BIN
from harness import make_dataset

from bench.measure import Figure, ratio
from bench.processes import CommandError, run
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
        lines = [_records(command) for command in (ours, theirs)]
        if lines != [len(ids)] * 2:
            msg = f"The taps have written {lines} records instead of {len(ids)} each"
            raise CommandError(msg)
        seconds: dict[int, list[float]] = {0: [], 1: []}
        order = [(0, ours), (1, theirs)]
        for _ in range(shop.scale.pairs):
            for number, command in order:
                seconds[number].append(_seconds(server, command, len(pages)))
            order.reverse()
    return ratio(seconds[0], seconds[1], records=len(ids))


def _ours(folder: Path, server: Replay, ids: list[str]) -> Command:
    store = folder / "datasets"
    make_dataset(store, "people", {"user_id": ids})
    config = {
        "auth": {"bearer_token": "unchecked"},
        "api": {"base_url": server.url},
        "users_lookup": {"store": str(store), "input_dataset_id": "people"},
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


def _records(command: Command) -> int:
    written: list[bytes] = []
    run(command, watch=lambda line: written.append(line[:20]) if b'"RECORD"' in line[:20] else None)
    return len(written)


def _seconds(server: Replay, command: Command, pages: int) -> float:
    server.forget()
    ended = run(command).ended
    if server.begun is None or server.requests != pages:
        msg = f"{server.requests} requests came instead of {pages}"
        raise CommandError(msg)
    return ended - server.begun
