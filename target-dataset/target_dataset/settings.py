"""The settings of the target; what the README and `--about` show comes from here."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th
from singer_sdk.helpers.capabilities import TargetLoadMethods

from target_dataset.line_buffer import DEFAULT_MAX_LINE_MB

NESTED: Final = ("json", "struct")
INVALID_DATES: Final = ("error", "null")
TYPE_CONFLICTS: Final = ("error", "text")

DATASET: Final = th.ObjectType(
    th.Property(
        "id",
        th.StringType,
        title="Dataset ID",
        description="An existing dataset that takes the rows: GUID, URL or name.",
    ),
    th.Property(
        "name",
        th.StringType,
        title="Dataset name",
        description="The dataset's name, used as it is; it is found again by it.",
    ),
    th.Property(
        "description",
        th.StringType,
        title="Dataset description",
        description="The description that a new dataset gets.",
    ),
    additional_properties=False,
)

SETTINGS: Final = th.PropertiesList(
    th.Property(
        "store",
        th.StringType(min_length=1),
        default="./datasets",
        title="Dataset store",
        description="Where the datasets live: a path such as ./datasets, or a URL.",
    ),
    th.Property(
        "store_options",
        th.ObjectType(additional_properties=True),
        default={},
        secret=True,
        title="Dataset store options",
        description="What the store needs to be opened. A local folder needs nothing and takes "
        "`compact_after_commits` (32; 0 = never), `checkpoint_after_commits` (100), "
        "`retain_hours` (24) and `private` (true, which makes a new store readable by its owner "
        "alone).",
    ),
    th.Property(
        "schema",
        th.StringType,
        title="Schema",
        description="A name put before the names of datasets: `<schema>.<stream>`.",
    ),
    th.Property(
        "datasets",
        th.ObjectType(additional_properties=DATASET),
        default={},
        title="Datasets",
        description="By stream: the dataset that takes its rows, or the name and description of "
        "the one that is made.",
    ),
    th.Property(
        "load_method",
        th.StringType,
        allowed_values=[method.value for method in TargetLoadMethods],
        title="Load method",
        description="`upsert` replaces rows by key and adds the others, `append-only` adds rows, "
        "`overwrite` replaces all rows at the end of the input. Unset: `upsert` for streams with "
        "keys, `append-only` for the others, which `upsert` cannot treat in any case.",
    ),
    th.Property(
        "overwrite_incremental",
        th.BooleanType,
        default=False,
        title="Overwrite with incremental streams",
        description="Whether `overwrite` may replace the rows of a dataset by those of an "
        "incremental stream, which brings only what is new since the last run; set it if each run "
        "is a full refresh.",
    ),
    th.Property(
        "overwrite_empty",
        th.BooleanType,
        default=False,
        title="Overwrite with nothing",
        description="Whether `overwrite` may empty a dataset if the input ends without a row for "
        "it; a tap that has failed looks the same.",
    ),
    th.Property(
        "batch_memory_mb",
        th.NumberType(exclusive_minimum=0),
        default=64,
        title="Batch memory (MB)",
        description="Once the records held back come to this much JSON, they are committed.",
    ),
    th.Property(
        "batch_size_rows",
        th.IntegerType(minimum=1),
        title="Batch size (rows)",
        description="Once a stream has this many records held back, all are committed. Unset: "
        "only memory and time decide.",
    ),
    th.Property(
        "idle_flush_seconds",
        th.NumberType(exclusive_minimum=0, maximum=86_400),
        default=10,
        title="Idle flush (seconds)",
        description="Once the input has been silent for so long, the records held back are "
        "committed; after a STATE, a twentieth of a second is enough. At most a day (86400).",
    ),
    th.Property(
        "batch_max_line_mb",
        th.NumberType(exclusive_minimum=0),
        default=DEFAULT_MAX_LINE_MB,
        title="Longest line (MB)",
        description="The longest line of the input and of files of BATCH messages, unzipped, and "
        "the largest row of Parquet as JSON; a longer one ends the run before it takes the memory. "
        "A page of a Parquet file may take eight times as much.",
    ),
    th.Property(
        "nested",
        th.StringType,
        allowed_values=list(NESTED),
        default="json",
        title="Nested values",
        description="How objects and arrays are stored: as JSON text, or as structs and lists "
        "where their shape is declared.",
    ),
    th.Property(
        "invalid_dates",
        th.StringType,
        allowed_values=list(INVALID_DATES),
        default="error",
        title="Invalid dates",
        description="What becomes of text that is no date, or outside of the years 1 to 9999, in "
        "a column of dates: the run ends with an error, or the value becomes null.",
    ),
    th.Property(
        "type_conflicts",
        th.StringType,
        allowed_values=list(TYPE_CONFLICTS),
        default="error",
        title="Type conflicts",
        description="What happens if the stored and the new type of a column contradict each "
        "other: the run ends with an error, or the column becomes text, stored rows included, and "
        "a warning says so.",
    ),
    th.Property(
        "validate_records",
        th.BooleanType,
        default=True,
        title="Validate records",
        description="Whether records are checked against the JSON schema of their stream. "
        "Unchecked, a record must still fit its columns.",
    ),
    th.Property(
        "add_record_metadata",
        th.BooleanType,
        default=False,
        title="Add record metadata",
        description="Whether to add the `_sdc_*` columns: when a record was extracted, received "
        "and batched, and in which run.",
    ),
    th.Property(
        "hard_delete",
        th.BooleanType,
        default=False,
        title="Hard delete",
        description="Whether ACTIVATE_VERSION removes the rows of older versions; else they get "
        "a time in `_sdc_deleted_at`. It needs `add_record_metadata`.",
    ),
)
