"""The end of the demo: each stream with its rows, its cost and one sentence."""

from __future__ import annotations

import json
import re
import sys
import textwrap
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = Path(__file__).parents[1] / "docs" / "streams.md"
FIGURES = "{:26}{:>10}{:>10}{:>10}{:>12}"


def sentences() -> dict[str, str]:
    """What a row of each stream is, as the docs say."""
    found = re.findall(r"^\| \[`(\w+)`\]\([^)]*\) \| ([^|]*) \|", STREAMS.read_text(), re.MULTILINE)
    return {name: f"{text[:1].upper()}{text[1:]}.".replace("`", "") for name, text in found}


def lines(summaries: Path, url: str) -> Iterator[str]:
    """The streams of all runs, and the bill of the sandbox below the sum of theirs."""
    runs = [json.loads(line) for line in summaries.read_text().splitlines()]
    taps = [run for run in runs if run["program"] == "tap-twitter"]
    about = sentences()
    yield FIGURES.format("stream", "rows", "requests", "objects", "USD")
    for stream in (each for run in taps for each in run["streams"]):
        name, usd = stream["stream"], f"{stream['usd']:.3f}"
        numbers = [f"{stream[figure]:,}" for figure in ("rows", "requests", "objects")]
        yield FIGURES.format(name, *numbers, usd)
        yield textwrap.fill(about[name], 78, initial_indent="  ", subsequent_indent="  ")
    requests = sum(run["total"]["requests"] for run in taps)
    usd = sum(run["total"]["usd"] for run in taps)
    with urllib.request.urlopen(f"{url}/sandbox/bill") as answer:  # noqa: S310 - of the sandbox
        bill = json.load(answer)["total"]
    free = bill["net_usd"] - bill["gross_usd"]
    cheaper = bill["gross_usd"] - usd
    yield FIGURES.format("total", "", f"{requests:,}", "", f"{usd:.3f}")
    yield FIGURES.format("your own data, cheaper", "", "", "", f"{cheaper:.3f}")
    yield FIGURES.format("repeats of the day, free", "", "", "", f"{free:.3f}")
    yield FIGURES.format("X's bill", "", "", "", f"{bill['net_usd']:.3f}")


if __name__ == "__main__":
    click.echo("\n".join(lines(Path(sys.argv[1]), sys.argv[2])))
