"""A place with Delta Lake tables, each in a folder named by its GUID."""

from __future__ import annotations

import json
import logging
from difflib import get_close_matches
from typing import TYPE_CHECKING

from deltalake import CommitProperties, DeltaTable

from dataset_store.base import Capabilities, DatasetInfo, DatasetSpec, DatasetStore
from dataset_store.columns import check_columns
from dataset_store.delta.commits import has_mark, new_mark
from dataset_store.delta.dataset import KEYS_PROPERTY, LABELS_PROPERTY, DeltaDataset
from dataset_store.delta.failures import as_dataset_errors
from dataset_store.delta.keys import check_keys
from dataset_store.delta.memory import prefer_jemalloc
from dataset_store.delta.presence import (
    has_log,
    require_entries,
    require_store,
    require_table,
)
from dataset_store.delta.query import answer
from dataset_store.errors import (
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    StoreError,
)
from dataset_store.evolution import storable
from dataset_store.identity import dataset_id, guid, guid_in
from dataset_store.queries import mentioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from dataset_store.delta.location import Location, TableFolder
    from dataset_store.delta.upkeep import Upkeep

logger = logging.getLogger(__name__)


class DeltaStore(DatasetStore):
    """Datasets as Delta Lake tables.

    Name, description and keys are in each table's own metadata, so that no registry can become
    stale. The place is created with the first dataset.

    Args:
        root: Where the tables are.
        upkeep: When to maintain them.
    """

    capabilities = Capabilities(
        upsert=True,
        delete_rows=True,
        chosen_ids=True,
        change_types=True,
        typed_text=True,
        append_beside_keys=True,
        null_keys=True,
        fine_times=True,
        versions=True,
        concurrent_writers=True,
        sql=True,
        cheap_watch=True,
    )

    def __init__(self, root: Location, upkeep: Upkeep) -> None:
        self._root = root
        self._upkeep = upkeep
        self._has_root = False
        self._seen: set[str] = set()
        prefer_jemalloc()

    def open(self, reference: str) -> DeltaDataset:
        """Find a dataset by its GUID, by a URL that holds the GUID, or by its exact name.

        Raises:
            StoreError: The folder does not exist.
            DatasetNotFoundError: There is no such dataset, or more than one of that name.
            DatasetError: It is damaged, or its creation was interrupted.
        """
        self._check_root()
        wanted = guid_in(reference)
        found = self.find(wanted) if wanted else None
        if wanted and not found and self._has_folder(wanted):
            message = (
                f"Dataset {wanted} in {self._root}: its creation was interrupted; load its "
                "rows again to complete it"
            )
            raise DatasetError(message)
        return found or self._named(reference)

    def _named(self, name: str) -> DeltaDataset:
        ids = [info.id for info in self.named(name)]
        if len(ids) == 1 and (found := self.find(ids[0])):
            return found
        if ids:
            message = (
                f"{len(ids)} datasets are named {name!r}; give one of their IDs: {', '.join(ids)}"
            )
            raise DatasetNotFoundError(message)
        close = get_close_matches(name, [info.name for info in self.list()])
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        message = f"No dataset {name!r} in {self._root}{hint or '; list all with `dataset list`'}"
        raise DatasetNotFoundError(message)

    def find(self, dataset_id: str) -> DeltaDataset | None:
        """The dataset of this GUID, or None, also if the folder does not exist yet."""
        wanted = guid(dataset_id)
        if wanted is None or not self._holds(wanted):
            return None
        folder = self._root.folder(wanted)
        with as_dataset_errors(f"Dataset {wanted} in {self._root}"):
            try:
                table = folder.open()
            except Exception:
                require_entries(folder)
                raise
        return self._opened(folder, table)

    def _opened(self, folder: TableFolder, table: DeltaTable) -> DeltaDataset:
        self._seen.add(folder.name)
        return DeltaDataset(folder, table, self._upkeep)

    def _holds(self, dataset_id: str) -> bool:
        """Whether the table exists; an interrupted creation leaves a log without a commit."""
        with as_dataset_errors(f"Store {self._root}"):
            return has_log(self._root.folder(dataset_id))

    def _has_folder(self, dataset_id: str) -> bool:
        with as_dataset_errors(f"Store {self._root}"):
            return self._root.folder(dataset_id).is_of_table()

    def create(self, spec: DatasetSpec) -> DeltaDataset:
        """Create an empty table, in one atomic commit; of two concurrent processes, one succeeds.

        Raises:
            DatasetExistsError: Its GUID is taken.
            StoreError: The folder was removed since this object last saw it.
            DatasetError: The dataset was removed since this object opened it.
            SchemaConflictError: A column's name or type cannot be stored, or a key is not a column.
        """
        chosen = guid(spec.id) if spec.id else dataset_id(spec.name)
        if chosen is None or not spec.name.strip():
            message = f"Dataset {spec.name!r}: it needs a name; its ID, if given, must be a GUID"
            raise DatasetError(message)
        schema = storable(spec.schema)
        check_columns(schema.names, f"Dataset {spec.name!r}")
        if spec.keys:
            check_keys(schema, spec.keys, spec.name)
        if self.find(chosen):
            raise self._taken(chosen)
        folder = self._root.folder(chosen)
        if chosen in self._seen:
            require_table(folder, 0)
        with as_dataset_errors(f"Dataset {spec.name!r} in {self._root}"):
            self._make_folder()
            mark = new_mark() if folder.is_remote else None
            try:
                table = DeltaTable.create(
                    folder.address,
                    schema,
                    name=spec.name,
                    description=spec.description,
                    configuration={
                        KEYS_PROPERTY: json.dumps(spec.keys),
                        LABELS_PROPERTY: json.dumps(dict(spec.labels)),
                        **self._upkeep.table_properties,
                    },
                    raise_if_key_not_exists=False,
                    storage_options=folder.engine_options,
                    commit_properties=CommitProperties(custom_metadata=mark) if mark else None,
                )
            except Exception:
                if found := self.find(chosen):
                    if mark and has_mark(found.table, mark):
                        return found
                    raise self._taken(chosen) from None
                raise
        return self._opened(folder, table)

    def check_writable(self) -> None:
        """Make sure that the folder is writable, or can be created if it does not exist yet.

        Raises:
            StoreError: It is not.
        """
        with as_dataset_errors(f"Store {self._root}"):
            self._has_root = self._root.exists()
            self._root.check_writable()

    def _taken(self, dataset_id: str) -> DatasetExistsError:
        return DatasetExistsError(
            f"Dataset {dataset_id} already exists in {self._root}; open it instead"
        )

    def list(self) -> Iterator[DatasetInfo]:
        """All datasets, by name; unreadable ones are omitted with a warning in the log."""
        self._check_root()
        yield from sorted(self._infos(), key=lambda info: (info.name.casefold(), info.id))

    def named(self, name: str) -> Sequence[DatasetInfo]:
        """The datasets of exactly this name; empty if the folder does not exist yet."""
        return [info for info in self._infos() if info.name == name]

    def query(self, sql: str) -> pa.RecordBatchReader:
        """Run an SQL query; only the datasets that it mentions are opened for it.

        Raises:
            StoreError: The folder does not exist.
            DatasetError: The text is not a query, or the engine rejects it.
        """
        self._check_root()
        infos = list(self._infos())
        tables = {
            called: found.table
            for called, dataset_id in mentioned(sql, infos).items()
            if (found := self.find(dataset_id))
        }
        return answer(sql, tables, [info.name for info in infos])

    def _infos(self) -> Iterator[DatasetInfo]:
        with as_dataset_errors(f"Store {self._root}"):
            folders = sorted(name for name in self._root.names() if guid(name) == name)
        yield from filter(None, map(self._info, folders))

    def _info(self, dataset_id: str) -> DatasetInfo | None:
        try:
            found = self.find(dataset_id)
            return found.info() if found else None
        except DatasetError as error:
            logger.warning("omitted from the listing: %s", error)
            return None

    def remove(self, dataset_id: str) -> None:
        """Delete a table's folder, also a damaged or incomplete one.

        Raises:
            DatasetNotFoundError: It does not exist.
        """
        wanted = guid(dataset_id)
        if wanted is None or not self._has_folder(wanted):
            message = f"No dataset {dataset_id!r} in {self._root}"
            raise DatasetNotFoundError(message)
        with as_dataset_errors(f"Dataset {wanted} in {self._root}"):
            self._seen.discard(wanted)
            self._root.folder(wanted).remove()

    def _check_root(self) -> None:
        with as_dataset_errors(f"Store {self._root}"):
            exists = self._root.exists()
        if not exists:
            message = (
                f"store: {self._root} does not exist; create a store with `dataset import`, or fix "
                "the path"
            )
            raise StoreError(message)

    def _make_folder(self) -> None:
        if self._has_root:
            require_store(self._root)
        self._root.make()
        self._has_root = True
