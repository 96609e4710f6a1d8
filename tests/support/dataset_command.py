"""The command `dataset` in this process; its store is `./datasets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from click.testing import CliRunner

from dataset_store import open_store
from dataset_store.cli import main
from dataset_store.schema import JSON_TEXT, TIMESTAMP

if TYPE_CHECKING:
    from click.testing import Result

IDS = "twitter_id,name\n0012345678901234567,Ann\n2244994945,Bob\n"
"""A CSV file of two ids."""

POSTS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("likes", pa.int64()),
        pa.field("rate", pa.float64()),
        pa.field("created_at", TIMESTAMP),
        pa.field("day", pa.date32()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
        pa.field("tags", pa.list_(pa.string())),
    ]
)


def dataset(*words: str, **options: Any) -> Result:
    """Run the command with these words."""
    return CliRunner().invoke(main, words, **options)


def succeeded(*words: str, **options: Any) -> str:
    """Run the command and give what it prints."""
    result = dataset(*words, **options)
    assert (result.exit_code, result.exception) == (0, None), result.output
    return result.stdout


def failed(*words: str, code: int = 1, **options: Any) -> str:
    """Run the command and give how it says that it fails."""
    result = dataset(*words, **options)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    return result.stderr


def rows(reference: str) -> list[dict[str, Any]]:
    """What a dataset of the store holds."""
    found = open_store("./datasets").open(reference)
    return [row for batch in found.read() for row in batch.to_pylist()]
