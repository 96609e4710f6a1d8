"""What the `dataset` command shows to people, as rich tables.

Values are shown as they are: nothing in them is taken for markup, and control characters are
dropped, so that a dataset cannot write to the terminal what it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dataset_store.rows import records, to_json
from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from dataset_store.base import DatasetInfo, Version

_CELL_WIDTH: Final = 48
_PIPE_WIDTH: Final = 10_000
"""Wide enough for every table: in a pipe, nothing that fits a terminal has to be cut off."""


def console() -> Console:
    """The standard output, as wide as the terminal, or as any table where it is none."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def of_datasets(infos: Iterable[DatasetInfo]) -> Table:
    """A listing of datasets."""
    table = _table(["name", "id", "rows", "version", "updated", "description"])
    for info in infos:
        cells = [info.name, info.id, f"{info.rows:,}", info.version, _time(info.updated_at)]
        table.add_row(*map(_cell, [*cells, info.description]))
    return table


def of_columns(schema: pa.Schema, keys: Sequence[str]) -> Table:
    """A listing of columns with their types."""
    table = _table(["column", "type", "key"])
    for field in schema:
        cells = [field.name, type_name(field), "key" if field.name in keys else ""]
        table.add_row(*map(_cell, cells))
    return table


def type_name(field: pa.Field) -> str:
    """How a column's type is called."""
    return "json" if is_json_text(field) else str(field.type)


def of_versions(versions: Iterable[Version]) -> Table:
    """A listing of commits."""
    table = _table(["version", "committed", "operation", "rows written"])
    for each in versions:
        rows = "" if each.rows_written is None else f"{each.rows_written:,}"
        cells = [each.version, _time(each.committed_at), each.operation.lower(), rows]
        table.add_row(*map(_cell, cells))
    return table


def of_rows(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Table:
    """Rows, long values cut off."""
    table = _table(schema.names)
    for batch in batches:
        for record in records(batch):
            table.add_row(*map(_value, record.values()))
    return table


def _table(columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(_cell(name), overflow="ellipsis", no_wrap=True)
    return table


def _value(value: Any) -> Text:
    if value is None:
        return Text("null", style="dim")
    text = value if isinstance(value, str) else to_json(value).strip('"')
    return _cell(text if len(text) <= _CELL_WIDTH else f"{text[: _CELL_WIDTH - 1]}…")


def _cell(text: str) -> Text:
    return Text("".join(filter(str.isprintable, " ".join(text.split()))))


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
