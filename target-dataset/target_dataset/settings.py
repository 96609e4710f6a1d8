"""The settings of the target; the source of the README's table and `--about`."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import TargetLoadMethods

from singer_plugin.run_settings import LOG_METRICS, SUMMARY_FILE
from target_dataset.line_buffer import DEFAULT_MAX_LINE_MB

NESTED: Final = ("json", "struct")
INVALID_DATES: Final = ("error", "null")
TYPE_CONFLICTS: Final = ("error", "text")

LONG_STRINGS: Final = ("warn", "truncate", "error")

WORKERS: Final = {
    "type": ["string", "integer", "null"],
    "pattern": "^(auto|[0-9]|[1-5][0-9]|6[0-4])$",
    "minimum": 0,
    "maximum": 64,
    "errorMessage": "must be auto, or a number from 0 to 64",
}

DATASET: Final = th.ObjectType(
    th.Property(
        "id",
        th.StringType,
        title="Dataset ID",
        description="An existing dataset for the rows: its GUID, URL or name.",
    ),
    th.Property(
        "name",
        th.StringType,
        title="Dataset name",
        description="The name of the dataset, used as it is. Later runs find the dataset by it.",
    ),
    th.Property(
        "description",
        th.StringType,
        title="Dataset description",
        description="The description of the dataset.",
    ),
    additional_properties=False,
)

SETTINGS: Final = th.PropertiesList(
    th.Property(
        "store",
        th.StringType(min_length=1),
        default="./datasets",
        title="Dataset store",
        description="Where the datasets live: a path such as ./datasets, s3://bucket/datasets, or "
        "domo://api.domo.com.",
    ),
    th.Property(
        "store_options",
        th.ObjectType(additional_properties=True),
        default={},
        secret=True,
        title="Dataset store options",
        description="Options of the store. A local folder requires none and accepts "
        "`compact_after_commits` (32; 0 = never), `checkpoint_after_commits` (100), "
        "`retain_hours` (24), `target_file_mb` (100), `private` (true, which makes a new store "
        "readable by its owner alone) and `deletion_vectors` (false). S3 also takes "
        "`endpoint`, `region`, `access_key_id`, `secret_access_key` and `profile`; Domo needs "
        "`client_id` and `client_secret`. Their pages in the docs list all options.",
    ),
    th.Property(
        "schema",
        th.StringType,
        title="Schema",
        description="A prefix for the names of datasets: `<schema>.<stream>`.",
    ),
    th.Property(
        "datasets",
        th.ObjectType(additional_properties=DATASET),
        default={},
        title="Datasets",
        description="For each stream, by its name: the existing dataset for its rows, or the name "
        "and description of the new one.",
    ),
    th.Property(
        "load_method",
        th.StringType,
        allowed_values=[method.value for method in TargetLoadMethods],
        title="Load method",
        description="`upsert` replaces rows by key and adds the others; `append-only` adds all "
        "rows; `overwrite` replaces all rows at the end of the input. Unset: `upsert` for streams "
        "with keys, `append-only` for the others. Streams without keys are appended with "
        "`upsert`, too.",
    ),
    th.Property(
        "overwrite_incremental",
        th.BooleanType,
        default=False,
        title="Overwrite with incremental streams",
        description="Let `overwrite` replace the rows of a dataset with those of an incremental "
        "stream, which reads only new rows since the last run. Set it if each run is a full "
        "refresh.",
    ),
    th.Property(
        "overwrite_empty",
        th.BooleanType,
        default=False,
        title="Overwrite with nothing",
        description="Let `overwrite` empty a dataset if the input ends without a row for it. A tap "
        "that failed looks the same.",
    ),
    th.Property(
        "batch_memory_mb",
        th.NumberType(exclusive_minimum=0),
        default=64,
        title="Batch memory (MB)",
        description="Commit when the buffered records reach this size, as JSON.",
    ),
    th.Property(
        "batch_size_rows",
        th.IntegerType(minimum=1),
        title="Batch size (rows)",
        description="Commit when one stream has this many buffered records. Unset: only memory and "
        "time decide.",
    ),
    th.Property(
        "idle_flush_seconds",
        th.NumberType(exclusive_minimum=0, maximum=86_400),
        default=10,
        title="Idle flush (seconds)",
        description="Commit the buffered records when the input has been silent for this long, or "
        "for a twentieth of a second after a STATE. At most a day (86400).",
    ),
    th.Property(
        "workers",
        th.CustomType(WORKERS),
        default="auto",
        title="Workers",
        description="How many processes decode records beside the main one: a number, or `auto`, "
        "which is none on one core, one on two, and two on more.",
    ),
    th.Property(
        "batch_max_line_mb",
        th.NumberType(exclusive_minimum=0),
        default=DEFAULT_MAX_LINE_MB,
        title="Longest line (MB)",
        description="The maximum size of a line of the input and of BATCH files, decompressed, "
        "and of a Parquet row as JSON. A longer one ends the run before it fills the memory. A "
        "page of a Parquet file may be eight times as large.",
    ),
    th.Property(
        "commit_interval",
        th.NumberType(minimum=0, maximum=86_400),
        title="Commit interval (seconds)",
        description="The minimum time between two commits of appended or upserted rows, for stores "
        "with a quota. Rows wait on disk, and their STATE waits with them. Unset: 900 for Domo, 0 "
        "(commit at once) for other stores.",
    ),
    th.Property(
        "max_string_length",
        th.IntegerType(minimum=1),
        title="Maximum text length",
        description="The number of characters above which `long_strings` applies to a text. Unset: "
        "1024 for Domo, which is its limit unless its Support has raised yours, and no limit for "
        "other stores.",
    ),
    th.Property(
        "long_strings",
        th.StringType,
        allowed_values=list(LONG_STRINGS),
        default="warn",
        title="Long texts",
        description="What to do with a text longer than `max_string_length`: warn (Domo then "
        "truncates it), truncate it, or end the run with an error before its batch is stored.",
    ),
    th.Property(
        "nested",
        th.StringType,
        allowed_values=list(NESTED),
        default="json",
        title="Nested values",
        description="How objects and arrays are stored: as JSON text, or as structs and lists if "
        "their shape is declared.",
    ),
    th.Property(
        "invalid_dates",
        th.StringType,
        allowed_values=list(INVALID_DATES),
        default="error",
        title="Invalid dates",
        description="What to do with text in a date column that is not a date, or outside the "
        "years 1 to 9999: end the run with an error, or store null.",
    ),
    th.Property(
        "type_conflicts",
        th.StringType,
        allowed_values=list(TYPE_CONFLICTS),
        default="error",
        title="Type conflicts",
        description="What to do if the stored and the new type of a column contradict each other: "
        "end the run with an error, or turn the column into text, stored rows included, with a "
        "warning.",
    ),
    th.Property(
        "validate_records",
        th.BooleanType,
        default=True,
        title="Validate records",
        description="Check records against the JSON schema of their stream. Unchecked records must "
        "still fit their columns.",
    ),
    th.Property(
        "add_record_metadata",
        th.BooleanType,
        default=False,
        title="Add record metadata",
        description="Add the `_sdc_*` columns: when a record was extracted, received and batched, "
        "and by which run.",
    ),
    th.Property(
        "hard_delete",
        th.BooleanType,
        default=False,
        title="Hard delete",
        description="Delete the rows of older versions at an ACTIVATE_VERSION. Otherwise they get "
        "a time in `_sdc_deleted_at`.",
    ),
    SUMMARY_FILE,
    LOG_METRICS,
)
