"""Output of the `dataset` command for people, as rich tables.

Values are printed literally: markup is not interpreted, and control characters are dropped, so that
a dataset cannot control the terminal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dataset_store.rows import plain_text, records
from dataset_store.schema import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dataset_store.base import DatasetInfo, Version
    from dataset_store.profile import ColumnProfile

_CELL_WIDTH: Final = 48
_RECORD_CELL_WIDTH: Final = 240
"""How much of a value is shown if columns stand below each other and values may wrap."""

_MIN_CUT_WIDTH: Final = 24
"""The minimum width of a column of prose; narrower, its rows would all look alike."""

_NAME_WIDTH: Final = 30
"""How much of a column's name is shown beside its values."""

_PROFILE_WIDTH: Final = 20
_ESTIMATED_DIGITS: Final = 2
_TITLE_WIDTH: Final = len("row 1,000")
_MIN_NAME_WIDTH: Final = 8
_PIPE_WIDTH: Final = 10_000
"""Wide enough for every listing: a pipe truncates nothing that fits a terminal."""
_PIPE_ROWS_WIDTH: Final = 120
"""Narrow enough to read: rows may have any number of columns."""
_GAP: Final = 3
"""The space between the columns of a table."""
_EDGES: Final = 2
"""The space left and right of a table, in total."""

_Row = Mapping[str, Text]


def console() -> Console:
    """Standard output: as wide as the terminal, or as the variable COLUMNS says.

    Without either, it is wide enough for any table.
    """
    found = Console(highlight=False)
    has_width = found.is_terminal or os.environ.get("COLUMNS", "").isdigit()
    return found if has_width else Console(highlight=False, width=_PIPE_WIDTH)


def of_datasets(infos: Iterable[DatasetInfo], target: Console) -> Table:
    """A table of datasets: GUIDs and row counts are complete, names are truncated if needed.

    The other columns are shown if the target is wide enough.
    """
    listed = [
        {
            "id": _cell(info.id),
            "rows": _cell(f"{info.rows:,}"),
            "name": _cell(info.name),
            "updated": _cell(_time(info.updated_at)),
            "version": _cell(info.version),
            "description": _cell(info.description),
        }
        for info in infos
    ]
    widths: dict[str, int] = {}
    left = target.width - _EDGES + _GAP
    for name in ("id", "rows", "name", "updated", "version", "description"):
        wanted = _natural_width(name, listed)
        if name == "name":
            wanted = min(wanted, max(left - _GAP, _MIN_NAME_WIDTH))
        if name in {"id", "rows", "name"} or wanted + _GAP <= left:
            widths[name] = wanted
            left -= wanted + _GAP
    return _table_of(widths, listed)


def of_dataset(info: DatasetInfo, newest_times: str) -> Table:
    """The metadata of one dataset, line by line; long values wrap."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    lines = {
        "name": info.name,
        "id": info.id,
        "description": info.description,
        "rows": f"{info.rows:,}",
        "keys": ", ".join(info.keys),
        "version": info.version,
        "created": _time(info.created_at),
        "updated": _time(info.updated_at),
        "newest": newest_times,
        "location": info.location,
    }
    for what, value in lines.items():
        if value:
            table.add_row(_cell(what), _cell(value))
    return table


def of_columns(
    schema: pa.Schema,
    keys: Sequence[str],
    profiles: Sequence[ColumnProfile] | None,
    target: Console,
) -> Table:
    """A table of columns with their types, and their profiles if there are any.

    If the target is narrow, types and values are truncated; numbers are complete.
    """
    listed: list[_Row] = [
        {
            "column": _value(field.name, _CELL_WIDTH),
            "type": _cell(type_name(field)),
            **({"key": _cell("key" if field.name in keys else "")} if keys else {}),
            **(_profile_cells(profiles[number]) if profiles else {}),
        }
        for number, field in enumerate(schema)
    ]
    names = list(listed[0]) if listed else ["column", "type"]
    widths = {name: _natural_width(name, listed) for name in names}
    excess = sum(widths.values()) - (target.width - _EDGES - _GAP * (len(names) - 1))
    # a time is still a day, a type still a type
    for part, least in (("type", 9), ("least", 10), ("most", 10), ("column", _MIN_NAME_WIDTH)):
        cut = max(min(excess, widths.get(part, 0) - least), 0)
        excess -= cut
        widths |= {part: widths[part] - cut} if cut else {}
    return _table_of(widths, listed)


def _profile_cells(found: ColumnProfile) -> _Row:
    distinct = f"{found.distinct:,}" if found.is_exact else f"~{_rounded(found.distinct):,}"
    return {
        "nulls": _cell(f"{found.nulls:,}"),
        "distinct": _cell(distinct),
        "least": _profile_value(found.least),
        "most": _profile_value(found.most),
    }


def _rounded(estimate: int) -> int:
    """An estimate to two digits: it has no more."""
    return round(estimate, _ESTIMATED_DIGITS - len(str(estimate)))


def _profile_value(value: Any) -> Text:
    return Text("") if value is None else _value(value, _PROFILE_WIDTH)


def newest(schema: pa.Schema, profiles: Sequence[ColumnProfile] | None) -> str:
    """The newest times of a dataset, each with its column."""
    return ", ".join(
        f"{plain_text(found.most)} ({field.name})"
        for field, found in zip(schema, profiles or (), strict=profiles is not None)
        if pa.types.is_temporal(field.type) and found.most is not None
    )


def of_versions(versions: Iterable[Version]) -> Table:
    """A table of commits."""
    table = _table(["version", "committed", "operation", "rows written"])
    for each in versions:
        rows = "" if each.rows_written is None else f"{each.rows_written:,}"
        cells = [each.version, _time(each.committed_at), each.operation.lower(), rows]
        table.add_row(*map(_cell, cells))
    return table


def of_rows(
    names: Sequence[str], batches: Iterable[pa.RecordBatch], target: Console
) -> Sequence[Table]:
    """Rows with all columns; long values are truncated.

    Args:
        names: The columns, the most important first.
        batches: The rows.
        target: The console to print to.

    Returns:
        One table if its columns fit beside each other, with prose truncated if needed. Otherwise,
        tables with columns below each other and rows side by side, as many as fit.
    """
    records_found = [record for batch in batches for record in records(batch)]
    width = (_PIPE_ROWS_WIDTH if target.width == _PIPE_WIDTH else target.width) - _EDGES
    rows = [{name: _value(row[name], _CELL_WIDTH) for name in names} for row in records_found]
    widths = _fitting(names, rows, width)
    if widths is not None:
        return [_table_of(widths, rows)]
    rows = [
        {name: _value(row[name], _RECORD_CELL_WIDTH) for name in names} for row in records_found
    ]
    return list(_record_tables(names, rows, width))


def _fitting(names: Sequence[str], rows: Sequence[_Row], width: int) -> dict[str, int] | None:
    """The width of each column, or None if they do not all fit."""
    widths = {name: _natural_width(name, rows) for name in names}
    # a truncated ID is useless
    prose = {name for name in names if any(_is_prose(row[name].plain) for row in rows)}
    cut = {name: min(widths[name], _MIN_CUT_WIDTH) for name in prose}
    room = width - _GAP * (len(names) - 1)
    if sum({**widths, **cut}.values()) > room:
        return None
    while sum(widths.values()) > room:
        widest = max(prose, key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _is_prose(text: str) -> bool:
    return " " in text or text.endswith("…")


def _record_tables(names: Sequence[str], rows: Sequence[_Row], width: int) -> Iterator[Table]:
    name_width = min(max(_cell(name).cell_len for name in names), _NAME_WIDTH)
    place = 1
    for group in _side_by_side(rows, max(width - name_width - _GAP, _MIN_CUT_WIDTH)):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("column", width=name_width, no_wrap=True, overflow="ellipsis")
        for number, (_, cell_width) in enumerate(group, place):
            table.add_column(f"row {number:,}", max_width=cell_width, overflow="fold")
        for name in names:
            table.add_row(_cell(name), *(row[name] for row, _ in group))
        yield table
        place += len(group)


def _side_by_side(rows: Iterable[_Row], room: int) -> Iterator[list[tuple[_Row, int]]]:
    """The rows in groups that fit beside each other, each row with its width."""
    group: list[tuple[_Row, int]] = []
    left = room
    for row in rows:
        natural = max(cell.cell_len for cell in row.values())
        wanted = max(min(natural, _CELL_WIDTH, room), _TITLE_WIDTH)
        if group and wanted > left:
            yield group
            group, left = [], room
        group.append((row, wanted))
        left -= wanted + _GAP
    if group:
        yield group


def _natural_width(name: str, rows: Iterable[_Row]) -> int:
    return max(text.cell_len for text in (_cell(name), *(row[name] for row in rows)))


def _table_of(widths: Mapping[str, int], rows: Iterable[_Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, width in widths.items():
        table.add_column(_cell(name), max_width=width, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*(row[name] for name in widths))
    return table


def _table(columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(_cell(name), overflow="ellipsis", no_wrap=True)
    return table


def _value(value: Any, limit: int) -> Text:
    if value is None:
        return Text("null", style="dim")
    text = " ".join(plain_text(value).split())
    return _cell(text if len(text) <= limit else f"{text[: limit - 1]}…")


def _cell(text: str) -> Text:
    return Text("".join(filter(str.isprintable, " ".join(text.split()))))


def plain(text: str) -> str:
    """Text without control characters, line by line."""
    return "\n".join("".join(filter(str.isprintable, line)) for line in text.splitlines())


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
