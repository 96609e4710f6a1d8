"""SQL queries of users: which statements are queries, which datasets they mention, and error hints.

Engines differ (`delta/query.py`, `duckdb_queries.py`, `sail_queries.py`); names, rules and hints
are the same, except for the character that quotes a name.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from itertools import chain, count
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from dataset_store.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataset_store.base import DatasetInfo

_BETWEEN: Final = r"(?>\s|\(|--[^\n]*|/\*(?>.*?\*/))*+"
"""White space, comments and parentheses."""

_QUERY: Final = re.compile(
    rf"{_BETWEEN}(?:explain\b{_BETWEEN}(?:(?:analyze|verbose)\b{_BETWEEN})*+)?"
    r"(?:select|with|values|describe)\b",
    re.IGNORECASE | re.DOTALL,
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*")
_NO_TABLE: Final = re.compile(
    r"table '(?:\w+\.public\.)?(?P<name>[^']+)' not found|Table with name (?P<duckdb>.+?) does not"
    r"|Table or view not found: (?P<sail>.+)"
)
_NO_COLUMN: Final = re.compile(
    r"No field named (?P<quote>\"?)(?P<name>.+?)(?P=quote)\.(?:\s|$)"
    r"|Referenced column \"(?P<other>.+?)\" not found"
)
_NO_JSON: Final = re.compile(
    r"(?:invalid|table) function '\w*json|operator (?:->|#>|@>|<@|\?)|unsupported sql type json"
    r"|cannot access field at .* type utf8|unnest\(\) can only be applied",
    re.IGNORECASE,
)
"""What the engine inside deltalake says about the functions, operators and types of JSON."""

_JSON_HINT: Final = (
    "For JSON, use --engine duckdb, an extra: pip install 'opendataset-target-dataset[sql]'"
)


def check_query(sql: str) -> None:
    """Reject text that is not a query, before any engine sees it.

    Raises:
        DatasetError: The text does not begin like a query.
    """
    if not _QUERY.match(sql):
        message = (
            "SQL: it is not a query; start with SELECT, WITH, VALUES or DESCRIBE, or with EXPLAIN "
            "before one of them"
        )
        raise DatasetError(message)


def quoted(name: str, mark: str = '"') -> str:
    """A column or table name, quoted as an SQL identifier."""
    return mark + name.replace(mark, mark * 2) + mark


def mentioned(sql: str, infos: Sequence[DatasetInfo], mark: str = '"') -> Mapping[str, str]:
    """The datasets that a query may mention: GUIDs by the names of their tables.

    Each dataset is a table by its GUID, and by its name unless others share it. The engine handles
    upper and lower case.
    """
    names = Counter(info.name for info in infos)
    text = sql.casefold()
    return {
        called: info.id
        for info in infos
        for called in (info.id, info.name)
        if quoted(called, mark)[1:-1].casefold() in text
        and (called == info.id or names[called] == 1)
    }


def distinct(schema: pa.Schema) -> pa.Schema:
    """The columns of a result under unique names; repeated ones get `_2`, `_3`, and so on."""
    taken: set[str] = set()
    fields = []
    for field in schema:
        suffixed = (f"{field.name}_{number}" for number in count(2))
        free = next(name for name in chain([field.name], suffixed) if name not in taken)
        taken.add(free)
        fields.append(field.with_name(free))
    return pa.schema(fields)


def refusal(said: str, sql: str, names: Iterable[str], mark: str = '"') -> DatasetError:
    """The engine's message about a query, on one line, with a hint.

    Args:
        said: The engine's message. It may contain parts of the query, never values of rows.
        sql: The query.
        names: The names of all datasets.
        mark: The character that quotes a name.
    """
    said = " ".join(said.split())
    said = re.sub(r"\bdatafusion\.public\.", "", said)
    said = re.sub(r" or disable the datafusion\.\S+ configuration", "", said)
    found = _hint(said, sql, list(names), mark)
    end = "" if said.endswith((".", "?", "!")) else "."
    return DatasetError(f"SQL: {said}{end} {found}" if found else f"SQL: {said}")


def _hint(said: str, sql: str, names: Sequence[str], mark: str) -> str | None:
    unquoted = _unquoted(sql, names, mark)
    if unquoted:
        return (
            f"Write the dataset as {quoted(unquoted, mark)}, and put the query in single quotes "
            "for the shell"
        )
    if table := _NO_TABLE.search(said):
        return _table_hint(next(filter(None, table.groups())), names, mark)
    column = _NO_COLUMN.search(said)
    text = (column["name"] or column["other"]) if column else None
    if text and quoted(text) in sql:
        return f"If {text!r} is text, put it in single quotes"
    if _NO_JSON.search(said):
        return _JSON_HINT
    return None


def _unquoted(sql: str, names: Iterable[str], mark: str) -> str | None:
    """The longest name of a dataset that needs quotes but occurs in the query without them."""
    found = [
        name
        for name in names
        if not _IDENTIFIER.fullmatch(name)
        and re.search(
            rf"(?<![\w{mark}'])" + re.escape(name) + rf"(?![\w{mark}'])", sql, re.IGNORECASE
        )
    ]
    return max(found, key=len, default=None)


def _table_hint(name: str, names: Sequence[str], mark: str) -> str:
    if names.count(name) > 1:
        example = quoted("GUID", mark)
        return f"{names.count(name)} datasets have this name; use their GUIDs, as {example}"
    folded = {each.casefold(): each for each in names}
    close = get_close_matches(name.casefold(), folded)
    if close:
        return f"Did you mean {quoted(folded[close[0]], mark)}?"
    return "`dataset list` shows the datasets"
