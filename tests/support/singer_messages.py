"""Singer messages for tests of the target, and what a run of it leaves behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataset_store import Dataset, DatasetStore, dataset_id

if TYPE_CHECKING:
    from collections.abc import Iterable

Message = dict[str, Any]
Rows = list[dict[str, Any]]


def schema(stream: str, properties: Message, keys: Iterable[str] = (), **more: Any) -> Message:
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object", "properties": properties, **more},
        "key_properties": list(keys),
    }


def record(stream: str, **values: Any) -> Message:
    return {"type": "RECORD", "stream": stream, "record": values}


def state(value: Any) -> Message:
    return {"type": "STATE", "value": value}


def lines(messages: Iterable[Message | str]) -> str:
    return "".join(
        f"{message if isinstance(message, str) else json.dumps(message)}\n" for message in messages
    )


def read(dataset: Dataset) -> Rows:
    return [row for batch in dataset.read() for row in batch.to_pylist()]


@dataclass
class Loaded:
    """What a run of the target left behind."""

    store: DatasetStore
    states: list[Any]

    def dataset(self, name: str) -> Dataset:
        found = self.store.find(dataset_id(name))
        assert found, f"no dataset {name}"
        return found

    def rows(self, name: str) -> Rows:
        return read(self.dataset(name))
