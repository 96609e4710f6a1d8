"""The catalog that a user gives, made to fit the streams as they are.

A catalog may be older than the tap, cut by hand, or without schemas. It says what is selected; what
identifies a row, and which columns there are, says the stream.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from singer_sdk.singerlib import Catalog, CatalogEntry, MetadataMapping, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable


def fitted(given: Catalog, own: Iterable[CatalogEntry]) -> Catalog:
    """The given catalog with the streams' own keys and all of their columns.

    A column that the catalog lacks is selected with its stream; one that the stream lacks is
    dropped; a stream that the catalog lacks is not selected.
    """
    return Catalog((entry.tap_stream_id, _fitted(given, entry)) for entry in own)


def _fitted(given: Catalog, own: CatalogEntry) -> CatalogEntry:
    entry = given.get_stream(own.tap_stream_id)
    if entry is None:
        own.metadata.root.selected = False
        return own
    return replace(own, schema=_schema(entry, own), metadata=_metadata(entry, own))


def _schema(given: CatalogEntry, own: CatalogEntry) -> Schema:
    """The stream's columns, described as the catalog describes them, but for the keys."""
    columns = own.schema.properties or {}
    described = given.schema.properties or {}
    keys = set(own.key_properties or ())
    properties = {
        name: column if name in keys else described.get(name, column)
        for name, column in columns.items()
    }
    return replace(own.schema, properties=properties)


def _metadata(given: CatalogEntry, own: CatalogEntry) -> MetadataMapping:
    """The catalog's selection, in which the keys are selected always; all without any metadata."""
    if not given.metadata:
        return own.metadata
    keys = {("properties", name) for name in own.key_properties or ()}
    said = MetadataMapping(
        (breadcrumb, metadata if breadcrumb in keys else given.metadata.get(breadcrumb, metadata))
        for breadcrumb, metadata in own.metadata.items()
    )
    root = given.metadata.root
    said[()] = replace(
        own.metadata.root,
        inclusion=root.inclusion,
        selected=root.selected,
        selected_by_default=root.selected_by_default,
    )
    return said
