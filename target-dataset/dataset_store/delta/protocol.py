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

VECTORS: Final = "deletionVectors"
"""The feature of tables with deletion vectors."""

_KNOWN_FEATURES: Final = frozenset(
    {
        "appendOnly",
        "changeDataFeed",
        "checkConstraints",
        "columnMapping",
        VECTORS,
        "generatedColumns",
        "identityColumns",
        "invariants",
        "timestampNtz",
        "variantType",
    }
)
"""Features without requirements unless a property or a column names them."""

_LAST_PLAIN_WRITER: Final = 7
_MAPPING_READER: Final = 2
_WITH_FEATURES: Final = {"minReaderVersion": 3, "minWriterVersion": 7}
_VECTORS_PROPERTY: Final = "delta.enableDeletionVectors"
_FEATURES_OF_WRITERS: Final = (
    (2, ("appendOnly", "invariants")),
    (3, ("checkConstraints",)),
    (4, ("changeDataFeed", "generatedColumns")),
    (5, ("columnMapping",)),
    (6, ("identityColumns",)),
)
"""The features of a writer version before 7, where they were not listed."""


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


def has_vectors(table: DeltaTable) -> bool:
    """Whether files of the table may have deletion vectors."""
    return VECTORS in (table.protocol().reader_features or ())


def upgrade(table: DeltaTable) -> list[dict[str, Any]]:
    """The actions that allow deletion vectors in a table; none if it allows them.

    deltalake 1.6 could enable them, too, but then also requires readers that know `variantType`.
    """
    protocol, metadata = table.protocol(), table.metadata()
    actions: list[dict[str, Any]] = []
    if not has_vectors(table):
        listed = set(protocol.writer_features or ())
        if protocol.writer_features is None:
            for version, features in _FEATURES_OF_WRITERS:
                listed |= set(features) if protocol.min_writer_version >= version else set()
        of_readers = set(protocol.reader_features or ())
        if protocol.reader_features is None and protocol.min_reader_version == _MAPPING_READER:
            of_readers.add("columnMapping")
        supported = {
            **_WITH_FEATURES,
            "readerFeatures": sorted({*of_readers, VECTORS}),
            "writerFeatures": sorted({*listed, *of_readers, VECTORS}),
        }
        actions.append({"protocol": supported})
    if metadata.configuration.get(_VECTORS_PROPERTY) != "true":
        described = {
            "id": str(metadata.id),
            "name": metadata.name,
            "description": metadata.description,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": table.schema().to_json(),
            "partitionColumns": [],
            "configuration": {**metadata.configuration, _VECTORS_PROPERTY: "true"},
            "createdTime": metadata.created_time,
        }
        actions.append({"metaData": described})
    return actions


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
