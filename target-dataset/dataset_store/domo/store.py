"""The datasets of one Domo instance that a client can access."""

from __future__ import annotations

import ipaddress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from dataset_store.base import Capabilities, DatasetInfo, DatasetSpec, DatasetStore
from dataset_store.columns import check_columns
from dataset_store.domo.client import DomoClient
from dataset_store.domo.columns import check_keys, stored_schema
from dataset_store.domo.creation import Creation
from dataset_store.domo.dataset import Connection, DomoDataset
from dataset_store.domo.information import info_of
from dataset_store.domo.journal import Claim, state_folder
from dataset_store.domo.labels import parsed
from dataset_store.domo.refusals import DomoNotFoundError
from dataset_store.domo.tries import Call
from dataset_store.errors import DatasetError, DatasetNotFoundError, StoreError
from dataset_store.identity import guid, guid_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dataset_store.domo.options import DomoOptions

_PAGE: Final = 50
COMMIT_INTERVAL_SECONDS: Final = 900
"""Domo's *Stream API* reference: one commit per 15 minutes, unless Support has lowered it."""

MAX_TEXT_LENGTH: Final = 1024
"""Domo's knowledge base: longer text is truncated, unless Support has raised the limit."""


class DomoStore(DatasetStore):
    """Datasets in Domo.

    Args:
        address: `domo://` and a host, with a port unless it is that of HTTPS. Only a host on
            this machine is contacted without encryption.
        options: Client id, secret and limits.

    Raises:
        StoreError: The address has no host.
    """

    capabilities = Capabilities(
        upsert=True,
        delete_rows=False,
        chosen_ids=False,
        change_types=False,
        typed_text=False,
        append_beside_keys=False,
        null_keys=False,
        fine_times=False,
        versions=False,
        concurrent_writers=False,
        sql=False,
        cheap_watch=False,
        commit_interval_seconds=COMMIT_INTERVAL_SECONDS,
        max_text_length=MAX_TEXT_LENGTH,
    )

    def __init__(self, address: str, options: DomoOptions) -> None:
        host = _host(address)
        scheme = "http" if _is_local(host) else "https"
        self._options = options
        self._address = f"domo://{host}"
        self._client = DomoClient(f"{scheme}://{host}", options)
        self._folder = state_folder(options.state_dir, host)
        self._claims: dict[str, Claim] = {}
        self._connection = Connection(self._client, options, self._address, self._claim)

    def _claim(self, dataset_id: str) -> Claim:
        if dataset_id not in self._claims:
            self._claims[dataset_id] = Claim(self._folder, dataset_id, self._options.stale_minutes)
        return self._claims[dataset_id]

    def close(self) -> None:
        """Release the claimed datasets."""
        for claim in self._claims.values():
            claim.release()
        self._claims.clear()

    def open(self, reference: str) -> DomoDataset:
        """Find a dataset by its GUID, by the URL of its page, or by its exact name.

        Raises:
            DatasetNotFoundError: There is no such dataset, or more than one of that name.
            StoreError: The client has no access to it.
        """
        wanted = guid_in(reference)
        if wanted:
            found = self.find(wanted)
            if found:
                return found
            if guid(reference.strip()):
                message = (
                    f"No dataset {wanted} in {self._address}, or the client's user has no access"
                )
                raise DatasetNotFoundError(message)
        return self._named(reference)

    def _named(self, name: str) -> DomoDataset:
        ids = [info.id for info in self.named(name)]
        if len(ids) == 1 and (found := self.find(ids[0])):
            return found
        if ids:
            message = (
                f"{len(ids)} datasets are named {name!r}; give one of their IDs: {', '.join(ids)}"
            )
            raise DatasetNotFoundError(message)
        close = get_close_matches(name, [info.name for info in self.search(name[:3])])
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        message = (
            f"No dataset {name!r} in {self._address}"
            f"{hint or '; list those that the client can access with `dataset list`'}"
        )
        raise DatasetNotFoundError(message)

    def find(self, dataset_id: str) -> DomoDataset | None:
        """The dataset of this GUID, or None.

        Raises:
            StoreError: The client has no access to it.
        """
        wanted = guid(dataset_id)
        if wanted is None:
            return None
        try:
            shown = self._client.json(Call(f"Dataset {wanted}", f"/v1/datasets/{wanted}"))
        except DomoNotFoundError:
            return None
        # a deleted dataset may still be shown in part
        if shown.get("deleted") or "schema" not in shown:
            return None
        return DomoDataset(self._connection, shown)

    def create(self, spec: DatasetSpec) -> DomoDataset:
        """Create an empty dataset together with the stream that writes to it.

        Domo assigns the GUID, and allows names to repeat.

        Raises:
            DatasetError: It has no name.
            SchemaConflictError: A column's name cannot be stored, or a key is not a column, or of
                a type other than text and integers.
            StoreError: Domo rejects the request.
        """
        if not spec.name.strip() or (spec.id and guid(spec.id) is None):
            message = f"Dataset {spec.name!r}: it needs a name; its ID, if given, must be a GUID"
            raise DatasetError(message)
        keys = spec.keys if spec.is_upserted else ()
        schema = stored_schema(spec.schema, keys)
        check_columns(spec.schema.names, f"Dataset {spec.name!r}")
        if keys:
            check_keys(schema, keys, f"Dataset {spec.name!r}")
        made = Creation(self._client, self._options.key_columns_property, self.named)
        dataset_id = made.create(spec, schema, keys)
        found = self.find(dataset_id)
        if found is None:
            message = f"Dataset {spec.name!r}: Domo does not show it yet ({dataset_id}); run again"
            raise StoreError(message)
        return found

    def list(self) -> Iterator[DatasetInfo]:
        """All datasets that the client can access, by name."""
        yield from sorted(self.search(""), key=lambda info: (info.name.casefold(), info.id))

    def search(self, text: str) -> Sequence[DatasetInfo]:
        """The datasets whose names contain a text, fifty per request."""
        found: list[DatasetInfo] = []
        while True:
            params: dict[str, str | int] = {
                "limit": _PAGE,
                "offset": len(found),
                "sort": "name",
                "nameLike": text,
            }
            page = self._client.json(Call("store", "/v1/datasets", params=params)) or []
            found += map(self._info, page)
            if not page:
                break
        return list({info.id: info for info in found}.values())

    def _info(self, shown: Mapping[str, Any]) -> DatasetInfo:
        keys = tuple(parsed(shown.get("description")).keys)
        return info_of(shown, keys, self._address)

    def check_writable(self) -> None:
        """Check that Domo accepts the client.

        Raises:
            StoreError: It does not, or cannot be reached.
        """
        self._client.check()

    def remove(self, dataset_id: str) -> None:
        """Delete a dataset.

        Raises:
            DatasetNotFoundError: It does not exist.
            StoreError: The client may not delete it.
        """
        found = self.find(dataset_id)
        if found is None:
            message = f"No dataset {dataset_id!r} in {self._address}"
            raise DatasetNotFoundError(message)
        self._client.json(Call(f"Dataset {found.id}", f"/v1/datasets/{found.id}", "DELETE"))


def _host(address: str) -> str:
    url = urlsplit(address)
    if not url.hostname or url.path.strip("/") or url.query or url.username:
        message = f"store: {address!r} is not an address of Domo; give domo://api.domo.com"
        raise StoreError(message)
    return url.netloc


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
