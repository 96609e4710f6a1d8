"""Decides whether this package or the engine writes the files of a table.

This package writes all datasets that it has created. Tables of other programs may require more of a
writer: partitions, constraints, generated columns. These are written through deltalake, which
supports some of it and rejects the rest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from dataset_store.errors import DatasetError

if TYPE_CHECKING:
    from deltalake import DeltaTable

_KNOWN_FEATURES: Final = frozenset(
    {
        "appendOnly",
        "changeDataFeed",
        "checkConstraints",
        "columnMapping",
        "generatedColumns",
        "identityColumns",
        "invariants",
        "timestampNtz",
    }
)
"""Features without requirements unless a property or a column names them."""

_LAST_PLAIN_WRITER: Final = 7


def has_plain_files(table: DeltaTable) -> bool:
    """Whether the table's files hold exactly its columns, with no rules except their types.

    See *Requirements for Writers* in Delta's protocol.
    """
    metadata, protocol = table.metadata(), table.protocol()
    properties = metadata.configuration
    features = {*(protocol.writer_features or ()), *(protocol.reader_features or ())}
    return (
        protocol.min_writer_version <= _LAST_PLAIN_WRITER
        and features <= _KNOWN_FEATURES
        and not metadata.partition_columns
        and not any(name.startswith("delta.constraints.") for name in properties)
        and properties.get("delta.columnMapping.mode", "none") == "none"
        and properties.get("delta.enableChangeDataFeed", "false") != "true"
        and not _columns_have_rules(table)
    )


def _columns_have_rules(table: DeltaTable) -> bool:
    schema = table.schema().to_json()
    return '"delta.' in schema and _has_rule(json.loads(schema))


def _has_rule(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_has_rule, node))
    if not isinstance(node, dict):
        return False
    rules = node.get("metadata")
    return (isinstance(rules, dict) and any(name.startswith("delta.") for name in rules)) or any(
        map(_has_rule, node.values())
    )


def check_may_change(table: DeltaTable, where: str) -> None:
    """Reject changes of rows in an append-only table.

    Args:
        table: The table.
        where: The table, as the beginning of a sentence.

    Raises:
        DatasetError: The table is append-only.
    """
    if table.metadata().configuration.get("delta.appendOnly", "false").lower() == "true":
        message = (
            f"{where}: its property delta.appendOnly forbids changes of stored rows; "
            "append to it, or unset the property"
        )
        raise DatasetError(message)
