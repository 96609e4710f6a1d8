"""Stores in the sandbox's Domo, as tests open them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_store import open_store
from sandbox.domo.clients import CLIENT
from sandbox.domo.columns import Column
from sandbox.domo.csv_dialect import parse

if TYPE_CHECKING:
    from pathlib import Path

    from dataset_store import DatasetStore
    from sandbox import Sandbox
    from sandbox.domo.clients import DomoClient

QUICK = {"commit_interval_seconds": 0, "processing_polls": 0}
"""Switches of a Domo that takes commits at any time and is done with them at once."""


def domo_address(sandbox: Sandbox) -> str:
    """What users write into `store`."""
    return sandbox.url.replace("http://", "domo://")


def domo_options(folder: Path, client: DomoClient = CLIENT, **options: Any) -> dict[str, Any]:
    """What users write into `store_options`; polls are quick."""
    return {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "state_dir": str(folder / "domo"),
        "poll_seconds": 0.001,
        **options,
    }


def domo_store(
    sandbox: Sandbox, folder: Path, client: DomoClient = CLIENT, **options: Any
) -> DatasetStore:
    """A store in the sandbox's Domo."""
    return open_store(domo_address(sandbox), domo_options(folder, client, **options))


def rows_of(sandbox: Sandbox, guid: str) -> list[tuple[str | None, ...]]:
    """What the sandbox's Domo holds, in the order of their text."""
    sandbox.domo.settle()
    return sorted(sandbox.domo.datasets[guid].rows, key=repr)


def states(sandbox: Sandbox, stream: int = 1) -> list[str]:
    """How the executions of a stream stand."""
    return [each.state for each in sandbox.domo.streams[stream].executions]


def connected(sandbox: Sandbox, csv: str, **columns: Any) -> str:
    """The GUID of a dataset that a connector has made."""
    found = [Column(kind, name) for name, kind in columns.items()]
    rows = parse(csv.encode(), len(found))
    return sandbox.domo.add("connected", found, CLIENT, rows=rows, is_api_made=False).id
