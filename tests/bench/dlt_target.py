"""dlt as a target: reads Singer messages and loads the records into a Delta table.

Run by the Python of dlt's own environment, with the folder of the table as argument; so it imports
nothing of this project.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.json import json
from dlt.destinations import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator


def records() -> Iterator[dict[str, Any]]:
    """The records of the standard input."""
    for line in sys.stdin.buffer:
        message = json.loadb(line)
        if message["type"] == "RECORD":
            yield message["record"]


def main(folder: str) -> None:
    """Append the records; nested values stay JSON, as in the other targets."""
    posts = dlt.resource(
        records,
        name="posts",
        write_disposition="append",
        table_format="delta",
        max_table_nesting=0,
    )
    pipeline = dlt.pipeline(
        "bench",
        destination=filesystem(bucket_url=folder),
        dataset_name="bench",
        pipelines_dir=f"{folder}/pipelines",
    )
    pipeline.run(posts, loader_file_format="parquet")


if __name__ == "__main__":
    main(sys.argv[1])
