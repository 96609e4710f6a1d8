"""`python -m new_stream`: writes a stream, its endpoint and its tests, and registers it."""

from __future__ import annotations

import subprocess
import sys

import click

from new_stream.files import ROOT, UnfitError, written

STEPS = """
Next:
  1. Read {report} beside reports/mentions.py, and set what X documents, such as DEPTH.
  2. Complete docs/{name}.md, and add a line to CHANGELOG.md.
  3. Run: .venv/bin/python -m pytest {test}
  4. Keep the stream's states for later builds: PYTHONPATH=tests .venv/bin/python -m support.state_jobs {name}
"""


@click.command()
@click.option("--name", required=True, help="The name of the stream, such as mentions.")
@click.option(
    "--endpoint",
    required=True,
    help="X's path, such as /2/users/{id}/mentions; the sandbox has to know it.",
)
def main(name: str, endpoint: str) -> None:
    """Write a stream of the posts that X gives of an account, newest first."""
    try:
        texts = written(ROOT, name, endpoint)
    except UnfitError as error:
        raise click.ClickException(str(error)) from None
    for path, text in texts.items():
        path.write_text(text)
        click.echo(f"Wrote {path.relative_to(ROOT)}")
    code = [path for path in texts if path.suffix == ".py"]
    for command in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *code], check=True)
    subprocess.run([sys.executable, "-m", "about"], check=True)  # a process that knows the stream
    report, test = [path.relative_to(ROOT) for path in texts][:2]
    click.echo(STEPS.format(name=name, report=report, test=test))


if __name__ == "__main__":
    main()
