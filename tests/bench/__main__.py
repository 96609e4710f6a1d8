"""`python -m bench`: measures, and says whether every figure reaches what it must."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from bench import page, report
from bench.builds import compile_own
from bench.measures import MEASURES
from bench.processes import CommandError, UnavailableError
from bench.workshop import FULL, QUICK, Workshop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Measure

KEYS: Final = [measure.key for measure in MEASURES]
EXIT_UNMEASURED: Final = 2
TABLE_WIDTH: Final = 110
"""Columns, also where the output is no terminal."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(KEYS),
    metavar="KEY",
    help="Take this measure; may be repeated. The file keeps the figures of the others.",
)
@click.option("--quick", is_flag=True, help="Small inputs and few runs: nothing is judged.")
@click.option("--list", "lists", is_flag=True, help="Show the measures.")
def main(only: tuple[str, ...], *, quick: bool, lists: bool) -> None:
    """Measure, and write the figures to .bench/results.json and docs/benchmarks.md.

    With --quick, they are written to .bench/quick.json alone.

    Ends with 1 if a figure does not reach what it must, and with 2 if something could not be
    measured.
    """
    console = Console(width=max(TABLE_WIDTH, Console().width))
    chosen = [measure for measure in MEASURES if not only or measure.key in only]
    if lists:
        for measure in chosen:
            console.print(
                f"[bold]{measure.key}[/] {measure.must or ''} {measure.unit}: {measure.what}"
            )
        return
    try:
        entries = take(chosen, console, quick=quick)
    except CommandError as error:
        click.echo(error, err=True)
        sys.exit(EXIT_UNMEASURED)
    console.print(report.table(entries))
    sys.exit(report.missed(entries.values()))


def take(chosen: Sequence[Measure], console: Console, *, quick: bool) -> dict[str, dict[str, Any]]:
    """Take measures one after another; each figure is saved as soon as it is there."""
    path = report.QUICK_RESULTS if quick else report.RESULTS
    entries = {}
    compile_own()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        shop = Workshop(Path(folder), QUICK if quick else FULL)
        for measure in chosen:
            begun = time.monotonic()
            try:
                figure = measure.how(shop)
            except UnavailableError as error:
                console.print(f"{measure.key}: not measured, as {error}")
                continue
            entries[measure.key] = report.entry(measure, figure, quick=quick)
            everything = report.save(entries, path)
            if not quick:
                page.write({key: everything[key] for key in KEYS if key in everything})
            seconds = time.monotonic() - begun
            console.print(f"{measure.key}: {report.rounded(figure.value)} ({seconds:.0f} s)")
    return entries


if __name__ == "__main__":
    main()
