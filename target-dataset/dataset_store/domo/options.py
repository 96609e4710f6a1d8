"""What `store_options` may hold for `domo://…`."""

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
    """How a new stream's key columns are spelled. Domo's reference and its SDKs differ; where Domo
    refuses this spelling, `keyColumnName` and `keyColumnNames` are tried."""

    part_rows: Annotated[int, _Some] = 50_000
    """The most rows of a part."""

    part_mb: Annotated[float, _Positive] = 20
    """The size at which a compressed part is complete."""

    upload_concurrency: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    """How many parts are uploaded at the same time."""

    timeout_seconds: Annotated[float, _Positive] = 120
    """How long Domo may be silent in the middle of an answer."""

    poll_seconds: Annotated[float, _Positive] = 2
    """How long to wait before the first look at a committed execution; later waits double, up to 30
    times this."""

    max_processing_seconds: Annotated[float, _Positive] = 3_600
    """How long Domo may take to process a commit."""

    max_wait_seconds: Annotated[float, _NotNegative] = 3_900
    """How long to wait for one of Domo's limits, in all: a little more than the hour in which
    Standard and Trial plans take one commit."""

    stale_minutes: Annotated[float, _NotNegative] = 60
    """How long an open execution of an unknown program is left alone."""

    state_dir: str | None = None
    """The folder that says which executions this machine's runs have open; None is
    `$XDG_STATE_HOME/dataset-store/domo`."""
