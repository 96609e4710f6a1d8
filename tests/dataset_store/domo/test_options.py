"""The page about Domo lists every option of the store, with its default."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from dataset_store.domo import DomoOptions

PAGE = Path(__file__).parents[3] / "docs" / "domo.md"
REQUIRED = {"client_id", "client_secret"}


def test_the_page_lists_every_option() -> None:
    table = PAGE.read_text().partition("\n## Options\n")[2]
    rows = re.findall(r"^\| `([a-z_]+)` \| `([^`]+)` \|", table, re.MULTILINE)
    declared = {
        field.name: field.default
        for field in msgspec.structs.fields(DomoOptions)
        if field.name not in REQUIRED
    }
    declared["state_dir"] = "$XDG_STATE_HOME/dataset-store/domo"
    assert dict(rows) == {name: str(value) for name, value in declared.items()}
