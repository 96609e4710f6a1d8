"""`python -m screenshots`: writes pictures of the pages that the project shows."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from support.browsers import NoBrowserError, chromium

from screenshots import connect_pages, docs_assets, docs_pages, report_pages, shoot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager


@contextmanager
def _as_files(pages: Callable[[], Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Write pages that are given as HTML into files while the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        addresses = {}
        for name, page in pages().items():
            file = Path(folder) / f"{name}.html"
            file.write_text(page, "utf-8")
            addresses[name] = file.as_uri()
        yield addresses


GALLERIES: Final[Mapping[str, Callable[[], AbstractContextManager[Mapping[str, str]]]]] = {
    "connect": partial(_as_files, connect_pages.pages),
    "report": partial(_as_files, report_pages.pages),
    "docs": docs_pages.served,
}
"""What can be pictured: by its name, what gives the addresses of its pages by their names."""


@click.command()
@click.argument("galleries", nargs=-1, type=click.Choice(list(GALLERIES)))
@click.option(
    "--into",
    default=".screenshots",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the pictures.",
)
@click.option("--assets", is_flag=True, help="Write the pictures in docs/assets instead.")
def main(galleries: tuple[str, ...], into: Path, *, assets: bool) -> None:
    """Write pictures of all pages, or of the GALLERIES named: three widths, light and dark."""
    try:
        with chromium() as browser:
            for path in docs_assets.write(browser) if assets else ():
                click.echo(path)
            for gallery in () if assets else galleries or GALLERIES:
                with GALLERIES[gallery]() as pages:
                    for name, address in pages.items():
                        for path in shoot(address, into / gallery, name, browser):
                            click.echo(path)
    except NoBrowserError as error:
        msg = f"There is no browser: {error}."
        raise click.ClickException(msg) from None


if __name__ == "__main__":
    main()
