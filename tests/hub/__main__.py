"""`python -m hub`: holds the plugin definitions against Meltano Hub's schemas."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
import yaml

from hub.definitions import faults
from hub.schemas import Schemas

PLUGINS: Final = Path(__file__).parents[2] / "plugins"


@click.command()
@click.option(
    "--schemas",
    "folder",
    envvar="HUB_SCHEMAS_DIR",
    show_envvar=True,
    type=click.Path(path_type=Path),
    help="The folder `schemas` of the Hub's repository.",
)
@click.option(
    "--plugins",
    type=click.Path(path_type=Path, exists=True),
    default=PLUGINS,
    help="The definitions, in folders by their kind, and their logos in `assets`.",
)
def main(folder: Path | None, plugins: Path) -> None:
    """Check each plugin definition against the Hub's schema of its kind."""
    if folder is None or not folder.is_dir():
        click.echo(
            "Nothing was checked: the Hub's schemas are not here. Name the folder `schemas` of the "
            "repository meltano/hub by --schemas or HUB_SCHEMAS_DIR."
        )
        return
    try:
        schemas = Schemas(folder)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    is_clean = True
    for path in sorted(plugins.glob("*/*.yml")):
        kind = path.parent.name
        if not schemas.has(kind):
            click.echo(f"{path.stem:<16} not checked: the folder has no schema of {kind}")
            continue
        definition = yaml.safe_load(path.read_text())
        found = [*schemas.faults(kind, definition), *faults(definition, plugins / "assets")]
        is_clean = is_clean and not found
        click.echo(f"{path.stem:<16} {'WRONG' if found else 'ok'}")
        for fault in found:
            click.echo(f"  {fault}")
    sys.exit(0 if is_clean else 1)


if __name__ == "__main__":
    main()
