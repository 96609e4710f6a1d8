"""All datasets of a store in one DuckDB file, for dbt, BI tools and notebooks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dataset_store.duckdb_queries import Scan, connected
from dataset_store.errors import DatasetError
from dataset_store.new_files import new_database
from dataset_store.progress import untracked
from dataset_store.queries import quoted
from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from dataset_store.base import Dataset, DatasetInfo, DatasetStore
    from dataset_store.progress import Tracker

logger = logging.getLogger("dataset")

_STORAGE_VERSION: Final = "v1.0.0"
"""The oldest form of files: all releases of DuckDB since 1.0 read it, 1.5 not the one of 2.0."""

_DELETED_AT: Final = "_sdc_deleted_at"
_CURRENT: Final = "_current"
"""The ending of the view without the rows that are marked as deleted."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The content of a file.

    Attributes:
        tables: The names of the tables.
        views: The names of the views.
    """

    tables: Sequence[str]
    views: Sequence[str]


def export_to_duckdb(
    store: DatasetStore, file: Path, schema: str, tracker: Tracker | None = None
) -> Exported:
    """Write every dataset of a store as a table; the file appears once it is complete.

    A dataset with rows that are marked as deleted also has a view of the others.

    Args:
        store: The store.
        file: The file; an earlier one is replaced.
        schema: The schema of the tables. Datasets whose name begins with it and a dot are called by
            the rest.
        tracker: Gets the number of rows, and counts them.

    Raises:
        DatasetError: DuckDB is not installed or fails, a dataset cannot be read, or the place of
            the file is not one for a file.
    """
    if not schema.strip():
        message = "--schema is blank; give a name, such as twitter"
        raise DatasetError(message)
    if file.stem.casefold() == schema.casefold():
        message = (
            f"{file}: DuckDB names the database after the file, so the names of tables in schema "
            f"{schema!r} would be ambiguous; call the file or the schema something else"
        )
        raise DatasetError(message)
    with new_database(file) as part:
        connection = connected()
        connection.execute(
            f"attach {_text(str(part))} as output (storage_version {_text(_STORAGE_VERSION)})"
        )
        found = _File(connection, schema, tracker or untracked()).filled(store)
        connection.execute("checkpoint output")
        connection.close()
    return found


class _File:
    """An open file that gets tables.

    Args:
        connection: The connection to DuckDB, with the file as database `output`.
        schema: The schema of the tables.
        tracker: Counts the rows.
    """

    def __init__(self, connection: Any, schema: str, tracker: Tracker) -> None:
        self._connection = connection
        self._tracker = tracker
        self._prefix = f"{schema}."
        self._place = quoted(schema)
        self._taken: set[str] = set()

    def filled(self, store: DatasetStore) -> Exported:
        """Create a table for each dataset, and its view."""
        # a view that names the database would only work under that name
        self._connection.execute("use output")
        self._connection.execute(f"create schema if not exists {self._place}")
        listed = sorted(store.list(), key=self._rank)
        self._tracker.expect(sum(info.rows for info in listed), "rows")
        names = {info.id: self._free(self._name(info)) for info in listed}
        views = []
        for info in listed:
            dataset = store.open(info.id)
            self._create(dataset, info, names[info.id])
            if _DELETED_AT in dataset.schema.names:
                views.append(self._free(names[info.id] + _CURRENT))
                self._create_view(names[info.id], views[-1])
        return Exported(list(names.values()), views)

    def _rank(self, info: DatasetInfo) -> tuple[bool, str, str]:
        """The order in which datasets get their names: those of the schema come first."""
        return not info.name.startswith(self._prefix), info.name, info.id

    def _name(self, info: DatasetInfo) -> str:
        return info.name.removeprefix(self._prefix) or info.name

    def _free(self, name: str) -> str:
        """A name that no other table has; DuckDB ignores case."""
        tried, count = name, 1
        while tried.casefold() in self._taken:
            count += 1
            tried = f"{name}_{count}"
        self._taken.add(tried.casefold())
        return tried

    def _create(self, dataset: Dataset, info: DatasetInfo, name: str) -> None:
        table = f"{self._place}.{quoted(name)}"
        scan = Scan(dataset, self._tracker)
        self._connection.register("rows_of_dataset", scan)
        try:
            self._connection.execute(f"create table {table} as from rows_of_dataset")
        except Exception as error:  # noqa: BLE001 - inside a stream, DuckDB wraps any error
            raise scan.failure or self._failed(info, error) from None
        finally:
            self._connection.unregister("rows_of_dataset")
        for column in _json_columns(dataset.schema):
            self._type_json(table, column, info)
        if info.description:
            self._connection.execute(f"comment on table {table} is {_text(info.description)}")

    def _type_json(self, table: str, column: str, info: DatasetInfo) -> None:
        """Give a column the type JSON, unless one of its texts is none: that would be lost."""
        name = quoted(column)
        query = f"select coalesce(bool_and(json_valid({name})), true) from {table}"  # noqa: S608 - the names are quoted
        if self._connection.execute(query).fetchone()[0]:
            self._connection.execute(f"alter table {table} alter {name} type json")
        else:
            logger.warning(
                "Dataset %r (%s): column %r stays text, because some of its values are not JSON",
                info.name,
                info.id,
                column,
            )

    def _create_view(self, table: str, view: str) -> None:
        self._connection.execute(
            f"create view {self._place}.{quoted(view)} as "
            f"from {self._place}.{quoted(table)} where {_DELETED_AT} is null"
        )

    @staticmethod
    def _failed(info: DatasetInfo, error: Exception) -> DatasetError:
        kind = type(error).__name__
        return DatasetError(f"Dataset {info.name!r} ({info.id}): DuckDB cannot store it ({kind})")


def _json_columns(schema: pa.Schema) -> Iterator[str]:
    return (field.name for field in schema if is_json_text(field))


def _text(value: str) -> str:
    """A text as SQL."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
