"""`python -m contract`: holds what the tap asks and what the sandbox answers against X's specs."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from contract import differences
from contract.recordings import record
from contract.report import Report
from contract.runs import endpoints, log
from contract.spec import load


@click.command()
@click.option(
    "--specs",
    "folder",
    envvar="X_OPENAPI_DIR",
    show_envvar=True,
    type=click.Path(path_type=Path),
    help="Folder with X's openapi.json files, by any names that end in .json.",
)
@click.option(
    "--requests",
    "log_file",
    type=click.File(encoding="utf-8"),
    help="What GET /sandbox/requests of a sandbox gave, to be checked in place of runs of the tap.",
)
@click.option("--table", is_flag=True, help="Print the known differences as they are documented.")
def main(folder: Path | None, log_file: Any, *, table: bool) -> None:
    """Check what the tap asks, and every endpoint of the sandbox, against X's published specs."""
    if table:
        click.echo(differences.table())
        return
    if folder is None or not any(folder.glob("*.json")):
        click.echo(
            "Nothing was checked: X's specs are not here. Save https://api.x.com/2/openapi.json into "
            "a folder and name it by --specs or X_OPENAPI_DIR."
        )
        return
    report = Report()
    try:
        specs = load(folder)
        for spec in specs:
            endpoints(spec, report)
        log(specs, json.load(log_file) if log_file else _of_the_tap(), report)
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("\n".join(report.lines()))
    sys.exit(0 if report.is_clean else 1)


def _of_the_tap() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        return list(record(Path(folder)))


if __name__ == "__main__":
    main()
