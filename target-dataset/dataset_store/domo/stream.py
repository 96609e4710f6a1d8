"""The stream that created a dataset: nothing else writes to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from dataset_store.domo.executions import Executions
from dataset_store.domo.refusals import DomoRefusedError
from dataset_store.domo.tries import Call
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_store.domo.client import DomoClient
    from dataset_store.domo.options import DomoOptions

logger = logging.getLogger(__name__)

KEY_PROPERTIES: Final = ("keyColumnNames", "keyColumnName")
"""The property for a stream's key columns, in Domo's reference and its SDKs."""


class MadeBy:
    """Domo's object of the stream, requested at first use.

    Args:
        client: Sends the requests.
        options: Concurrency and waits.
        dataset_id: The dataset.
    """

    def __init__(self, client: DomoClient, options: DomoOptions, dataset_id: str) -> None:
        self._client = client
        self._options = options
        self._dataset_id = dataset_id
        self._where = f"Dataset {dataset_id}"
        self._shown: Mapping[str, Any] | None = None

    def forget(self) -> None:
        """Request it again at the next use."""
        self._shown = None

    def shown(self) -> Mapping[str, Any] | None:
        """Domo's object; None if no stream created the dataset, or the client cannot see it."""
        if self._shown is None:
            try:
                self._shown = self._found() or {}
            except DomoRefusedError:
                self._shown = {}
        return self._shown or None

    def _found(self) -> Mapping[str, Any] | None:
        params = {"q": f"dataSource.id:{self._dataset_id}", "fields": "all"}
        found = self._client.json(Call(self._where, "/v1/streams/search", params=params)) or []
        for each in found:
            if str(each.get("dataSet", {}).get("id", "")).lower() == self._dataset_id:
                return each  # type: ignore[no-any-return]
        return None

    @property
    def keys(self) -> tuple[str, ...] | None:
        """The key columns; None if Domo does not show any."""
        stream = self.shown() or {}
        found = next((stream[name] for name in KEY_PROPERTIES if stream.get(name)), None)
        if found is None:
            return None
        return (found,) if isinstance(found, str) else tuple(map(str, found))

    def executions(self, name: str) -> Executions:
        """The stream's executions, used to write rows.

        Args:
            name: The name of the dataset, for the message.

        Raises:
            StoreError: No stream created the dataset.
        """
        stream = self.shown()
        if stream is None:
            message = (
                f"{self._where} ({name!r}) was not created by a stream of Domo's "
                "API, so no stream can write to it: omit its `id` in `datasets` to create a "
                "dataset for the rows, or name one that a stream created"
            )
            raise StoreError(message)
        return Executions(self._client, int(stream["id"]), self._options, self._where)
