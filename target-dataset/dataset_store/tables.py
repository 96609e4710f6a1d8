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
from dataset_store.schema import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from dataset_store.base import DatasetInfo, Version

_CELL_WIDTH: Final = 48
_PIPE_WIDTH: Final = 10_000
"""Wide enough for every listing: in a pipe, nothing that fits a terminal has to be cut off."""
_PIPE_ROWS_WIDTH: Final = 120
"""Narrow enough to be read: rows may have any number of columns."""
_GAP: Final = 3
"""What a table puts between its columns."""
_EDGES: Final = 2
"""What it puts to their left and right, together."""


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


def of_versions(versions: Iterable[Version]) -> Table:
    """A listing of commits."""
    table = _table(["version", "committed", "operation", "rows written"])
    for each in versions:
        rows = "" if each.rows_written is None else f"{each.rows_written:,}"
        cells = [each.version, _time(each.committed_at), each.operation.lower(), rows]
        table.add_row(*map(_cell, cells))
    return table


def of_rows(
    names: Sequence[str], batches: Iterable[pa.RecordBatch], target: Console
) -> tuple[Table, int]:
    """Rows, long values cut off, with as many columns as are wide enough for.

    Args:
        names: The columns, the most important first.
        batches: The rows.
        target: Where they will be printed.

    Returns:
        The table, and how many columns it leaves out.
    """
    rows = [
        {name: _value(value) for name, value in record.items()}
        for batch in batches
        for record in records(batch)
    ]
    width = target.width if target.is_terminal else _PIPE_ROWS_WIDTH
    shown = list(_fitting(names, rows, width))
    table = _table(shown)
    for row in rows:
        table.add_row(*(row[name] for name in shown))
    return table, len(names) - len(shown)


def _fitting(names: Iterable[str], rows: Sequence[Mapping[str, Text]], width: int) -> Iterator[str]:
    """The first names whose columns fit; the first of all in any case."""
    left = width - _EDGES + _GAP
    for place, name in enumerate(names):
        left -= max(text.cell_len for text in (_cell(name), *(row[name] for row in rows))) + _GAP
        if left < 0 and place:
            return
        yield name


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
