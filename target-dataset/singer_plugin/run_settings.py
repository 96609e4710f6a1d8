"""Settings of both programs that are about a run's log and summary."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

SUMMARY_FILE: Final = th.Property(
    "summary_file",
    th.StringType,
    title="Summary file",
    description="A file for the summary at the end of a run, as JSON for programs. A file whose "
    "name ends in .jsonl gets one line per run; any other file is replaced. Only its owner can "
    "read it.",
)

LOG_METRICS: Final = th.Property(
    "log_metrics",
    th.CustomType({"type": ["boolean", "null"]}),
    default=False,
    title="Log metrics",
    description="Write METRIC lines into the log, for programs: counts and durations while a run "
    "is under way.",
)
