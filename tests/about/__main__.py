"""`python -m about`: writes the settings and columns into every file that lists them."""

from __future__ import annotations

import click

from about.files import ROOT, written


@click.command()
def main() -> None:
    """Write the settings that --about describes where they are listed, and the columns of streams into the docs."""
    for path, text in written().items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            click.echo(f"Wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
