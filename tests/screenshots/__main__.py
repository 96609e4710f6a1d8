"""`python -m screenshots`: writes pictures of the pages that the project shows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from support.browsers import NoBrowserError, chromium

from screenshots import connect_pages, report_pages, shoot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GALLERIES: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = {
    "connect": connect_pages.pages,
    "report": report_pages.pages,
}
"""What can be pictured: by its name, a function that gives its pages as HTML by their names."""


@click.command()
@click.argument("galleries", nargs=-1, type=click.Choice(list(GALLERIES)))
@click.option(
    "--into",
    default=".screenshots",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the pictures.",
)
def main(galleries: tuple[str, ...], into: Path) -> None:
    """Write pictures of all pages, or of the GALLERIES named: three widths, light and dark."""
    try:
        with chromium() as browser, tempfile.TemporaryDirectory() as folder:
            for gallery in galleries or GALLERIES:
                for name, page in GALLERIES[gallery]().items():
                    file = Path(folder) / f"{name}.html"
                    file.write_text(page, "utf-8")
                    for path in shoot(file, into / gallery, name, browser):
                        click.echo(path)
    except NoBrowserError as error:
        msg = f"There is no browser: {error}."
        raise click.ClickException(msg) from None


if __name__ == "__main__":
    main()
