"""The `store_options` of `domo://…`."""

from __future__ import annotations

from typing import Annotated

import msgspec

_Positive = msgspec.Meta(gt=0)
_Some = msgspec.Meta(ge=1)
_NotNegative = msgspec.Meta(ge=0)


class DomoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a Domo store; sizes and counts of parts follow Domo's *Stream API* guide."""

    client_id: Annotated[str, msgspec.Meta(min_length=1)]
    """The client's id (Domo: Admin > Authentication > API Clients)."""

    client_secret: Annotated[str, msgspec.Meta(min_length=1)]
    """The client's secret."""

    key_columns_property: str = "keyColumnNames"
    """The property for a new stream's key columns. Domo's reference and its SDKs differ; if Domo
    rejects this spelling, `keyColumnName` and `keyColumnNames` are tried."""

    part_rows: Annotated[int, _Some] = 50_000
    """The maximum number of rows in a part."""

    part_mb: Annotated[float, _Positive] = 20
    """The size at which a compressed part is complete."""

    upload_concurrency: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    """How many parts are uploaded at the same time."""

    timeout_seconds: Annotated[float, _Positive] = 120
    """How long Domo may be silent during a response."""

    poll_seconds: Annotated[float, _Positive] = 2
    """How long to wait before first checking a committed execution; later waits double, up to 30
    times this."""

    max_processing_seconds: Annotated[float, _Positive] = 3_600
    """How long Domo may take to process a commit."""

    max_wait_seconds: Annotated[float, _NotNegative] = 3_900
    """How long to wait for one of Domo's limits, in total: a little more than the hour in which
    Standard and Trial plans allow one commit."""

    stale_minutes: Annotated[float, _NotNegative] = 60
    """How long to leave an open execution of an unknown program alone."""

    state_dir: str | None = None
    """The folder for records of the executions that this machine's runs have open; None is
    `$XDG_STATE_HOME/dataset-store/domo`."""
