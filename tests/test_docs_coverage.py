"""The docs site has everything: pages in its navigation, streams, settings, fields of replaced systems, prices."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from about.plugins import leaves
from about.stream_pages import Reference
from support.runnable_docs import shell_blocks
from test_docs import SETTINGS, spans

from tap_twitter.cost.ledger import PRICES
from tap_twitter.tap import TapTwitter
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
STREAMS = Reference(ROOT).streams
COLUMNS = {column for stream in STREAMS.values() for column in stream.own_columns}

GUIDES: Final = {
    "from-domo-lookup": "users_lookup",
    "from-domo-messages": "direct_messages",
    "from-domo-engagement": "engagement",
    "from-forepaas": "insights",
}
"""By guide for a replaced system, the group of settings that its report has here."""

OURS_ALONE: Final = {
    "users_lookup.allow_rounded_ids",
    "users_lookup.store",
    "users_lookup.store_options",
    "engagement.lookback_days",
    "insights.include_replies",
    "insights.include_retweets",
    "insights.expand_originals",
}
"""Settings of reports that no replaced system has, and no guide needs to name."""

ACCESS: Final = {
    "consumer_key": "a",
    "consumer_secret": "a",
    "access_token": "1214820332314624000-a",
    "access_token_secret": "a",
}


def entries(nav: Any) -> Iterator[str]:
    """The pages of a navigation."""
    if isinstance(nav, str):
        yield nav
    else:
        for part in nav.values() if isinstance(nav, dict) else nav:
            yield from entries(part)


def test_every_page_is_in_the_navigation_once() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    pages = [str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")]
    assert sorted(entries(nav)) == sorted(pages)


def test_every_shell_block_is_run_or_says_why_not() -> None:
    found = list(shell_blocks(ROOT))
    assert [(block.page, block.line) for block in found if not block.is_marked] == []
    assert sum(block.is_runnable for block in found) > 15


def test_every_stream_has_a_row_a_section_and_a_box() -> None:
    overview = (DOCS / "streams.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)#(\w+)\) \|", overview, re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == sorted(STREAMS)
    diagrams = "".join(path.read_text() for path in (DOCS / "streams").glob("*.svg"))
    for name, page, anchor in rows:
        assert f"\n## {anchor}\n" in (DOCS / page).read_text(), name
        assert f">{name}</text>" in diagrams, name


@pytest.mark.parametrize(("page", "plugin"), [("tap", TapTwitter), ("target", TargetDataset)])
def test_every_setting_is_in_the_reference(page: str, plugin: Any) -> None:
    text = (DOCS / f"settings-{page}.md").read_text()
    listed = re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
    declared = dict(leaves(plugin.config_jsonschema["properties"]))
    assert len(declared) > 15
    assert set(declared) <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_name_what_there_is_and_all_of_the_report(guide: str) -> None:
    page = f"docs/{guide}.md"
    named = {
        span.partition(":")[0] for span in spans(page) if re.fullmatch(r"\w+(\.\w+)+(: .*)?", span)
    }
    assert {name for name in named if not name.endswith(".yml")} <= SETTINGS
    group = f"{GUIDES[guide]}."
    in_settings = {name for name in SETTINGS if name.startswith(group)} - OURS_ALONE
    assert in_settings <= named | set(re.findall(rf"{group}\w+", (ROOT / page).read_text()))


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_answer_for_schedule_retry_and_replace(guide: str) -> None:
    text = (DOCS / f"{guide}.md").read_text().lower()
    assert [word for word in ("schedule", "retry", "replace") if word not in text] == []


def test_columns_that_guides_name_exist() -> None:
    for guide in ("from-domo-messages", "from-forepaas"):
        table = re.search(
            r"^\| Column .*\n(\|.*\n)+", (DOCS / f"{guide}.md").read_text(), re.MULTILINE
        )
        assert table
        names = {
            name
            for row in table[0].splitlines()[2:]
            for name in re.findall(r"`([\w.]+)`", row.rpartition(" | ")[2])
        }
        assert len(names) > 8
        assert names <= COLUMNS | SETTINGS


def examples() -> list[tuple[str, str, list[str]]]:
    """The worked examples of the page about costs: a stream, settings, and figures."""
    table = (DOCS / "cost.md").read_text().partition("\n## Worked examples\n")[2]
    rows = re.findall(r"^\| `(\w+)` \| `(\{.*\})` \| (.*) \|$", table, re.MULTILINE)
    return [(stream, settings, figures.split(" | ")) for stream, settings, figures in rows]


def test_there_are_worked_examples() -> None:
    assert len(examples()) > 5


@pytest.mark.parametrize(("stream", "settings", "figures"), examples())
def test_worked_examples_are_what_the_plan_prints(
    stream: str, settings: str, figures: list[str]
) -> None:
    selected = {"breadcrumb": [], "metadata": {"selected": True}}
    catalog = {"streams": [{"tap_stream_id": stream, "schema": {}, "metadata": [selected]}]}
    config = {"auth": ACCESS, **json.loads(settings)}
    total = TapTwitter(config=config, catalog=catalog).plan().total
    assert [str(total.requests), str(total.objects), str(total.usd)] == figures


def test_prices_are_x_s() -> None:
    table = (DOCS / "cost.md").read_text().partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) \|$", table, re.MULTILINE))
    assert rows == {kind.value: str(usd) for kind, usd in PRICES.items()}
