"""How much memory the tap needs where a server sends far more than an answer of X holds."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Final

from support.answering import writing
from support.commands import BIN
from support.harness import USER_AUTH, make_dataset

from bench.measure import Figure
from bench.processes import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.workshop import Workshop

    Write = Callable[[bytes], None]

PART: Final = b"a" * 1_000_000
HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
NOBODY: Final = (
    b'{"errors":[{"resource_id":"12","type":"https://api.x.com/2/problems/resource-not-found"}]}'
)


def peak_over_start(shop: Workshop) -> Figure:
    """Peak memory of a lookup whose answer is huge, less that of a lookup with a small answer."""
    size = shop.scale.large_answer_mb
    with shop.scratch() as folder:
        start = _peak(folder / "small", _whole(NOBODY))
        peaks = {
            name: _peak(folder / name, write, exits=1)
            for name, write in {
                "body": _pouring(size),
                "chunks": _chunks(size),
                "gzip": _whole(_packed(size), b"content-encoding: gzip\r\n"),
            }.items()
        }
    over = [peak - start for peak in peaks.values()]
    runs = [{"answer": name, "peak_mb": peak} for name, peak in peaks.items()]
    return Figure(max(over), min(over), max(over), runs, {"start_mb": start, "answer_mb": size})


def _peak(folder: Path, write: Callable[[Write], None], exits: int = 0) -> float:
    """The peak memory of a lookup of one user, in MB, against a server that answers by `write`."""
    store = folder / "datasets"
    make_dataset(store, "people", {"user_id": ["12"]})
    with writing(write) as (url, _):
        settings = {
            "auth": {"token_store": str(folder / "tokens.json"), **USER_AUTH},
            "api": {"base_url": url},
            "users_lookup": {"store": str(store), "input_dataset_id": "people"},
        }
        config = folder / "tap.json"
        config.write_text(json.dumps(settings))
        return run([BIN / "tap-twitter", "--config", config], exits=exits, weigh=True).peak_mb


def _whole(body: bytes, headers: bytes = b"") -> Callable[[Write], None]:
    head = HEAD + headers + b"content-length: %d\r\n\r\n" % len(body)
    return lambda out: out(head + body)


def _pouring(size: int) -> Callable[[Write], None]:
    def write(out: Write) -> None:
        out(HEAD + b"\r\n")
        for _ in range(size):
            out(PART)

    return write


def _chunks(size: int) -> Callable[[Write], None]:
    def write(out: Write) -> None:
        out(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        for _ in range(size):
            out(b"%x\r\n%s\r\n" % (len(PART), PART))
        out(b"0\r\n\r\n")

    return write


def _packed(size: int) -> bytes:
    """So many MB of JSON text, compressed."""
    parts = [b'{"data":[],"x":"', *[PART] * size, b'"}']
    packed = {part: gzip.compress(part, 1) for part in set(parts)}
    return b"".join(packed[part] for part in parts)
