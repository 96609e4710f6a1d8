"""What the rows of a stream look like, and the dataset that they are to go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from singer_sdk.helpers.capabilities import TargetLoadMethods

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of one stream look like."""

    stream: str
    schema: pa.Schema
    keys: Sequence[str]
    """The columns that identify a row."""

    method: TargetLoadMethods = TargetLoadMethods.UPSERT
    """How they are loaded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The dataset that rows go to."""

    name: str
    id: str
    """The GUID that follows from what it is."""

    labels: Mapping[str, str]
    """What its metadata say of the stream: its name, the schema, and the input of a writeback."""

    default_id: str
    """The GUID that it has without any setting."""

    title: str
    """How its name begins; all of it, unless it is called after an input, which may be renamed."""
