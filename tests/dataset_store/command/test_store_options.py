"""The options of a store, which the command reads from a variable: errors name it."""

from __future__ import annotations

import pytest
from support.dataset_command import failed


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("", "DATASET_STORE_OPTIONS: Object missing required field `client_id`; this store accepts client_id"),
        ('{"client_id": 1}', "DATASET_STORE_OPTIONS: Expected `str`, got `int`"),
        ("{", "DATASET_STORE_OPTIONS: it is not a JSON object"),
    ],
    ids=["missing", "a number", "no JSON"],
)  # fmt: skip
def test_errors_name_the_variable(options: str, error: str) -> None:
    environment = {"DATASET_STORE_OPTIONS": options}
    assert failed("list", "--store=domo://127.0.0.1:9", env=environment).startswith(
        f"Error: {error}"
    )
