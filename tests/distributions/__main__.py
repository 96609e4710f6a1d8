"""`python -m distributions`: builds what an index gets, and checks it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Final

import click

from distributions.building import build, check, try_out
from distributions.sources import FOLDERS, Repository

ROOT: Final = Path(__file__).parents[2]


@click.command()
@click.option("--repository", help="The address of the repository: https://github.com/OWNER/NAME.")
@click.option("--tag", help="The tag of the release. It has to be v and the version.")
@click.option("--into", type=click.Path(path_type=Path), default=ROOT / "dist")
def main(repository: str | None, tag: str | None, into: Path) -> None:
    """Build both distributions, check them, and start their commands in an empty environment."""
    if not repository or not repository.startswith("https://"):
        msg = "name the repository, to which links lead: make dist REPOSITORY=https://github.com/OWNER/NAME"
        raise click.UsageError(msg)
    source = Repository(ROOT, repository.rstrip("/"))
    if tag and (wrong := {source.version(folder) for folder in FOLDERS} - {tag.removeprefix("v")}):
        msg = f"the tag is {tag}, the version {', '.join(wrong)}; set it in pyproject.toml"
        raise click.UsageError(msg)
    into.mkdir(exist_ok=True)
    if left := sorted(path.name for path in into.iterdir()):
        msg = f"{into} is not empty: {', '.join(left)}; remove them"
        raise click.UsageError(msg)
    try:
        files = build(source, into)
        check(files)
        try_out([path for path in files if path.suffix == ".whl"], ROOT / "requirements/dev.txt")
    except subprocess.CalledProcessError as error:
        msg = f"{error}\n{error.stdout}\n{error.stderr}"
        raise click.ClickException(msg) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for path in files:
        click.echo(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


if __name__ == "__main__":
    main()
