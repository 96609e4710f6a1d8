"""What passes over many users cost: requests, objects, time, STATE and memory."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import cache
from http.client import TOO_MANY_REQUESTS
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from support.commands import BIN, Pipe
from support.harness import APP_AUTH, USER_AUTH, make_dataset, tap_config

from bench.bound import least_seconds
from bench.measure import Figure, single
from bench.processes import CommandError, run
from sandbox import running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.workshop import Workshop
    from sandbox import Sandbox

IDS_PER_REQUEST: Final = 100
LATENCY_MS: Final = 200.0
MANY_AT_A_TIME: Final = 8
WITHOUT_LIMITS: Final = 100_000.0
"""A factor on X's allowances."""


@dataclass(frozen=True)
class Costs:
    """What a pass and its repetition cost, and the least that X's rules let it cost."""

    requests: int
    least_requests: int
    objects: int
    least_objects: int
    again_requests: int
    again_objects: int


def requests_excess(shop: Workshop) -> Figure:
    """Requests of a pass over the least."""
    costs = _costs(shop)
    return single(costs.requests - costs.least_requests, requests=costs.requests)


def gross_excess(shop: Workshop) -> Figure:
    """Objects that a pass was given over the least."""
    costs = _costs(shop)
    return single(costs.objects - costs.least_objects, objects=costs.objects)


def rerun_objects(shop: Workshop) -> Figure:
    """Objects that a repetition was given."""
    costs = _costs(shop)
    return single(costs.again_objects, requests=costs.again_requests)


@cache
def _costs(shop: Workshop) -> Costs:
    """Two passes through both programs over users of whom X knows most."""
    with shop.scratch() as folder, running(limit_scale=WITHOUT_LIMITS) as sandbox:
        store = folder / "datasets"
        ids = sandbox.world.sample_ids(shop.scale.users)
        make_dataset(store, "people", {"user_id": ids})
        tap = tap_config(sandbox, store, refresh_after_days=1)
        target = {"store": str(store)}
        pipes = [Pipe(folder, tap, target, start=subprocess.Popen) for _ in range(2)]
        (requests, objects), (after, objects_after) = (_passed(pipe, sandbox) for pipe in pipes)
        known = sum(sandbox.world.status(user_id) == "found" for user_id in ids)
    return Costs(
        requests=requests,
        least_requests=_pages(len(ids)),
        objects=objects,
        least_objects=known,
        again_requests=after - requests,
        again_objects=objects_after - objects,
    )


def _passed(pipe: Pipe, sandbox: Sandbox) -> tuple[int, int]:
    """Run a pass; gives how many requests and objects there were so far."""
    exits = pipe.run()
    if exits != (0, 0):
        msg = f"tap-twitter and target-dataset ended with the exit codes {exits}"
        raise CommandError(msg)
    return len(sandbox.requests), sandbox.bill.total.gross_objects


def wall_vs_bound(shop: Workshop) -> Figure:
    """Time of a pass under limits and latency, over the least that they let it take.

    Raises:
        CommandError: The tap has asked for more than the limits allow, and was refused.
    """
    scale = shop.scale
    options: dict[str, Any] = {
        "window_seconds": scale.window_seconds,
        "limits": {"/2/users:app": scale.window_requests},
        "latency_ms": LATENCY_MS,
    }
    bound = least_seconds(
        _pages(scale.timed_users), scale.window_requests, scale.window_seconds, LATENCY_MS / 1000
    )
    with shop.scratch() as folder, running(**options) as sandbox:
        ids = sandbox.world.sample_ids(scale.timed_users)
        taken = run(_tap(folder, sandbox, pa.table({"user_id": ids}), APP_AUTH))
        _check_none_refused(sandbox)
        requests = len(sandbox.requests)
    return single(
        taken.seconds / bound,
        seconds=taken.seconds,
        bound_seconds=bound,
        requests=requests,
        window_requests=scale.window_requests,
        window_seconds=scale.window_seconds,
        latency_ms=LATENCY_MS,
        concurrency=1,
    )


def overlap(shop: Workshop) -> Figure:
    """How many times faster a pass within one window is where requests overlap.

    Raises:
        CommandError: A request was refused by a rate limit.
    """
    seconds = {concurrency: _timed(shop, concurrency) for concurrency in (1, MANY_AT_A_TIME)}
    return single(
        seconds[1] / seconds[MANY_AT_A_TIME],
        seconds=seconds[1],
        overlapping_seconds=seconds[MANY_AT_A_TIME],
        latency_ms=LATENCY_MS,
        concurrency=MANY_AT_A_TIME,
    )


def _timed(shop: Workshop, concurrency: int) -> float:
    """The seconds of a pass that X's own limits do not stop."""
    with shop.scratch() as folder, running(latency_ms=LATENCY_MS) as sandbox:
        people = pa.table({"user_id": sandbox.world.sample_ids(shop.scale.users)})
        command = _tap(folder, sandbox, people, concurrency=concurrency)
        taken = run(command)
        _check_none_refused(sandbox)
    return taken.seconds


def _check_none_refused(sandbox: Sandbox) -> None:
    refused = sum(entry.status == TOO_MANY_REQUESTS for entry in sandbox.requests)
    if refused:
        msg = f"{refused} requests were refused by a rate limit"
        raise CommandError(msg)


def state_bytes(shop: Workshop) -> Figure:
    """Size of the largest STATE of a pass over very many users."""
    count = shop.scale.many_users
    lines: Counter[bytes] = Counter()
    largest = 0

    def watch(line: bytes) -> None:
        nonlocal largest
        kind = line.split(b'"', 4)[3]
        lines[kind] += 1
        if kind == b"STATE":
            largest = max(largest, len(line.rstrip()))

    with shop.scratch() as folder, running(limit_scale=WITHOUT_LIMITS) as sandbox:
        numbers = pa.array(range(10**17 + 1, 10**17 + count * 10**6, 10**6), pa.int64())
        people = pa.table({"user_id": numbers.cast(pa.string())})
        taken = run(_tap(folder, sandbox, people), watch=watch, weigh=True)
    if lines[b"RECORD"] != count:
        msg = f"The tap has written {lines[b'RECORD']} records instead of {count}"
        raise CommandError(msg)
    return single(largest, states=lines[b"STATE"], peak_mb=taken.peak_mb, seconds=taken.seconds)


def _tap(
    folder: Path,
    sandbox: Sandbox,
    people: pa.Table,
    auth: Mapping[str, str] = USER_AUTH,
    concurrency: int = 1,
) -> list[str | Path]:
    """The tap alone, over an input dataset."""
    store = folder / "datasets"
    make_dataset(store, "people", people)
    config = folder / "tap.json"
    settings = tap_config(sandbox, store, auth=auth)
    settings["api"]["concurrency"] = concurrency
    config.write_text(json.dumps(settings))
    return [BIN / "tap-twitter", "--config", config]


def _pages(users: int) -> int:
    return -(-users // IDS_PER_REQUEST)
