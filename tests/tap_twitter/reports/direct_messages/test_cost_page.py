"""What the page about costs says of messages."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import ROOT
from support.inboxes import BOTH, SENT

if TYPE_CHECKING:
    from support.inboxes import Reader

SECTION = "### The 20 newest sent messages"


@pytest.mark.parametrize(
    ("at", "streams", "settings"),
    [(0, SENT, {"limit": 20}), (1, BOTH, {"limit": 20, "expand_users": True})],
    ids=["sent", "with-users"],
)
def test_the_bills_of_the_page_are_those_of_the_sandbox(
    reader: Reader,
    caplog: pytest.LogCaptureFixture,
    at: int,
    streams: str,
    settings: dict[str, Any],
) -> None:
    section = (ROOT / "docs/cost.md").read_text().partition(SECTION)[2].partition("\n## ")[0]
    bills = re.findall(r"^```text\n(stream .*?)\n```$", section, re.MULTILINE | re.DOTALL)
    assert len(bills) == 2
    with caplog.at_level(logging.INFO):
        reader.run(streams, direct_messages=settings)
    assert bills[at] in caplog.text
    assert len(reader.ids(SENT)) == 20
