"""Creation of a dataset together with the stream that writes to it: exactly once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dataset_store.domo.columns import schema_body
from dataset_store.domo.labels import Description
from dataset_store.domo.refusals import DomoRefusedError, UncertainError
from dataset_store.domo.stream import KEY_PROPERTIES
from dataset_store.domo.tries import Call
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from dataset_store.base import DatasetInfo, DatasetSpec
    from dataset_store.domo.client import DomoClient

logger = logging.getLogger(__name__)


class Creation:
    """Creates datasets.

    Args:
        client: Sends the requests.
        spelling: The property for key columns.
        named: Finds the datasets of a name.
    """

    def __init__(
        self, client: DomoClient, spelling: str, named: Callable[[str], Sequence[DatasetInfo]]
    ) -> None:
        self._client = client
        self._spelling = spelling
        self._named = named

    def create(self, spec: DatasetSpec, schema: pa.Schema, keys: Sequence[str]) -> str:
        """Create a dataset.

        Args:
            spec: Its name, description and labels.
            schema: Its columns, in Domo's types.
            keys: Its key columns; empty if rows are only appended.

        Returns:
            The GUID assigned by Domo.

        Raises:
            StoreError: Domo rejects the request, or does not confirm it.
        """
        described = str(Description(spec.description, spec.labels, keys))
        made = {"name": spec.name, "description": described, "schema": schema_body(schema)}
        body = {"dataSet": made, "updateMethod": "APPEND" if keys else "REPLACE"}
        before = {info.id for info in self._named(spec.name)}
        return self._created(body, keys, spec, before)

    def _created(
        self, body: Mapping[str, Any], keys: Sequence[str], spec: DatasetSpec, before: set[str]
    ) -> str:
        where = f"Dataset {spec.name!r}"
        first = self._spelling
        spellings = list(dict.fromkeys((first, *KEY_PROPERTIES))) if keys else [""]
        for last, spelling in enumerate(spellings, 1):
            keyed = {**body, spelling: list(keys)} if keys else body
            try:
                stream = self._client.json(
                    Call(where, "/v1/streams", "POST", json=keyed, repeats="never")
                )
            except UncertainError:
                return self._made_unseen(spec, before)
            except DomoRefusedError as error:
                if error.refusal.is_fault:
                    return self._made_unseen(spec, before)
                if last == len(spellings) or not error.refusal.mentions(spelling.lower()):
                    raise
                logger.info("%s: Domo rejects %r; trying the next spelling", where, spelling)
            else:
                return str(stream["dataSet"]["id"])
        raise AssertionError

    def _made_unseen(self, spec: DatasetSpec, before: set[str]) -> str:
        """The dataset that Domo created although its response was lost.

        Raises:
            StoreError: There is none; repeating the request blindly might create it twice.
        """
        for info in self._named(spec.name):
            if info.id not in before and dict(info.labels) == dict(spec.labels):
                return info.id
        message = f"Dataset {spec.name!r}: Domo did not respond to its creation; run again later"
        raise StoreError(message)
