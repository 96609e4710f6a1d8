"""The user's catalog, adapted to the streams as they are.

A catalog may be older than the tap, shortened by hand, or without schemas. It decides what is
selected; the stream decides its keys and columns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib import Catalog, CatalogEntry, MetadataMapping, Schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def selecting(streams: Iterable[str]) -> dict[str, Any]:
    """A catalog that selects whole streams; `fitted` adds their keys and columns."""
    selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
    return {
        "streams": [
            {"tap_stream_id": name, "stream": name, "schema": {}, "metadata": selected}
            for name in streams
        ]
    }


def fitted(given: Catalog, own: Iterable[CatalogEntry], constants: Collection[str] = ()) -> Catalog:
    """The given catalog with the streams' own keys and all of their columns.

    A column that the catalog lacks is selected with its stream; one that the stream lacks is
    dropped; a stream that the catalog lacks is not selected.

    Args:
        given: The catalog.
        own: The streams as they are.
        constants: Columns whose values and types the settings define, whatever the catalog says.
    """
    return Catalog((entry.tap_stream_id, _fitted(given, entry, constants)) for entry in own)


def _fitted(given: Catalog, own: CatalogEntry, constants: Collection[str]) -> CatalogEntry:
    entry = given.get_stream(own.tap_stream_id)
    if entry is None:
        own.metadata.root.selected = False
        return own
    return replace(own, schema=_schema(entry, own, constants), metadata=_metadata(entry, own))


def _schema(given: CatalogEntry, own: CatalogEntry, constants: Collection[str]) -> Schema:
    """The stream's columns as the catalog describes them, except for keys and constants."""
    columns = own.schema.properties or {}
    described = given.schema.properties or {}
    fixed = {*(own.key_properties or ()), *constants}
    properties = {
        name: column if name in fixed else described.get(name, column)
        for name, column in columns.items()
    }
    return replace(own.schema, properties=properties)


def _metadata(given: CatalogEntry, own: CatalogEntry) -> MetadataMapping:
    """The catalog's selection, with keys always selected; everything if there is no metadata."""
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


def only_selected(catalog: Catalog) -> Catalog:
    """The streams that the catalog selects: only these need stream maps."""
    return Catalog(
        (entry.tap_stream_id, entry)
        for entry in catalog.streams
        if entry.metadata.resolve_selection()[()]
    )
