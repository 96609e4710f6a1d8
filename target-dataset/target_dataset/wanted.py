"""The rows of a stream, and the dataset that they should go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from singer_sdk.helpers.capabilities import TargetLoadMethods

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one stream: columns and keys."""

    stream: str
    schema: pa.Schema
    keys: Sequence[str]
    """The columns that identify a row."""

    method: TargetLoadMethods = TargetLoadMethods.UPSERT
    """The load method."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The dataset that a stream's rows should go to."""

    name: str
    id: str
    """The GUID derived from its name or input."""

    labels: Mapping[str, str]
    """Labels in its metadata: the stream's name, the schema, and the input of a writeback."""

    default_id: str
    """The GUID that it has without any setting."""

    title: str
    """Its name, or only the beginning if it is named after an input, which may be renamed."""
