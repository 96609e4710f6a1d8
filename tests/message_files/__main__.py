"""`python -m message_files`: loads the files that others test their target with, and compares."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from message_files.expectations import DIFFERENT, EXPECTED, VARIANTS
from message_files.runs import run

WIDTH = 120
"""Columns, also where the output is no terminal."""


@click.command()
@click.option(
    "--folder",
    envvar="SINGER_FIXTURES_DIR",
    show_envvar=True,
    type=click.Path(path_type=Path),
    help="Folder of the files: target_postgres/tests/data_files of target-postgres.",
)
@click.option("--only", default="", help="Load the files alone whose name holds this.")
def main(folder: Path | None, only: str) -> None:
    """Load every file with the target's defaults and with `type_conflicts: text`, and compare.

    Ends with 1 if a file leads to something else than is known.
    """
    names = [name for name in EXPECTED if only in name]
    if folder is None or not (folder / f"{names[0]}.singer").exists():
        click.echo(
            "Nothing was loaded: the files are not here. `pip download --no-deps --no-binary :all: "
            "meltanolabs-target-postgres==0.8.1` gets them; name the folder "
            "target_postgres/tests/data_files of the unpacked archive by --folder or "
            "SINGER_FIXTURES_DIR."
        )
        return
    outcomes = {name: _loaded(folder, name) for name in names}
    console = Console(width=max(WIDTH, Console().width))
    console.print(_table(outcomes))
    for variant in VARIANTS:
        good = sum(not outcome[variant] for outcome in outcomes.values())
        console.print(f"{variant}: {good} of {len(outcomes)} as expected")
    differing = {
        (name, variant) for name in outcomes for variant in VARIANTS if outcomes[name][variant]
    }
    known = {(name, variant) for name, variant in DIFFERENT if name in outcomes}
    sys.exit(0 if differing == known else 1)


def _loaded(folder: Path, name: str) -> dict[str, list[str]]:
    """What is not as expected of a file, by variant."""
    found = {}
    for variant, settings in VARIANTS.items():
        with tempfile.TemporaryDirectory() as place:
            path = folder / f"{name}.singer"
            found[variant] = run(path, EXPECTED[name], settings, Path(place))
    return found


def _table(outcomes: dict[str, dict[str, list[str]]]) -> Table:
    shown = Table("file", "expected", *VARIANTS)
    for name, outcome in outcomes.items():
        expected = EXPECTED[name]
        rows = ", ".join(f"{count}" for count in expected.rows.values())
        shown.add_row(
            name,
            "refused" if expected.refused else f"{rows} rows",
            *("; ".join(outcome[variant]) or "as expected" for variant in VARIANTS),
        )
    return shown


if __name__ == "__main__":
    main()
