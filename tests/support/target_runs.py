"""Runs of the target, and how they end; with worker processes, in a process that has no threads."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import redirect_stdout
from multiprocessing import forkserver, get_context
from typing import TYPE_CHECKING, Any, Final

import pytest

from dataset_store import open_store
from support.singer_messages import read
from target_dataset import decode, held_records, input_source, worker, worker_process
from target_dataset.errors import InputError
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

CHUNK_ROWS: Final = 1
INPUT_BYTES: Final = 200
"""Small, so that few lines make several chunks."""

_clean: Final = get_context("forkserver")
_clean.set_forkserver_preload([__name__])


def outcome(texts: Sequence[str], config: dict[str, Any], fewest: int) -> tuple[Any, ...]:
    """How a run ends: its error, its STATE lines, and the datasets with their rows.

    Args:
        texts: The lines of the input.
        config: The settings.
        fewest: How many lines are decoded at once.
    """
    error = ""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as output,
    ):
        patch.setattr(decode, "FEWEST_AT_ONCE", fewest)
        patch.setattr(held_records, "_DECODED_AT_ONCE", CHUNK_ROWS)
        patch.setattr(input_source, "_CHUNK_BYTES", INPUT_BYTES)
        try:
            TargetDataset(config={"store": folder, "workers": 0, **config}).listen(
                io.StringIO("".join(f"{text}\n" for text in texts))
            )
        except InputError as found:
            error = f"{type(found).__name__}: {found}"
        store = open_store(folder)
        datasets = [store.open(info.id) for info in store.list()]
        stored = [
            (str(each.schema), sorted(map(repr, read(each))), each.version) for each in datasets
        ]
    return error, output.getvalue(), stored


def outcome_with_workers(
    texts: Sequence[str], config: dict[str, Any], fewest: int, slot_bytes: int = 1 << 12
) -> tuple[Any, ...]:
    """The same with a worker, whose room is too small for some chunks.

    Returns:
        The outcome, and how many chunks the worker has decoded.
    """
    given = {**config, "workers": 1}
    found: tuple[Any, ...] = in_clean_process(_counted, texts, given, fewest, slot_bytes)
    return found


def _counted(
    texts: Sequence[str], config: dict[str, Any], fewest: int, slot_bytes: int
) -> tuple[Any, ...]:
    received: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (worker, worker_process):
            patch.setattr(module, "SLOT_BYTES", slot_bytes)
        receive = worker.Worker.receive

        def counted(*arguments: Any) -> Any:
            rows = receive(*arguments)
            received.append(rows is not None)
            return rows

        patch.setattr(worker.Worker, "receive", counted)
        return outcome(texts, config, fewest), sum(received)


def in_clean_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a function in a process that has no threads, and so may fork."""
    # up to Python 3.13 the server does not take over where modules are found
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    receiver, sender = _clean.Pipe(duplex=False)
    process = _clean.Process(target=_send, args=(sender, function, arguments))
    process.start()
    sender.close()
    with receiver:
        try:
            return receiver.recv()
        finally:
            process.join()


def _send(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    sender.send(function(*arguments))
