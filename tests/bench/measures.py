"""All measures, in the order in which they are taken."""

from __future__ import annotations

from typing import Final

from bench import large_answers, lookups, streams, tap_pace, targets, wide
from bench.measure import Measure, Must

MEASURES: Final = (
    Measure(
        "lookup_requests_excess",
        "requests of a lookup of 20,000 users beyond one for every hundred",
        "requests",
        Must("=", 0),
        lookups.requests_excess,
    ),
    Measure(
        "lookup_gross_excess",
        "objects returned by that lookup beyond one for every user whom X knows",
        "objects",
        Must("=", 0),
        lookups.gross_excess,
    ),
    Measure(
        "lookup_rerun_objects",
        "objects returned by its repetition with refresh_after_days: 1",
        "objects",
        Must("=", 0),
        lookups.rerun_objects,
    ),
    Measure(
        "lookup_wall_vs_bound",
        "time of an app-only lookup of 90,000 users, 200 ms latency, 300 requests in 90 s, over the least",
        "times",
        Must("≤", 1.2),
        lookups.wall_vs_bound,
    ),
    Measure(
        "lookup_overlap",
        "how much faster a lookup of 20,000 users within one window is with 8 requests at a time, 200 ms latency",
        "times",
        Must("≥", 3),
        lookups.overlap,
    ),
    Measure(
        "state_bytes_1m_ids",
        "the largest STATE of a lookup of 1 M users",
        "bytes",
        Must("<", 10_000),
        lookups.state_bytes,
    ),
    Measure(
        "streams_gross_excess",
        "objects that X gives the streams of accounts over four days, beyond the least by its rules",
        "objects",
        Must("=", 0),
        streams.gross_excess,
    ),
    Measure(
        "tap_vs_default_sdk",
        "records/s from page to line, over a stream of the SDK with its defaults",
        "times",
        Must("≥", 3),
        tap_pace.tap_vs_default_sdk,
    ),
    Measure(
        "tap_mb_over_start_1gb",
        "peak memory of a lookup answered with 1 GB, over that of one with a small answer",
        "MB",
        Must("≤", 150),
        large_answers.peak_over_start,
    ),
    Measure(
        "target_append_vs_before",
        "records/s of appending 1 M posts, over an earlier build of this project",
        "times",
        Must("≥", 0.95),
        targets.append_vs_before,
    ),
    Measure(
        "target_append_vs_target_jsonl",
        "records/s of appending 1 M posts, over target-jsonl",
        "times",
        Must("≥", 8),
        targets.append_vs_target_jsonl,
    ),
    Measure(
        "target_append_vs_target_duckdb",
        "records/s of appending 1 M posts, over target-duckdb",
        "times",
        Must("≥", 5),
        targets.append_vs_target_duckdb,
    ),
    Measure(
        "target_upsert_vs_before",
        "records/s of upserting 100,000 posts, half known, into 1 M, over an earlier build of this project",
        "times",
        Must("≥", 0.95),
        targets.upsert_vs_before,
    ),
    Measure(
        "target_upsert_vs_target_duckdb",
        "records/s of upserting 100,000 posts, half known, into 1 M, over target-duckdb",
        "times",
        Must("≥", 3),
        targets.upsert_vs_target_duckdb,
    ),
    Measure(
        "target_wide",
        "CPU of upserting three rows into 2,000 columns, over that into 500",
        "times",
        Must("≤", 5),
        wide.per_commit,
    ),
    Measure(
        "target_peak_mb_append_1m",
        "peak memory of appending 1 M posts",
        "MB",
        Must("≤", 600),
        targets.peak_append,
    ),
    Measure(
        "target_peak_mb_append_5m",
        "peak memory of appending 5 M posts",
        "MB",
        Must("≤", 600),
        targets.peak_append_many,
    ),
    Measure(
        "target_peak_mb_upsert_100k",
        "peak memory of upserting 100,000 posts, half known, into 1 M",
        "MB",
        Must("≤", 1000),
        targets.peak_upsert_few,
    ),
    Measure(
        "target_peak_mb_upsert_1m",
        "peak memory of upserting 1 M posts, half known, into 1 M",
        "MB",
        Must("≤", 1000),
        targets.peak_upsert,
    ),
)
